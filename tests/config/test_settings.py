"""What follows from the settings: places, retention classes, logs."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.config import Settings, load_settings
from stillframe.errors import ConfigurationError
from tests.config.files import write


def test_without_a_file_every_setting_has_a_default(home: Path) -> None:
    """It starts as one command; the database then lives in the user's data folder."""
    settings = load_settings()
    assert settings.read_from is None
    assert settings.dashboard.dispatch_timeout_ms == 100
    assert settings.store_target == str(home.parent / "home" / ".local" / "share" / "stillframe" / "stillframe.db")


def test_retention_classes_always_hold_standard_and_release() -> None:
    """Further classes join the two that every installation has."""
    settings = Settings.model_validate({"retention": {"audit": 3650}})
    assert tuple(settings.retention_days) == ("standard", "release", "audit")


def test_release_evidence_and_logs_have_their_own_places_under_retention(home: Path) -> None:
    """`release` is for ever and cannot be shortened; each log has an age; `standard` may be said in either place."""
    write(home, '[retention]\nstandard = 30\n[retention.log]\naudit = "forever"\nverdicts = 7\n')
    settings = load_settings()
    assert settings.retention_days == {"standard": 30, "release": None}
    assert settings.log_days == {"deliveries": 400, "verdicts": 7, "attempts": 400, "audit": None}
    for text, words in (
        ("[retention]\nrelease = 30\n", "retention.release"),
        ("[retention.log]\nverdict = 7\n", "did you mean 'verdicts'"),
        ("[retention]\nbrief = 0\n", "retention.brief"),
    ):
        write(home, text)
        with pytest.raises(ConfigurationError, match=words):
            load_settings()

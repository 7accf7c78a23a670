"""Settings: where they are read from, what overrides what, and what a mistake is answered with."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.config import Settings, load_settings, os_user, process_name
from stillframe.errors import ConfigurationError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home and working directory."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


def write(folder: Path, text: str) -> Path:
    path = folder / "stillframe.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_every_setting_has_a_default(home: Path) -> None:
    """It starts as one command; the database then lives in the user's data folder."""
    settings = load_settings()
    assert settings.read_from is None
    assert settings.dashboard.dispatch_timeout_ms == 100
    assert settings.store_target == str(home.parent / "home" / ".local" / "share" / "stillframe" / "stillframe.db")


def test_the_working_directory_is_looked_at_before_the_users_folder(home: Path) -> None:
    """The nearer file counts, and relative paths start at it."""
    write(home, '[dashboard]\nsnapshot_db_path = "data/x.db"\n')
    far = home.parent / "home" / ".config" / "stillframe"
    far.mkdir(parents=True)
    write(far, '[dashboard]\nsnapshot_db_path = "far.db"\n')
    settings = load_settings()
    assert settings.store_target == str(home / "data" / "x.db")
    assert settings.secret_key_path == home / "data" / "secret.key"


def test_the_environment_overrides_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures stay figures, text stays text, and sections are joined by two underscores."""
    write(home, "[dashboard]\ndispatch_timeout_ms = 5\ndiff_top_n = 7\n")
    monkeypatch.setenv("STILLFRAME_DASHBOARD__DISPATCH_TIMEOUT_MS", "250")
    monkeypatch.setenv("STILLFRAME_WEBHOOK__ALLOW_PRIVATE_TARGETS", "true")
    monkeypatch.setenv("STILLFRAME_SERVER__PUBLIC_URL", "https://frames.example.org")
    settings = load_settings()
    assert settings.dashboard.dispatch_timeout_ms == 250
    assert settings.dashboard.diff_top_n == 7
    assert settings.webhook.allow_private_targets is True
    assert settings.server.public_url == "https://frames.example.org"


def test_a_connection_may_come_from_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A credential need not stand in a file."""
    monkeypatch.setenv("STILLFRAME_CONNECTIONS__WAREHOUSE__URL", "postgresql://u:secret@db/x")
    settings = load_settings()
    assert settings.connections["warehouse"].url.get_secret_value() == "postgresql://u:secret@db/x"
    assert "secret@" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[dashbord]\nx = 1\n", ["unknown key dashbord", "did you mean 'dashboard'"]),
        ("[dashboard]\ndispatch_timeout = 5\n", ["unknown key dashboard.dispatch_timeout", "dispatch_timeout_ms"]),
        ('[connections.w]\nurll = "x"\nurl = "y"\n', ["unknown key connections.w.urll", "did you mean 'url'"]),
        ("[dashboard]\ndispatch_timeout_ms = -1\n", ["dashboard.dispatch_timeout_ms", "greater than or equal to 0"]),
        ('[retention]\naudit = "sometimes"\n', ["retention.audit"]),
        ("[dashboard\n", ["is not TOML"]),
        ('[database]\nurl = "mysql://x"\n', ["database.url", "postgresql://"]),
        ('[server]\npublic_url = "frames.example.org"\n', ["server.public_url"]),
    ],
)
def test_a_mistake_is_named_with_its_key(home: Path, text: str, words: list[str]) -> None:
    """An unknown key is refused with the nearest one; a wrong value says what is allowed."""
    write(home, text)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert all(word in caught.value.message for word in words), caught.value.message


def test_an_unknown_key_in_the_environment_is_refused_too(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistyped variable must not be silence."""
    monkeypatch.setenv("STILLFRAME_DASHBOARD__DISPATCH_TIMEOUT", "5")
    with pytest.raises(ConfigurationError, match="dispatch_timeout_ms"):
        load_settings()


def test_a_named_file_that_is_absent_is_an_error(home: Path) -> None:
    """Whoever names a file means that file."""
    with pytest.raises(ConfigurationError, match=r"no configuration file at .*nowhere\.toml"):
        load_settings(home / "nowhere.toml")


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


def test_a_compliance_policy_is_checked_before_anything_is_scored_by_it(home: Path) -> None:
    """A weight is 0 or more and finite; a least score is one that a check can have; names are the checks' own."""
    write(home, '[compliance]\ndenied_licences = ["GPL-3.0-only"]\n[compliance.weights]\nBranch-Protection = 2\n')
    settings = load_settings()
    assert settings.compliance.denied_licences == ("GPL-3.0-only",)
    assert (settings.compliance.weights, settings.compliance.scorecard_minimum) == ({"Branch-Protection": 2.0}, 5.0)
    for text, words in (
        ("[compliance]\nscorecard_minimum = 11\n", "compliance.scorecard_minimum"),
        ("[compliance]\nlicence_weight = inf\n", "compliance.licence_weight"),
        ("[compliance.weights]\nFuzzing = nan\n", "compliance.weights.Fuzzing"),
        ("[compliance]\ndenied_licenses = []\n", "did you mean 'denied_licences'"),
        ("[score]\nstale_after_days = 0\n", "score.stale_after_days"),
    ):
        write(home, text)
        with pytest.raises(ConfigurationError, match=words):
            load_settings()


def test_the_process_has_a_name_of_its_own() -> None:
    """Leases and heartbeats tell processes apart by it."""
    assert process_name().rpartition(":")[2].isdigit()
    assert os_user()

"""Settings: where they are read from, what overrides what, and what a mistake is answered with."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.config import load_settings, os_user, process_name
from stillframe.errors import ConfigurationError
from tests.config.files import write


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


def test_the_process_has_a_name_of_its_own() -> None:
    """Leases and heartbeats tell processes apart by it."""
    assert process_name().rpartition(":")[2].isdigit()
    assert os_user()

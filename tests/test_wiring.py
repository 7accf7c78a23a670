"""From settings to services: what is made on first use, what is never made, and what is refused."""

from __future__ import annotations

import base64
import contextlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from stillframe.errors import ConfigurationError, StoreMissing
from stillframe.testing import WebhookReceiver
from stillframe.wiring import build_services, mail_server, new_id, new_token, now
from tests.stories.house import app_client, furnish, inhabit, settings_of

KEY = base64.b64encode(bytes(range(32))).decode()


def test_the_first_use_makes_a_database_and_a_key_for_its_owner_alone(tmp_path: Path) -> None:
    """Whoever reads the key opens every secret in the database."""
    settings = settings_of(tmp_path, "data/stillframe.db")
    build_services(settings, create=True).close()
    key = tmp_path / "data" / "secret.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "data" / "stillframe.db").exists()
    before = key.read_bytes()
    build_services(settings, create=False).close()
    assert key.read_bytes() == before


def test_a_command_that_only_looks_makes_nothing(tmp_path: Path) -> None:
    """It names the path it looked at, and leaves no folder and no key behind."""
    with pytest.raises(StoreMissing, match=r"data/stillframe\.db"):
        build_services(settings_of(tmp_path, "data/stillframe.db"), create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["not base64!", base64.b64encode(b"short").decode(), ""])
def test_a_key_that_is_none_is_refused_without_being_shown(tmp_path: Path, text: str) -> None:
    """The complaint names the file; the database is closed again, and its key file is as it was."""
    settings = settings_of(tmp_path, "stillframe.db")
    build_services(settings, create=True).close()
    (tmp_path / "secret.key").write_text(text, encoding="utf8")
    with pytest.raises(ConfigurationError, match=r"secret\.key") as refused:
        build_services(settings, create=False)
    assert not text or text not in str(refused.value)
    assert (tmp_path / "secret.key").read_text("utf8") == text
    assert not (tmp_path / "stillframe.db-wal").exists(), "the database was left open"


def test_another_key_opens_nothing_that_the_first_one_sealed(tmp_path: Path) -> None:
    """A key from the settings wins over the file, and a wrong one says what is wrong."""
    first = build_services(settings_of(tmp_path, "stillframe.db"), create=True)
    sealed = first.vault.seal("whsec_x", row_id="row")
    first.close()
    second = build_services(settings_of(tmp_path, "stillframe.db", secrets={"key": KEY}), create=False)
    with pytest.raises(ConfigurationError, match="key"):
        second.vault.open(sealed, row_id="row")
    assert second.receiver_key != first.receiver_key
    second.close()


def test_a_lease_is_short_whatever_a_send_may_take(tmp_path: Path) -> None:
    """It is renewed; what a killed process had claimed is sent again soon, and a stop waits for the longest send."""
    services = build_services(settings_of(tmp_path, "stillframe.db", webhook={"timeout_seconds": 60}), create=True)
    assert (services.limits.lease_seconds, services.limits.send_seconds) == (10, 60)
    services.close()


def test_settings_reach_the_flows(tmp_path: Path) -> None:
    """Limits, connections with their secrets out of sight, and which addresses may be sent to."""
    settings = settings_of(
        tmp_path,
        "stillframe.db",
        dashboard={"dispatch_timeout_ms": 7, "diff_top_n": 3, "snapshot_list_limit": 5},
        webhook={"ports": [8443]},
        connections={"api": {"url": "https://example.org", "headers": {"Authorization": "Bearer canary"}}},
        retention={"audit": 30},
    )
    services = build_services(settings, create=True)
    limits = services.limits
    assert (limits.dispatch_timeout_ms, limits.diff_top_n, limits.list_limit) == (7, 3, 5)
    assert limits.retention_classes == ("standard", "release", "audit")
    assert services.connections["api"].headers == {"Authorization": "Bearer canary"}
    assert "canary" not in repr(services)
    assert list(services.address_policy.ports) == [range(8443, 8444)]
    services.close()


def test_ids_sort_as_they_are_made_and_tokens_never_repeat() -> None:
    """Four threads at once; a token carries its prefix and 256 random bits."""
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda _: new_id(), range(1_000)))
    assert len(set(ids)) == 1_000
    one_by_one = [new_id() for _ in range(1_000)]
    assert one_by_one == sorted(one_by_one)
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {(token[:3], len(token)) for token in tokens} == {("sf_", 46)}
    assert now().tzinfo is not None


def test_a_key_that_went_missing_is_not_replaced_while_secrets_need_it(tmp_path: Path) -> None:
    """A new key would open none of them, and every webhook would fail without a word."""
    settings = settings_of(tmp_path, str(tmp_path / "x.db"))
    services, clock = furnish(settings)
    with app_client(services) as client:
        house = inhabit(settings, services, clock, client)
        with WebhookReceiver() as receiver:
            house.subscribe(house.board(), receiver, {"any_change": True})
    services.close()
    settings.secret_key_path.unlink()
    with pytest.raises(ConfigurationError, match="put the key back"):
        build_services(settings, create=False)
    assert not settings.secret_key_path.exists()


def test_a_licence_is_denied_by_any_of_its_spdx_names(tmp_path: Path) -> None:
    """`GPL-3.0` is an id of the list, and readers call it by its newer one: a policy that fails silently is none."""
    denied = {"denied_licences": ["GPL-3.0", "AGPL-3.0-only"]}
    services = build_services(settings_of(tmp_path, "stillframe.db", compliance=denied), create=True)
    assert services.formula({}).compliance.denied_licences == ("GPL-3.0-only", "AGPL-3.0-only")
    services.close()
    with pytest.raises(ConfigurationError, match="one licence"):
        build_services(settings_of(tmp_path, "b.db", compliance={"denied_licences": ["MIT OR Zlib"]}), create=True)


def test_profiles_of_the_operators_folder_can_be_named(tmp_path: Path) -> None:
    """A file that is no profile stops the start, before a gate is asked; so do two of one name."""
    folder = tmp_path / "gates"
    settings = settings_of(tmp_path, "stillframe.db", release={"profiles": "gates"})
    with pytest.raises(ConfigurationError, match="there is no folder"):
        build_services(settings, create=True)
    folder.mkdir()
    check = '[[check]]\nid = "a"\ntype = "custom"\nseverity = "blocker"\nfindings = "high"\nat_most = 0\n'
    (folder / "ours.toml").write_text(f'name = "ours"\n{check}', encoding="utf8")
    services = build_services(settings, create=True)
    assert [(found.name, found.source) for found in services.profiles.values()][-1] == ("ours", "ours.toml")
    services.close()
    for text, said in ((f'name = "ours"\n{check}', "already"), ("name = ", "not TOML"), ('name = "x"', "check")):
        (folder / "z.toml").write_text(text, encoding="utf8")
        with pytest.raises(ConfigurationError, match=said):
            build_services(settings, create=True)


def test_release_evidence_needs_a_retention_class_that_there_is(tmp_path: Path) -> None:
    """A gate that could keep nothing would find out only at a release."""
    dashboard = {"snapshot_release_retention_class": "relase"}
    with pytest.raises(ConfigurationError, match="did you mean 'release'"):
        build_services(settings_of(tmp_path, "stillframe.db", dashboard=dashboard), create=True)


def test_the_channels_of_the_configuration_can_be_sent_to(tmp_path: Path) -> None:
    """An Alertmanager is known by its scheme; its token shows nowhere; the groups reach the flows."""
    channels = {
        "ops": {"url": "http://127.0.0.1:9/am", "headers": {"Authorization": "Bearer canary"}, "groups": ["team"]},
        "chat": {"url": "json://127.0.0.1:9/canary"},
    }
    services = build_services(settings_of(tmp_path, "stillframe.db", channels=channels), create=True)
    assert "channel" in services.sendable
    assert services.channels == {"ops": frozenset({"team"}), "chat": frozenset()}
    assert "canary" not in repr(services)
    services.close()
    bare = build_services(settings_of(tmp_path, "b.db"), create=True)
    assert "channel" not in bare.sendable
    bare.close()


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ({"url": "slack://canary"}, r"channels\.ops\.url: Apprise cannot use"),
        ({"url": "http://"}, r"channels\.ops\.url: the http"),
        ({"url": "json://127.0.0.1", "headers": {"X": "canary"}}, r"channels\.ops\.headers: only an Alertmanager"),
    ],
)
def test_a_channel_that_cannot_work_stops_the_start(tmp_path: Path, channel: Any, said: str) -> None:
    """Before anything is promised by it; and the complaint repeats no credential."""
    with pytest.raises(ConfigurationError, match=said) as refused:
        build_services(settings_of(tmp_path, "stillframe.db", channels={"ops": channel}), create=True)
    assert "canary" not in str(refused.value)


def test_mail_is_sent_when_a_server_is_named(tmp_path: Path) -> None:
    """Then mail is one of the ways; without a host nothing of it is asked."""
    with contextlib.closing(build_services(settings_of(tmp_path, "stillframe.db"), create=True)) as without:
        assert "email" not in without.sendable
    smtp = {"host": "smtp.example.org", "sender": "Frames <frames@example.org>", "unknown_outcome": "hold"}
    settings = settings_of(tmp_path, "stillframe.db", smtp={**smtp, "username": "frames", "password": "canary-1"})
    server = mail_server(settings)
    assert server is not None
    assert (server.host, server.port, server.security) == ("smtp.example.org", 587, "starttls")
    assert "canary-1" not in repr(server)
    with contextlib.closing(build_services(settings, create=True)) as services:
        assert "email" in services.sendable
        assert services.hold_unknown == {"email"}
        assert services.limits.mail_sender == "Frames <frames@example.org>"
        assert services.limits.send_seconds >= settings.smtp.timeout_seconds


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "smtp.sender: with smtp.host, say from which address mail comes"),
        ({"sender": "Frames"}, "smtp.sender: this is not one mail address"),
        ({"sender": "größe@example.org"}, "smtp.sender: .*ASCII"),
        ({"sender": "a@example.org", "password": "canary-2"}, "smtp.password: say with which smtp.username"),
        ({"sender": "a@example.org", "username": "frames"}, "smtp.username: say with which smtp.password"),
    ],
)
def test_a_mail_server_that_is_told_by_half_stops_the_start(tmp_path: Path, more: dict[str, str], said: str) -> None:
    """Before anything is promised that could not be sent; and without a word of the password."""
    settings = settings_of(tmp_path, "stillframe.db", smtp={"host": "smtp.example.org", **more})
    with pytest.raises(ConfigurationError, match=said) as refusal:
        build_services(settings, create=True)
    assert "canary" not in str(refusal.value)

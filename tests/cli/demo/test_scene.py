"""The demo's scene: Alice, her persona, four rules, and a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.cli.demo.scene import PERSONA, WATCHES, ready
from stillframe.errors import InvalidInput
from stillframe.flows.identity import authenticate, list_personas
from stillframe.flows.subscriptions import list_subscriptions
from stillframe.testing import WebhookReceiver
from stillframe.wiring import build_services


def test_everything_stands_ready_before_the_first_day(tmp_path: Path, receiver: WebhookReceiver) -> None:
    """Alice owns all of it, and her token proves it."""
    with ready(tmp_path / "demo", receiver) as scene:
        found = list_subscriptions(scene.services, scene.alice, dashboard_ref=scene.dashboard_id)
        assert [one.threshold for one in found] == [watch.rule for watch in WATCHES]
        assert {one.owner_id for one in found} == {scene.alice.user_id}
        assert [persona.slug for persona in list_personas(scene.services, scene.alice)] == [PERSONA]
        assert authenticate(scene.services, scene.token).name == "alice"


def test_private_targets_are_allowed_in_the_demos_own_folder_only(tmp_path: Path, receiver: WebhookReceiver) -> None:
    """Its receiver is on this machine; nobody else's configuration is touched."""
    with ready(tmp_path / "demo", receiver) as scene:
        assert scene.settings.webhook.allow_private_targets
        assert scene.settings.read_from == tmp_path / "demo" / "stillframe.toml"
        assert Path(scene.settings.store_target).parent == tmp_path / "demo"


def test_a_folder_in_use_is_left_alone(tmp_path: Path, receiver: WebhookReceiver) -> None:
    """The demo never writes over somebody's own configuration."""
    (tmp_path / "stillframe.toml").write_text("mine", encoding="utf8")
    with pytest.raises(InvalidInput, match="not empty"), ready(tmp_path, receiver):
        raise AssertionError("the folder was taken")
    assert (tmp_path / "stillframe.toml").read_text(encoding="utf8") == "mine"


def test_what_the_demo_leaves_can_be_opened_again(tmp_path: Path, receiver: WebhookReceiver) -> None:
    """A folder that was named stays, and it is an installation like any other."""
    with ready(tmp_path / "demo", receiver) as scene:
        settings, token = scene.settings, scene.token
    services = build_services(settings, create=False)
    assert authenticate(services, token).name == "alice"
    services.close()

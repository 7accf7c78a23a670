"""A rule can be trusted over HTTP: tried on the past, asked why, tested, and its secret replaced without a gap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stillframe.flows.dispatch import deliver_due
from stillframe.testing import Answer, WebhookReceiver
from tests.api.cast import PUSHED_SPEC, RULE, House, open_house, push, swapped

BOARD = "/api/dashboard/pushed"
LISTED = f"{BOARD}/subscriptions"
SINCE = {"from": "2013-01-01T00:00:00Z", "to": None}


@pytest.fixture
def local(tmp_path: Path) -> Iterator[House]:
    """A door that may send to this machine, with a dashboard of two frames."""
    with open_house(tmp_path, settings="[webhook]\nallow_private_targets = true\n") as house:
        house.made("alice", "/api/dashboards", {"view_spec_json": PUSHED_SPEC})
        house.made("alice", f"{BOARD}/snapshot", push())
        yield house


def told(url: str, **change: Any) -> dict[str, Any]:
    return {"subscriber_kind": "webhook", "subscriber_id": url, "threshold_json": RULE, **change}


def test_what_a_subscription_would_have_told_is_asked_without_making_it(local: House) -> None:
    """The preview takes the very body that makes one, and afterwards there is none."""
    local.made("alice", f"{BOARD}/snapshot", push(swapped()))
    body = told("https://93.184.215.14/hook")
    found = local.ask("alice", "POST", f"{LISTED}/preview", json=body | {"last": 10}).json()
    assert found["notices"] == local.ask("alice", "POST", f"{LISTED}/preview", json=body | SINCE).json()["notices"]
    assert [line["kind"] for line in found["notices"]] == ["alert"]
    assert found["notices"][0]["reason"]["outcome"] == "true"
    assert local.ask("alice", "GET", LISTED).json()["items"] == []


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"last": 0}, "$.last"),
        ({"last": 5, "to": "2026-01-01T00:00:00Z"}, "$.last"),
        ({"from": "yesterday"}, "$.from"),
        ({"threshold_json": {"top_n_reorderin": 3}}, "$.threshold_json"),
        ({"pending_for": 0}, "$.pending_for"),
        ({"digest": "dayly"}, "$.digest"),
    ],
)
def test_a_preview_that_cannot_be_is_refused_at_its_member(local: House, more: dict[str, Any], path: str) -> None:
    """The same words as when the subscription is made."""
    refused = local.ask("alice", "POST", f"{LISTED}/preview", json=told("https://93.184.215.14/hook") | more)
    assert refused.status_code == 422
    assert any(fault["path"].startswith(path) for fault in refused.json()["errors"]), refused.text


def test_every_snapshot_since_says_why_it_was_told_or_not(local: House) -> None:
    """Newest first: held back, told, each with its sentence and its verdict."""
    with WebhookReceiver() as receiver:
        made = local.made("alice", LISTED, told(receiver.url(), cooldown_seconds=3_600))
        receiver.trust(made["secret"])
        for rows in (swapped(), None):
            local.made("alice", f"{BOARD}/snapshot", push(rows))
        found = local.ask("alice", "GET", f"{LISTED}/{made['id']}/evaluations").json()["items"]
        assert [(line["sequence"], line["outcome"], line["told"]) for line in found] == [
            (3, "true", None),
            (2, "true", "alert"),
        ]
        assert found[0]["suppressed"]["reason"] == "cooldown"
        assert found[1]["verdict"]["outcome"] == "true"
        assert len(receiver.wait_for(1)) == 1


def test_a_test_sends_the_real_last_change_and_says_that_it_is_one(local: House) -> None:
    """The receiver can verify it; nothing was promised by it."""
    local.made("alice", f"{BOARD}/snapshot", push(swapped()))
    with WebhookReceiver() as receiver:
        made = local.made("alice", LISTED, told(receiver.url()))
        receiver.trust(made["secret"])
        sent = local.ask("alice", "POST", f"{LISTED}/{made['id']}/test").json()
        assert (sent["outcome"], sent["status"]) == ("sent", 204)
        (received,) = receiver.wait_for(1)
        assert received.verified
        assert b'"test":true' in received.body
        assert local.ask("alice", "GET", f"{LISTED}/{made['id']}/deliveries").json()["items"] == []


def test_a_secret_is_replaced_and_both_sign_for_a_while(local: House) -> None:
    """A receiver that knows only one of the two still verifies."""
    with WebhookReceiver() as receiver:
        made = local.made("alice", LISTED, told(receiver.url()))
        path = f"{LISTED}/{made['id']}/secret"
        rotated = local.ask("alice", "POST", path, json={"overlap_seconds": 60})
        assert rotated.status_code == 201
        assert rotated.json()["secret"].startswith("whsec_")
        assert rotated.json()["secret"] != made["secret"]
        receiver.trust(made["secret"])
        local.made("alice", f"{BOARD}/snapshot", push(swapped()))
        (received,) = receiver.wait_for(1)
        assert received.verified
        assert len(received.headers["webhook-signature"].split()) == 2
        assert local.ask("alice", "POST", path, json={"overlap_seconds": -1}).status_code == 422


def test_a_receiver_that_is_gone_pauses_and_goes_on_in_one_action(local: House) -> None:
    """410: paused at once, the notice kept; resumed, it arrives under the same id."""
    with WebhookReceiver(Answer(status=410)) as receiver:
        made = local.made("alice", LISTED, told(receiver.url()))
        local.made("alice", f"{BOARD}/snapshot", push(swapped()))
        (gone,) = receiver.wait_for(1)
        assert local.services.notifier.drain(20)
        paused = local.ask("alice", "GET", f"{LISTED}/{made['id']}").json()
        assert paused["state"] == "paused"
        receiver.behave(Answer())
        resumed = local.ask("alice", "POST", f"{LISTED}/{made['id']}/resume").json()
        assert (resumed["subscription"]["state"], resumed["replayed"]) == ("active", 1)
        deliver_due(local.services, seconds=10)
        assert [found.delivery_id for found in receiver.wait_for(2)] == [gone.delivery_id] * 2


def test_null_takes_a_manner_back_and_silence_leaves_it(local: House) -> None:
    """A change of one thing changes one thing."""
    made = local.made("alice", LISTED, told("https://93.184.215.14/hook", cooldown_seconds=60, max_items=3))
    path = f"{LISTED}/{made['id']}"
    changed = local.ask("alice", "PATCH", path, json={"quiet_hours": {"from": "22:00", "to": "06:00"}}).json()
    assert (changed["cooldown_seconds"], changed["quiet_hours"]["zone"], changed["max_items"]) == (60, "UTC", 3)
    changed = local.ask("alice", "PATCH", path, json={"cooldown_seconds": None, "max_items": None}).json()
    assert (changed["cooldown_seconds"], changed["quiet_hours"]["from"], changed["max_items"]) == (None, "22:00", None)

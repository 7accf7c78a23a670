"""Subscriptions over HTTP: made with a secret shown once, changed, removed, and their deliveries sent again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stillframe.testing import WebhookReceiver
from tests.api.cast import PUSHED_SPEC, RULE, House, open_house, push, swapped


@pytest.fixture
def local(tmp_path: Path) -> Iterator[House]:
    """A door that may send to this machine."""
    with open_house(tmp_path, settings="[webhook]\nallow_private_targets = true\n") as house:
        house.made("alice", "/api/dashboards", {"view_spec_json": PUSHED_SPEC})
        yield house


def webhook(url: str = "https://93.184.215.14/secret-path", **change: Any) -> dict[str, Any]:
    return {"subscriber_kind": "webhook", "subscriber_id": url, "threshold_json": RULE, **change}


def test_a_webhooks_secret_is_shown_once_and_its_path_never(house: House, board: str) -> None:
    """The path of a webhook is often the credential."""
    made = house.made("alice", f"{board}/subscriptions", webhook())
    assert made["secret"].startswith("whsec_")
    one = house.ask("alice", "GET", f"{board}/subscriptions/{made['id']}")
    listed = house.ask("alice", "GET", f"{board}/subscriptions")
    for shown in (one.text, listed.text):
        assert made["secret"] not in shown
        assert "secret-path" not in shown
    assert house.ask("alice", "POST", f"{board}/subscriptions", json=webhook()).status_code == 409


def test_a_subscription_is_changed_member_by_member(house: House, board: str) -> None:
    """What is left out stays; what is null is refused."""
    made = house.made("alice", f"{board}/subscriptions", webhook())
    path = f"{board}/subscriptions/{made['id']}"
    changed = house.ask("alice", "PATCH", path, json={"threshold_json": {"set_added_min": 2}}).json()
    assert (changed["threshold_json"], changed["baseline"]) == ({"set_added_min": 2}, "previous")
    assert house.ask("alice", "PATCH", path, json={"baseline": None}).status_code == 422
    assert house.ask("alice", "PATCH", path, json={"subscriber_id": "x"}).status_code == 422


def test_what_was_removed_is_gone_and_may_be_made_again(house: House, board: str) -> None:
    """DELETE marks it removed; the same subscription may come back."""
    made = house.made("alice", f"{board}/subscriptions", webhook())
    path = f"{board}/subscriptions/{made['id']}"
    assert house.ask("alice", "DELETE", path).status_code == 204
    assert house.ask("alice", "GET", path).status_code == 404
    assert house.ask("alice", "DELETE", path).status_code == 404
    assert house.made("alice", f"{board}/subscriptions", webhook())["id"] != made["id"]


def test_nobody_subscribes_with_a_persona_of_somebody_else(house: House, board: str) -> None:
    """A persona's inbox is its owner's."""
    house.made("bob", "/api/personas", {"slug": "bobs"})
    body = {"subscriber_kind": "persona", "subscriber_id": "bobs", "threshold_json": RULE}
    assert house.ask("alice", "POST", f"{board}/subscriptions", json=body).status_code == 422
    assert house.ask("admin", "POST", f"{board}/subscriptions", json=body).status_code == 201


def test_a_webhook_is_delivered_in_the_request_and_sent_again_with_the_same_id(local: House) -> None:
    """The receiver sees one signed delivery; a replay is a new try of the same."""
    with WebhookReceiver() as receiver:
        made = local.made("alice", "/api/dashboard/pushed/subscriptions", webhook(receiver.url()))
        receiver.trust(made["secret"])
        local.made("alice", "/api/dashboard/pushed/snapshot", push())
        taken = local.made("alice", "/api/dashboard/pushed/snapshot", push(swapped()))
        assert taken["dispatch"]["matched"] == 1
        assert receiver.wait_for(1)[0].verified
        path = f"/api/dashboard/pushed/subscriptions/{made['id']}/deliveries"
        delivery = _ended(local, path)
        assert delivery["id"] == receiver.ledger[0].delivery_id
        replayed = local.ask("alice", "POST", f"/api/deliveries/{delivery['id']}/replay")
        assert (replayed.status_code, replayed.json()["id"]) == (202, delivery["id"])


def _ended(house: House, path: str) -> dict[str, Any]:
    for _ in range(200):
        delivery: dict[str, Any] = house.ask("alice", "GET", path).json()["items"][0]
        if delivery["state"] != "pending":
            return delivery
    raise AssertionError("the delivery did not end")

"""Deliveries on the command line: what was tried, and trying again."""

from __future__ import annotations

from collections.abc import Callable

from stillframe.testing import Answer, WebhookReceiver
from tests.cli.conftest import Run


def test_a_delivery_that_ended_can_be_sent_again_with_the_same_id(
    run: Run, sellers: str, sell: Callable[[str, int], None], receiver: WebhookReceiver
) -> None:
    """A receiver that is there again gets what it refused, and may ask for it once more."""
    receiver.behave(Answer(status=410), Answer(status=204))
    hook = ("subscription", "add", "--dashboard", sellers, "--webhook", receiver.url(), "--format", "json", "--rule")
    made = run(*hook, '{"any_change": true}').json
    run("dashboard", "snapshot", "create", "--dashboard", sellers)
    listing = ("delivery", "list", "--dashboard", sellers, "--subscription", made["id"])
    assert "sent nothing yet" in run(*listing).err
    sell("rice", 50)
    run("dashboard", "snapshot", "create", "--dashboard", sellers)
    (refused,) = run(*listing, "--format", "json").json["items"]
    assert [tried["status"] for tried in refused["tries"]] == [410]
    assert "its subscription is paused" in run("delivery", "replay", refused["id"], code=1).err
    resumed = run("subscription", "resume", made["id"], "--dashboard", sellers)
    assert "deliveries sent again: 1" in resumed.out
    assert "delivered  1" in run("worker", "--once").out
    assert "worker --once" in run("delivery", "replay", refused["id"]).err
    assert "delivered  1" in run("worker", "--once").out
    (sent,) = run(*listing, "--format", "json").json["items"]
    assert sent["state"] == "sent"
    assert [request.delivery_id for request in receiver.wait_for(3)] == [refused["id"]] * 3

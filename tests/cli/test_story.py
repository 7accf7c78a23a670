"""The whole path on the command line: apply, capture, subscribe, change, capture, and everybody who asked is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from stillframe.testing import Hang, WebhookReceiver
from tests.cli.conftest import Run


def test_a_change_that_matters_is_captured_compared_and_told(
    run: Run, folder: Path, sell: Callable[[str, int], None], receiver: WebhookReceiver
) -> None:
    """One database file, no server: the command that captures also tells, and waits until it has."""
    applied = run("dashboard", "apply", str(folder / "sellers.yaml"), "--format", "json").json
    assert (applied["action"], applied["slug"]) == ("created", "sellers")
    first = run("dashboard", "snapshot", "create", "--dashboard", "sellers", "--format", "json").json
    assert (first["sequence"], first["diff_summary"], first["dispatch"]["matched"]) == (1, None, 0)

    run("persona", "add", "ops-desk")
    rule = '{"top_n_reordering": 3}'
    run("subscription", "add", "--dashboard", "sellers", "--persona", "ops-desk", "--rule", rule)
    hook = ("subscription", "add", "--dashboard", "sellers", "--webhook", receiver.url(), "--rule", rule)
    receiver.trust(run(*hook, "--format", "json").json["secret"])

    sell("rice", 50)
    second = run("dashboard", "snapshot", "create", "--dashboard", "sellers", "--reason", "rice is new")
    assert "2 of its subscriptions matched: 2 delivered" in second.out
    (received,) = receiver.wait_for(1)
    assert received.verified

    inbox = run("notifications", "list", "--persona", "ops-desk", "--format", "json").json
    assert [line["kind"] for line in inbox["items"]] == ["mention"]
    assert "@ops-desk" in run("comments", "list", "--dashboard", "sellers").out
    listed = run("dashboard", "snapshot", "list", "--dashboard", "sellers", "--format", "json").json
    assert [record["sequence"] for record in listed["items"]] == [2, 1]
    assert [record["reason"] for record in listed["items"]] == ["rice is new", None]

    third = run("dashboard", "snapshot", "create", "--dashboard", "sellers", "--format", "json").json
    assert third["diff_summary"]["is_empty"]
    assert third["dispatch"]["matched"] == 0
    assert len(receiver.ledger) == 1


def test_a_command_waits_for_a_slow_receiver_and_settles_its_send(
    run: Run, sellers: str, sell: Callable[[str, int], None], receiver: WebhookReceiver
) -> None:
    """A process that will exit leaves no send of its own behind, also beyond a request's budget."""
    receiver.behave(Hang(seconds=0.6))
    hook = ("subscription", "add", "--dashboard", sellers, "--webhook", receiver.url(), "--format", "json", "--rule")
    made = run(*hook, '{"any_change": true}').json
    run("dashboard", "snapshot", "create", "--dashboard", sellers)
    sell("rice", 50)
    taken = run("dashboard", "snapshot", "create", "--dashboard", sellers, "--format", "json")
    assert taken.json["dispatch"]["delivered"] == 1
    assert taken.err == ""
    listing = ("delivery", "list", "--dashboard", sellers, "--subscription", made["id"], "--format", "json")
    assert [delivery["state"] for delivery in run(*listing).json["items"]] == ["sent"]

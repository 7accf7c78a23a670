"""Notices of a release: whoever asked for an outcome hears of it once, with the decision's evidence."""

from __future__ import annotations

import json

import pytest

from stillframe.errors import Conflict, InvalidInput, InvalidRule
from stillframe.flows.subscriptions import SubscriptionChange, change_subscription
from stillframe.model.dashboard import Dashboard
from stillframe.testing import WebhookReceiver
from tests.flows import scoped
from tests.flows.gated import PROJECT, bandit, bring, check
from tests.flows.room import ANY, Room

FAILS = {"gate": ["fail"]}


@pytest.fixture
def project(room: Room) -> Dashboard:
    scoped.settle_in(room)
    with room.services.store.read() as unit:
        found = unit.dashboards.get(f"project:{PROJECT}")
    assert found is not None
    return found


def test_a_webhook_hears_of_the_outcomes_that_it_asked_for(
    room: Room, project: Dashboard, receiver: WebhookReceiver
) -> None:
    """The body carries decision, checks, snapshot ids and what changed; the other outcomes are not told."""
    room.subscribe(project, receiver, None, on=FAILS)
    bring(room, bandit(high=1))
    assert check(room, bandit(high=1)).dispatch.matched == 0
    answer = check(room, bandit(high=9), source_ref="4be1f0a")
    room.settle()
    assert (answer.dispatch.matched, answer.decision) == (1, "fail")
    [delivery] = receiver.ledger
    body = json.loads(delivery.body)
    assert delivery.verified
    assert (body["type"], body["decision"], body["project_name"], body["source_ref"]) == (
        "release.decided", "fail", PROJECT, "4be1f0a",
    )  # fmt: skip
    for member in ("pre_snapshot_id", "post_snapshot_id", "baseline_snapshot_id"):
        assert body[member] == answer.document[member] is not None
    assert body["compare"]["diff_summary"] == answer.document["diff_summary"]
    assert body["checks"][0]["status"] == "fail"


def test_a_failing_gate_tells_only_those_who_asked_for_gates(
    room: Room, project: Dashboard, receiver: WebhookReceiver
) -> None:
    """A refused candidate is no change of the project, whatever rule somebody has."""
    room.subscribe(project, receiver, ANY)
    bring(room, bandit(high=1))
    check(room, bandit(high=9))
    room.settle()
    assert receiver.ledger == ()


def test_a_persona_is_told_in_the_thread_and_in_its_inbox(room: Room, project: Dashboard) -> None:
    """In the transaction that keeps the decision: exactly once, escaped, with a link to the decision."""
    room.subscribe(project, "bob", None, on={"gate": ["warn", "fail"]}, caller=room.bob)
    bring(room, bandit(high=1))
    answer = check(room, bandit(high=9), source_ref="<b>@alice</b>")
    assert answer.dispatch.delivered == 1
    with room.services.store.read() as unit:
        [comment] = unit.comments.list(project.id, limit=5).items
        [line] = unit.notifications.list(room.bob.user_id, unread_only=False, limit=5).items
    assert comment.body.startswith("@bob **my-service")
    assert "<b>" not in comment.body
    assert "@alice" not in comment.body
    assert answer.document["links"]["decision"] in comment.body
    assert line.text.startswith("my-service (<b>@alice</b>) failed the release gate standard: high-findings")


def test_mail_waits_until_there_is_a_server(room: Room, project: Dashboard) -> None:
    """A promise is kept as deferred and said so."""
    room.team("mail", alice="editor")
    asked = {"subscriber_kind": "email", "subscriber_id": "ana@example.org", "on": FAILS}
    room.subscribe(project, "bob", None, caller=room.root, **asked)
    assert check(room, bandit(high=9)).dispatch.deferred == 1


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"on": {"gate": []}}, "$.on.gate"),
        ({"on": {"gate": ["failed"]}}, "$.on.gate[0]"),
        ({"on": {"gates": ["fail"]}}, "$.on"),
        ({"on": "decisions"}, "$.on"),
        ({"on": FAILS, "threshold": ANY}, "$.threshold_json"),
        ({"on": FAILS, "baseline": "last_notified"}, "$.baseline"),
        ({"on": FAILS, "repeat_interval": 60}, "$.repeat_interval"),
    ],
)
def test_what_a_wish_for_outcomes_cannot_say_is_refused(
    room: Room, project: Dashboard, said: dict[str, object], path: str
) -> None:
    """A rule beside it would never be judged, so nobody is left to believe that it is."""
    with pytest.raises(InvalidInput) as refusal:
        room.subscribe(project, "bob", said.pop("threshold", None), caller=room.bob, **said)
    assert [fault.path for fault in refusal.value.faults] == [path]


def test_a_change_still_needs_a_rule_and_a_gate_needs_a_project(room: Room, project: Dashboard) -> None:
    """The two kinds of subscription are not mixed up."""
    with pytest.raises(InvalidRule):
        room.subscribe(project, "bob", None, caller=room.bob)
    with pytest.raises(InvalidInput, match="project:NAME"):
        room.subscribe(room.board(), "alice", None, on=FAILS)


def test_the_outcomes_may_be_changed_and_the_kind_may_not(room: Room, project: Dashboard) -> None:
    """A subscription to gates stays one; it hears of what it asks for now."""
    made = room.subscribe(project, "bob", None, on=FAILS, caller=room.bob).subscription
    changed = change_subscription(
        room.services, room.bob, dashboard_ref=project.id, subscription_id=made.id,
        change=SubscriptionChange(on={"gate": ["pass"]}),
    )  # fmt: skip
    assert (changed.gate, changed.threshold) == (("pass",), {"gate": ["pass"]})
    assert check(room, bandit(high=1)).dispatch.delivered == 1
    for change in (SubscriptionChange(threshold=ANY), SubscriptionChange(on="change")):
        with pytest.raises(InvalidInput):
            change_subscription(
                room.services, room.bob, dashboard_ref=project.id, subscription_id=made.id, change=change
            )


def test_the_same_wish_may_be_made_once(room: Room, project: Dashboard) -> None:
    """As with rules: the same kind, subscriber and wish are one subscription."""
    room.subscribe(project, "bob", None, on=FAILS, caller=room.bob)
    with pytest.raises(Conflict):
        room.subscribe(project, "bob", None, on={"gate": "fail"}, caller=room.bob)

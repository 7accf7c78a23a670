"""Changing manners: what is given changes, what is held back follows the new ones, what means something else begins
again."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.errors import InvalidInput
from stillframe.flows.auditing import list_audit
from stillframe.flows.discussion import list_notifications
from stillframe.flows.resuming import resume_subscription
from stillframe.flows.subscriptions import SubscriptionChange, change_subscription
from stillframe.flows.waking import wake_due
from stillframe.model.calm import Episode
from stillframe.model.subscription import Subscription
from stillframe.store import CalmStanding
from tests.flows.room import ANY, Room

HIGH = {"value_delta_abs": 10, "on_field": "score"}


def made(room: Room, rule: Any = ANY, **calm: Any) -> Subscription:
    """Return a subscription of Alice's persona to a board with one snapshot."""
    board = room.board()
    room.take(board, a=1)
    return room.subscribe(board, "alice", rule, calm=calm).subscription


def change(room: Room, one: Subscription, **members: Any) -> Subscription:
    """Change it as Alice."""
    return change_subscription(
        room.services,
        room.standing("alice"),
        dashboard_ref=one.dashboard_id,
        subscription_id=one.id,
        change=SubscriptionChange(**members),
    )


def stands(room: Room, one: Subscription) -> CalmStanding:
    """Return where it stands."""
    with room.services.store.read() as unit:
        return unit.standings.get(one.id)


def watched(room: Room, **calm: Any) -> Subscription:
    """Return a subscription with a change that waits for a second snapshot."""
    one = made(room, HIGH, **calm)
    with room.services.store.read() as unit:
        board = unit.dashboards.get(one.dashboard_id)
    assert board is not None
    room.take(board, a=20)
    assert stands(room, one).standing.episode is not None
    return one


def faults(error: InvalidInput) -> list[str]:
    return [fault.path for fault in error.faults]


def test_what_is_asked_for_is_shown_and_audited(room: Room) -> None:
    """The same members everywhere, and a change of manners is in the log by its name."""
    one = made(room, cooldown_seconds=60)
    found = change(room, one, calm={"pending_for": 2}, more={"importance": "high", "max_items": 5})
    shown = found.as_dict()
    assert (shown["cooldown_seconds"], shown["pending_for"]) == (60, 2)
    assert (shown["importance"], shown["max_items"]) == ("high", 5)
    newest = list_audit(room.services, room.root, limit=1, cursor=None).items[0]
    assert newest.detail["changed"] == ["calm", "importance", "max_items"]


def test_a_member_that_is_not_given_stays_and_null_takes_back(room: Room) -> None:
    """An empty change changes nothing."""
    one = made(room, cooldown_seconds=60, notify_on_resolve=True)
    assert change(room, one) == one
    found = change(room, one, calm={"cooldown_seconds": None}, more={"max_items": 3})
    assert (found.calm.cooldown_seconds, found.calm.notify_on_resolve, found.max_items) == (None, True, 3)
    assert change(room, one, more={"max_items": None}).max_items is None


@pytest.mark.parametrize(
    ("members", "paths"),
    [
        ({"calm": {"coldown_seconds": 1}}, ["$.coldown_seconds"]),
        ({"calm": {"pending_for": 1}}, ["$.pending_for"]),
        ({"calm": {"digest": "daily"}}, ["$.digest"]),
        ({"more": {"importance": "urgent"}}, ["$.importance"]),
        ({"more": {"importance": None}}, ["$.importance"]),
        ({"more": {"max_items": 0}}, ["$.max_items"]),
        ({"more": {"colour": 1, "max_items": 0}}, ["$.colour"]),
    ],
)
def test_what_no_change_can_say_is_refused_and_nothing_changes(
    room: Room, members: dict[str, Any], paths: list[str]
) -> None:
    """Refused with its path, and the subscription is as it was."""
    one = made(room, cooldown_seconds=60)
    with pytest.raises(InvalidInput) as refused:
        change(room, one, **members)
    assert faults(refused.value) == paths
    assert stands(room, one).subscription == one


def test_a_digest_does_not_repeat(room: Room) -> None:
    """Repeats are of single notices."""
    board = room.board()
    first = room.take(board, a=1)
    pin = {"baseline": "pinned", "baseline_snapshot_id": first.record.id}
    with pytest.raises(InvalidInput) as refused:
        room.subscribe(board, "alice", ANY, calm={"digest": "daily"}, repeat_interval=60, **pin)
    assert faults(refused.value) == ["$.repeat_interval"]
    one = room.subscribe(board, "alice", ANY, repeat_interval=60, **pin).subscription
    digest = change(room, one, calm={"digest": "daily"}, more={"repeat_interval": None})
    assert (digest.repeat_interval, digest.calm.digest is None) == (None, False)


@pytest.mark.parametrize(
    "members",
    [
        {"threshold": {"value_delta_abs": 11, "on_field": "score"}},
        {"baseline": "last_notified"},
        {"calm": {"pending_for": 4}},
        {"calm": {"notify_on_resolve": True}},
        {"calm": {"pending_for": None, "digest": "daily"}},
    ],
)
def test_what_means_something_else_begins_again(room: Room, members: dict[str, Any]) -> None:
    """What was counted for another rule, baseline or number is worth nothing for this one."""
    one = watched(room, pending_for=3)
    change(room, one, **members)
    found = stands(room, one).standing
    assert (found.episode, found.window, found.wake_at) == (None, None, None)


@pytest.mark.parametrize(
    "members", [{"calm": {"cooldown_seconds": 60}}, {"more": {"importance": "low"}}, {"allow_missing": True}]
)
def test_other_manners_keep_what_is_watched(room: Room, members: dict[str, Any]) -> None:
    """A change that waits for its third snapshot goes on waiting."""
    one = watched(room, pending_for=3)
    change(room, one, **members)
    found = stands(room, one).standing.episode
    assert found == Episode(baseline_snapshot_id=found.baseline_snapshot_id if found else "", consecutive=1)


@pytest.mark.parametrize("calm", [{"cooldown_seconds": 60}, {"digest": "daily"}, {"notify_on_resolve": True}])
def test_who_is_told_of_gates_is_told_at_once(room: Room, calm: dict[str, Any]) -> None:
    """A decision is no change that could come back; how important it is may be said."""
    room.team(alice="editor")
    room.project()
    with room.services.store.read() as unit:
        found = unit.dashboards.get("project:my-service")
    assert found is not None
    on = {"subscriber_kind": "persona", "on": {"gate": ["fail"]}, "caller": room.standing("alice")}
    with pytest.raises(InvalidInput) as refused:
        room.subscribe(found, "alice", None, calm=calm, **on)
    assert faults(refused.value) == [f"$.{name}" for name in calm]
    one = room.subscribe(found, "alice", None, importance="high", max_items=3, **on).subscription
    assert (one.importance, one.max_items) == ("high", 3)
    assert change(room, one, more={"importance": "low"}).importance == "low"
    with pytest.raises(InvalidInput):
        change(room, one, calm=calm)


def test_what_is_held_back_of_a_paused_subscription_is_not_lost_by_a_change(room: Room) -> None:
    """It is told to nobody while it is paused, stands as untold, and is told once it is resumed."""
    board = room.board()
    room.take(board, a=1)
    one = room.subscribe(board, "alice", HIGH, calm={"cooldown_seconds": 3600}).subscription
    first = room.take(board, a=20).record
    room.take(board, a=40)
    with room.services.store.write() as unit:
        unit.subscriptions.pause([one.id], reason="for the test", at=room.clock())
    change(room, one, calm={"cooldown_seconds": 1})
    held = stands(room, one)
    assert (held.subscription.last_notified_snapshot_id, held.standing.wake_at) == (first.id, room.clock())
    resume_subscription(room.services, room.root, dashboard_ref=board.id, subscription_id=one.id, replay=False)
    wake_due(room.services)
    inbox = list_notifications(room.services, room.alice, persona="alice", unread_only=False, limit=9).items
    assert len(inbox) == 2
    assert stands(room, one).standing.episode is None


def test_a_paused_subscription_that_asks_for_calm_no_more_wakes_nobody(room: Room) -> None:
    """It stands nowhere, and is judged plainly once it is resumed."""
    one = made(room, HIGH, snooze_until="2030-01-01T00:00:00Z")
    with room.services.store.read() as unit:
        board = unit.dashboards.get(one.dashboard_id)
    assert board is not None
    room.take(board, a=20)
    with room.services.store.write() as unit:
        unit.subscriptions.pause([one.id], reason="for the test", at=room.clock())
    change(room, one, calm={"snooze_until": None})
    assert stands(room, one).subscription.last_notified_snapshot_id is None
    resume_subscription(room.services, room.root, dashboard_ref=board.id, subscription_id=one.id, replay=False)
    room.clock.move(hours=1)
    assert wake_due(room.services) == 0
    assert room.dispatch(board, a=40).delivered == 1


@pytest.mark.parametrize("digest", [None, "weekly"])
def test_what_a_digest_had_counted_and_not_told_is_not_taken_as_known(room: Room, digest: str | None) -> None:
    """Against a pin the rule is still true; with the digest gone or at another time, somebody has to hear of it."""
    board = room.board()
    pin = room.take(board, a=1).record
    asked = {"baseline": "pinned", "baseline_snapshot_id": pin.id, "calm": {"digest": "daily"}}
    one = room.subscribe(board, "alice", HIGH, **asked).subscription
    room.take(board, a=20)
    assert stands(room, one).subscription.holding
    change(room, one, calm={"digest": digest})
    room.take(board, a=21)
    room.clock.move(hours=24 * 8)
    wake_due(room.services)
    inbox = list_notifications(room.services, room.alice, persona="alice", unread_only=False, limit=9).items
    assert len(inbox) == 1

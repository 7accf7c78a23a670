"""Whoever does not see all that a notice would speak of is told nothing, and told that."""

from __future__ import annotations

import pytest

from stillframe.errors import Conflict
from stillframe.flows.blind import BLIND_REASON, spoken_of
from stillframe.flows.deliveries import list_deliveries, replay_delivery
from stillframe.flows.discussion import list_comments, list_notifications, write_comment
from stillframe.flows.projects import change_project
from stillframe.flows.subscriptions import SubscriptionChange, change_subscription, get_subscription
from stillframe.model.identity import Caller
from stillframe.model.subscription import Subscription
from stillframe.testing import WebhookReceiver
from tests.flows.room import ANY, Room
from tests.flows.scoped import refresh, score, settle_in, take


def group_with_subscribers(room: Room) -> tuple[Subscription, Subscription]:
    """Let Bob, and the administrator, be told of team-a by a persona of theirs."""
    settle_in(room)
    score(room, "my-service", 90)
    score(room, "a/b", 50)
    take(room, "group", "team-a")
    with room.services.store.read() as unit:
        board = unit.dashboards.get("group:team-a")
    assert board is not None
    return (
        room.subscribe(board, "bob", ANY, caller=room.bob).subscription,
        room.subscribe(board, "alice", ANY, caller=room.root, baseline="last_notified").subscription,
    )


def state_of(room: Room, subscription: Subscription) -> tuple[str, str | None]:
    found = get_subscription(
        room.services, room.root, dashboard_ref=subscription.dashboard_id, subscription_id=subscription.id
    )
    return found.state, found.paused_reason


def inbox(room: Room, who: Caller) -> list[str]:
    lines = list_notifications(room.services, who, persona=None, unread_only=False, limit=100).items
    return [line.text for line in lines]


def test_when_a_project_leaves_those_who_lose_sight_of_it_are_paused_at_once(room: Room) -> None:
    """Nothing waits for the next snapshot: what is pending is parked with the pause, and the owner hears of it."""
    bobs, roots = group_with_subscribers(room)
    change_project(room.services, room.root, name="a/b", group_id="team-b")
    assert state_of(room, bobs) == ("paused", BLIND_REASON)
    assert state_of(room, roots) == ("active", None)
    assert any("paused" in line for line in inbox(room, room.bob))
    assert "a/b" not in str(inbox(room, room.bob))


def test_who_joins_two_groups_keeps_sight_and_subscription(room: Room) -> None:
    """A project that moves to another group of one's own is still seen."""
    bobs, _ = group_with_subscribers(room)
    room.join("team-b", bob="viewer")
    change_project(room.services, room.root, name="a/b", group_id="team-b")
    assert state_of(room, bobs)[0] == "active"
    room.leave("team-b", "bob")
    assert state_of(room, bobs) == ("paused", BLIND_REASON)


def test_a_capture_pauses_whoever_would_be_told_of_the_unseen(room: Room) -> None:
    """Also where the picture before is the one with the hidden member; those who see all are told."""
    bobs, _ = group_with_subscribers(room)
    change_project(room.services, room.root, name="a/b", group_id="team-b")
    with room.services.store.write() as unit:
        unit.subscriptions.update(bobs)
    score(room, "my-service", 60)
    taken = take(room, "group", "team-a")
    assert (taken.dispatch.matched, taken.dispatch.delivered) == (1, 1)
    assert state_of(room, bobs) == ("paused", BLIND_REASON)
    refresh(room)
    thread = list_comments(room.services, room.bob, artifact_ref="group:team-a", limit=100).items
    assert thread == []
    assert len(list_comments(room.services, room.root, artifact_ref="group:team-a", limit=100).items) == 1
    score(room, "my-service", 30)
    take(room, "group", "team-a")
    assert len(list_comments(room.services, room.bob, artifact_ref="group:team-a", limit=100).items) == 1


def test_a_thread_has_no_gap_where_an_alert_is_left_out(room: Room) -> None:
    """Pages are full, whatever lies between: a short one would say that something is hidden."""
    group_with_subscribers(room)
    for text in ("one", "two", "three"):
        score(room, "my-service", 10 * len(text))
        take(room, "group", "team-a")
        room.clock.move(minutes=1)
        write_comment(room.services, room.root, artifact_ref="group:team-a", body=text)
    change_project(room.services, room.root, name="a/b", group_id="team-b")
    refresh(room)
    pages, cursor = [], None
    while True:
        page = list_comments(room.services, room.bob, artifact_ref="group:team-a", limit=2, cursor=cursor)
        pages.append([comment.body for comment in page.items])
        cursor = page.next_cursor
        if cursor is None:
            break
    assert pages == [["one", "two"], ["three"]]
    whole = list_comments(room.services, room.root, artifact_ref="group:team-a", limit=100).items
    assert len(whole) > 3


def test_an_old_delivery_that_speaks_of_the_unseen_is_not_sent_again(room: Room, receiver: WebhookReceiver) -> None:
    """A replay would tell now what may be told no longer."""
    settle_in(room)
    score(room, "my-service", 90)
    score(room, "a/b", 50)
    take(room, "group", "team-a")
    with room.services.store.read() as unit:
        board = unit.dashboards.get("group:team-a")
    assert board is not None
    made = room.subscribe(board, receiver, ANY, caller=room.alice).subscription
    score(room, "my-service", 60)
    take(room, "group", "team-a")
    receiver.wait_for(1)
    room.settle()
    change_project(room.services, room.root, name="a/b", group_id="team-b")
    take(room, "group", "team-a")
    refresh(room)
    change_subscription(
        room.services,
        room.alice,
        dashboard_ref=board.id,
        subscription_id=made.id,
        change=SubscriptionChange(baseline="previous"),
    )
    (sent,) = list_deliveries(
        room.services, room.alice, dashboard_ref=board.id, subscription_id=made.id, limit=10
    ).items
    with pytest.raises(Conflict, match="may not see"):
        replay_delivery(room.services, room.alice, delivery_id=sent.id)
    assert len(receiver.ledger) == 1


def test_a_notice_speaks_of_the_head_and_of_its_baseline(room: Room) -> None:
    """Whatever of the two is hidden from its owner is enough to keep it back."""
    bobs, roots = group_with_subscribers(room)
    with room.services.store.read() as unit:
        head = unit.heads.get("group:team-a").head_snapshot_id
        assert spoken_of(unit, bobs) == (head, None)
        assert spoken_of(unit, roots) == (head, head)

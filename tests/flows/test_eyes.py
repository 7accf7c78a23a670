"""Its owner's eyes: rules are judged on what a subscription's owner may see, and no notice tells more than that."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from stillframe.errors import Conflict
from stillframe.flows.deliveries import list_deliveries, replay_delivery
from stillframe.flows.discussion import list_comments, list_notifications, write_comment
from stillframe.flows.projects import change_project
from stillframe.flows.subscriptions import get_subscription
from stillframe.flows.trial import send_test
from stillframe.flows.waking import wake_due
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from stillframe.model.subscription import OutboxEntry, Subscription
from stillframe.testing import WebhookReceiver
from tests.flows.room import ANY, Room
from tests.flows.scoped import refresh, score, settle_in, take

GROUP = "group:team-a"


def shared(room: Room) -> Dashboard:
    """Give team-a two projects with scores and a picture of both; Bob and Alice read it."""
    settle_in(room)
    score(room, "my-service", 90)
    score(room, "a/b", 50)
    take(room, "group", "team-a")
    with room.services.store.read() as unit:
        board = unit.dashboards.get(GROUP)
    assert board is not None
    return board


def hide(room: Room) -> None:
    """Move a project to where neither Alice nor Bob is; the picture before still holds it."""
    change_project(room.services, room.root, name="a/b", group_id="team-b")
    refresh(room)


def inbox(room: Room, who: Caller) -> list[str]:
    """Return what somebody was told, oldest first."""
    lines = list_notifications(room.services, who, persona=None, unread_only=False, limit=100).items
    return [line.text for line in lines if line.kind == "mention"][::-1]


def comments(room: Room, who: Caller, board: Dashboard) -> list[str]:
    """Return the alerts of a thread that somebody may read."""
    found = list_comments(room.services, who, artifact_ref=board.id, limit=100).items
    return [comment.body for comment in found if comment.comment_type == "snapshot_alert"]


def deliveries(room: Room, who: Caller, made: Subscription) -> list[OutboxEntry]:
    """Return what was promised to a subscription, oldest first."""
    page = list_deliveries(room.services, who, dashboard_ref=made.dashboard_id, subscription_id=made.id, limit=50)
    return page.items[::-1]


def test_who_sees_a_part_is_told_of_that_part(room: Room) -> None:
    """What happened to the hidden project is in no word of it; who sees all is told all."""
    board = shared(room)
    room.subscribe(board, "bob", ANY, caller=room.bob)
    room.subscribe(board, "alice", ANY, caller=room.root)
    hide(room)
    score(room, "my-service", 60)
    taken = take(room, "group", "team-a")
    assert (taken.dispatch.matched, taken.dispatch.delivered) == (2, 2)
    assert len(inbox(room, room.bob)) == 1
    told = str((inbox(room, room.bob), comments(room, room.bob, board)))
    assert "90 → 60" in told
    assert "a/b" not in told.replace("\\/", "/")
    assert len(comments(room, room.bob, board)) == 1
    assert len(comments(room, room.root, board)) == 2


def test_a_change_of_the_hidden_alone_is_no_change(room: Room) -> None:
    """Nobody can learn from a notice, or from its being there, that something happened out of sight."""
    board = shared(room)
    made = room.subscribe(board, "bob", ANY, caller=room.bob).subscription
    take(room, "group", "team-a")
    hide(room)
    taken = take(room, "group", "team-a")
    assert taken.dispatch.matched == 0
    assert deliveries(room, room.bob, made) == []


@pytest.mark.parametrize("baseline", ["previous", "last_notified", "pinned"])
def test_a_view_is_told_once_against_every_baseline(room: Room, baseline: str) -> None:
    """The manners are those of everybody: told once, and of `pinned` again only after it was false."""
    board = shared(room)
    first = take(room, "group", "team-a")
    pin = {"baseline_snapshot_id": first.record.id} if baseline == "pinned" else {}
    made = room.subscribe(board, "bob", ANY, caller=room.bob, baseline=baseline, **pin).subscription
    hide(room)
    for health in (60, 61, 90, 61):
        score(room, "my-service", health)
        take(room, "group", "team-a")
    causes = [entry.cause for entry in deliveries(room, room.bob, made)]
    assert len(causes) == len(set(causes)) == (2 if baseline == "pinned" else 4)


def test_a_webhook_of_a_view_names_the_view_and_never_the_whole(room: Room, receiver: WebhookReceiver) -> None:
    """Its hash could confirm a guess at what is hidden; the sum of its members could as well."""
    board = shared(room)
    made = room.subscribe(board, receiver, ANY, caller=room.alice)
    hide(room)
    score(room, "my-service", 60)
    taken = take(room, "group", "team-a")
    (got,) = receiver.wait_for(1)
    room.settle()
    body = orjson.loads(got.body)
    for side in ("snapshot_a", "snapshot_b"):
        assert body[side]["content_hash"] is None
        assert body[side]["redacted"] is True
        assert len(body[side]["view_hash"]) == 64
    assert body["snapshot_b"]["id"] == taken.record.id
    assert "alert" not in body
    assert b"a/b" not in got.body
    assert b"zephyr" not in got.body
    (entry,) = deliveries(room, room.alice, made.subscription)
    assert entry.state == "sent"


def test_what_a_view_told_is_sent_again_only_to_who_still_sees_it(room: Room, receiver: WebhookReceiver) -> None:
    """A replay tells now what was seen then; whoever sees less by now is not told."""
    board = shared(room)
    made = room.subscribe(board, receiver, ANY, caller=room.alice)
    hide(room)
    score(room, "my-service", 60)
    take(room, "group", "team-a")
    receiver.wait_for(1)
    room.settle()
    (entry,) = deliveries(room, room.alice, made.subscription)
    replay_delivery(room.services, room.alice, delivery_id=entry.id)
    room.project("fresh")
    change_project(room.services, room.root, name="my-service", group_id="team-b")
    refresh(room)
    with pytest.raises(Conflict):
        replay_delivery(room.services, room.alice, delivery_id=entry.id)


def test_a_test_send_shows_what_its_owner_may_see(room: Room, receiver: WebhookReceiver) -> None:
    """The newest change in the eyes of the owner; where they see none there is nothing to show."""
    board = shared(room)
    made = room.subscribe(board, receiver, ANY, caller=room.alice).subscription
    hide(room)
    take(room, "group", "team-a")
    ask = {"dashboard_ref": board.id, "subscription_id": made.id}
    with pytest.raises(Conflict, match="may see"):
        send_test(room.services, room.alice, **ask)
    score(room, "my-service", 60)
    take(room, "group", "team-a")
    receiver.wait_for(1)
    room.settle()
    send_test(room.services, room.alice, **ask)
    _, rehearsal = receiver.wait_for(2)
    body = orjson.loads(rehearsal.body)
    assert body["test"] is True
    assert b"a/b" not in rehearsal.body


def test_losing_sight_of_a_project_pauses_nobody_who_still_sees_the_dashboard(room: Room) -> None:
    """They see less, and are told of that; who may not see the dashboard at all is paused at once."""
    board = shared(room)
    made = room.subscribe(board, "bob", ANY, caller=room.bob).subscription
    hide(room)

    def state() -> str:
        found = get_subscription(room.services, room.root, dashboard_ref=board.id, subscription_id=made.id)
        return found.state

    assert state() == "active"
    room.leave("team-a", "bob")
    assert state() == "paused"


def test_every_owner_is_told_by_their_own_eyes(room: Room) -> None:
    """One snapshot, two owners: what is news for the one need not be there for the other."""
    board = shared(room)
    room.join("team-b", alice="viewer")
    refresh(room)
    for name, caller in (("bob", room.bob), ("alice", room.alice)):
        room.subscribe(board, name, ANY, caller=caller)
    hide(room)
    assert take(room, "group", "team-a").dispatch.matched == 1
    assert (len(inbox(room, room.bob)), len(inbox(room, room.alice))) == (0, 1)
    assert "a/b" in inbox(room, room.alice)[0]


@pytest.mark.parametrize(
    ("calm", "kind"),
    [
        ({"cooldown_seconds": 3_600}, "alert"),
        ({"digest": "daily"}, "digest"),
        ({"notify_on_resolve": True}, "resolved"),
    ],
)
def test_calm_holds_for_views_as_well(room: Room, calm: dict[str, Any], kind: str) -> None:
    """What is held back, gathered, or over is so in the eyes of its owner."""
    board = shared(room)
    rule = {"value_delta_abs": 10, "on_field": "health"}
    made = room.subscribe(board, "bob", rule, caller=room.bob, calm=calm).subscription
    hide(room)
    for health in (60, 30, 90):
        score(room, "my-service", health)
        take(room, "group", "team-a")
    if kind == "alert":
        score(room, "my-service", 20)
        take(room, "group", "team-a")
    room.clock.move(days=1)
    wake_due(room.services)
    last = deliveries(room, room.bob, made)[-1]
    assert last.kind == kind
    assert ("view" in (last.said or {})) == (kind != "alert")
    assert "a/b" not in str((last.said, inbox(room, room.bob), comments(room, room.bob, board))).replace("\\/", "/")


def test_a_thread_has_no_gap_where_an_alert_is_left_out(room: Room) -> None:
    """Pages are full, whatever lies between: a short one would say that something is hidden."""
    board = shared(room)
    room.subscribe(board, "alice", ANY, caller=room.root)
    for text in ("one", "two", "three"):
        score(room, "my-service", 10 * len(text))
        take(room, "group", "team-a")
        room.clock.move(minutes=1)
        write_comment(room.services, room.root, artifact_ref=GROUP, body=text)
    hide(room)
    pages, cursor = [], None
    while True:
        page = list_comments(room.services, room.bob, artifact_ref=GROUP, limit=2, cursor=cursor)
        pages.append([comment.body for comment in page.items])
        cursor = page.next_cursor
        if cursor is None:
            break
    assert pages == [["one", "two"], ["three"]]
    assert len(list_comments(room.services, room.root, artifact_ref=GROUP, limit=100).items) > 3

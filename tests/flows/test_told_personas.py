"""Telling personas: the comment and the inbox line of every kind of notice, and what waits for a channel."""

from __future__ import annotations

from structlog.testing import capture_logs

from stillframe.flows.discussion import list_comments, list_notifications
from stillframe.flows.waking import wake_due
from tests.flows.room import ANY, Room

HIGH = {"value_delta_abs": 10, "on_field": "score"}


def test_every_kind_of_notice_has_words_of_its_own(room: Room) -> None:
    """A digest says how often and since when, a resolution that it is over, a late alert why it is late."""
    board = room.board()
    room.take(board, a=1)
    for rule, calm in ((HIGH, {"notify_on_resolve": True}), (ANY, {"digest": "hourly"})):
        room.subscribe(board, "alice", rule, calm=calm)
    room.subscribe(board, "alice", {"value_delta_abs": 1, "on_field": "score"}, calm={"cooldown_seconds": 600})
    room.take(board, a=20)
    room.take(board, a=1)
    room.clock.move(hours=2)
    wake_due(room.services)
    bodies = [found.body for found in list_comments(room.services, room.alice, artifact_ref=board.id, limit=9).items]
    assert sum("is over: nothing changed" in body for body in bodies) == 1
    assert sum("Digest: the rule was met at 2 snapshots since 2" in body for body in bodies) == 1
    lines = list_notifications(room.services, room.alice, persona=None, unread_only=False, limit=9).items
    assert sorted(line.text.partition(":")[0] for line in lines) == [
        "Changed and came back",
        "Resolved",
        "score of a fell 95 % to 1",
        "score of a rose 1,900 % to 20",
        "score of a rose 1,900 % to 20",
    ]
    assert {line.comment_id for line in lines} == {
        found.id for found in list_comments(room.services, room.alice, artifact_ref=board.id, limit=9).items
    }


def test_what_is_told_late_is_dated_when_it_is_told(room: Room) -> None:
    """A reader of the thread sees when they were told; the frames say when it was."""
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, "alice", ANY, calm={"cooldown_seconds": 600})
    room.take(board, a=2)
    held = room.take(board, a=3)
    room.clock.move(hours=1)
    wake_due(room.services)
    late = max(
        list_comments(room.services, room.alice, artifact_ref=board.id, limit=9).items,
        key=lambda found: found.created_at,
    )
    assert late.created_at == room.clock()
    assert late.snapshot_b == held.record.id
    assert "Held back until now: cooling down" in late.body


def test_what_waits_for_a_channel_is_in_the_log(room: Room) -> None:
    """An operator who set up no mail server learns that somebody counts on one."""
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, "alice", ANY, caller=room.root, subscriber_kind="email", subscriber_id="a@example.org")
    with capture_logs() as logs:
        assert room.dispatch(board, a=2).deferred == 1
    assert [found["deliveries"] for found in logs if found["event"] == "delivery_deferred"] == [1]

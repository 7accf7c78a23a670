"""The thread under a dashboard: mentions reach those who may read it, and nobody speaks for the product."""

from __future__ import annotations

import pytest

from stillframe.errors import InvalidInput, NotFound
from stillframe.flows.discussion import list_comments, list_notifications, mark_read, resolve_comment, write_comment
from stillframe.flows.identity import create_persona
from stillframe.model.discussion import Notification
from stillframe.model.identity import Caller
from tests.flows.room import Room


def inbox(room: Room, caller: Caller, persona: str | None = None, *, unread_only: bool = False) -> list[Notification]:
    """Return an inbox."""
    return list_notifications(room.services, caller, persona=persona, unread_only=unread_only, limit=100).items


def test_a_mention_reaches_readers_and_nobody_else(room: Room) -> None:
    """Bob may not see the board: his name in it tells him nothing, and the writer learns nothing of it."""
    board = room.board()
    create_persona(room.services, room.root, slug="ops")
    write_comment(room.services, room.alice, artifact_ref=board.id, body="@alice @bob @ops @nobody, @ops again: look")
    assert [entry.persona for entry in inbox(room, room.alice)] == ["alice"]
    assert [entry.persona for entry in inbox(room, room.root)] == ["ops"]
    assert inbox(room, room.bob) == []


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"body": " \n"}, "$.body"),
        ({"body": "x" * 20_001}, "$.body"),
        ({"body": "x", "comment_type": "snapshot_alert"}, "$.comment_type"),
        ({"body": "x", "comment_type": "qestion"}, "$.comment_type"),
        ({"body": "x", "parent_comment_id": "absent"}, "$.parent_comment_id"),
    ],
)
def test_a_comment_that_cannot_be_is_refused_with_its_place(room: Room, members: dict[str, str], path: str) -> None:
    """Nobody writes an alert by hand; a question is nearest to what was meant."""
    board = room.board()
    with pytest.raises(InvalidInput) as refused:
        write_comment(room.services, room.alice, artifact_ref=board.id, **members)  # type: ignore[arg-type]  # because the members are text
    assert [fault.path for fault in refused.value.faults] == [path]


def test_an_answer_stays_in_its_thread(room: Room) -> None:
    """A parent under another dashboard is no parent here; a thread reads as it was written."""
    board, other = room.board(), room.board("Other")
    asked = write_comment(room.services, room.alice, artifact_ref=board.id, body="why?", comment_type="question")
    with pytest.raises(InvalidInput):
        write_comment(room.services, room.alice, artifact_ref=other.id, body="so", parent_comment_id=asked.id)
    told = write_comment(room.services, room.alice, artifact_ref=board.slug, body="so", parent_comment_id=asked.id)
    thread = list_comments(room.services, room.alice, artifact_ref=board.id, limit=10).items
    assert [entry.id for entry in thread] == [asked.id, told.id]


def test_what_is_resolved_stays_resolved_by_who_did_it_first(room: Room) -> None:
    """Doing it twice changes nothing."""
    comment = write_comment(room.services, room.alice, artifact_ref=room.board().id, body="x")
    first = resolve_comment(room.services, room.alice, comment_id=comment.id)
    room.clock.move(hours=1)
    assert resolve_comment(room.services, room.root, comment_id=comment.id) == first
    assert first.resolved_by == "alice"


def test_a_stranger_finds_neither_thread_nor_inbox(room: Room) -> None:
    """A comment, a persona and a line of somebody else's look absent."""
    board = room.board()
    comment = write_comment(room.services, room.alice, artifact_ref=board.id, body="@alice")
    (line,) = inbox(room, room.alice, "alice")
    for look in (
        lambda: list_comments(room.services, room.charlie, artifact_ref=board.id, limit=1),
        lambda: write_comment(room.services, room.charlie, artifact_ref=board.id, body="x"),
        lambda: resolve_comment(room.services, room.charlie, comment_id=comment.id),
        lambda: resolve_comment(room.services, room.alice, comment_id="absent"),
        lambda: inbox(room, room.charlie, "alice"),
        lambda: inbox(room, room.charlie, "absent"),
        lambda: mark_read(room.services, room.charlie, notification_id=line.id),
        lambda: mark_read(room.services, room.charlie, notification_id="absent"),
    ):
        with pytest.raises(NotFound):
            look()


def test_what_was_read_leaves_the_unread(room: Room) -> None:
    """The first reading counts."""
    write_comment(room.services, room.alice, artifact_ref=room.board().id, body="@alice")
    (line,) = inbox(room, room.alice, unread_only=True)
    first = mark_read(room.services, room.alice, notification_id=line.id)
    room.clock.move(hours=1)
    assert mark_read(room.services, room.alice, notification_id=line.id).read_at == first.read_at
    assert inbox(room, room.alice, unread_only=True) == []
    assert len(inbox(room, room.alice)) == 1

"""A capture that fails is recorded with its error, and its owner hears once for each run of failures."""

from __future__ import annotations

import pytest

from stillframe.errors import CaptureRefused, Fault, NotFound, SourceFailed, StillframeError
from stillframe.flows.attempts import recorded
from stillframe.flows.discussion import list_notifications
from stillframe.flows.history import list_attempts
from stillframe.model.dashboard import Dashboard
from tests.flows.room import Room


def fail(room: Room, board: Dashboard, error: StillframeError) -> None:
    """Let a capture end with an error."""
    room.clock.move(minutes=1)
    with (
        pytest.raises(type(error)),
        recorded(room.services, room.bob, dashboard=board, trigger_source="manual"),
    ):
        raise error


def notices(room: Room) -> int:
    """Return how often Alice was told."""
    found = list_notifications(room.services, room.alice, persona=None, unread_only=False, limit=100).items
    return len([entry for entry in found if "could not be captured" in entry.text])


def test_an_attempt_says_who_tried_what_and_why_it_failed(room: Room) -> None:
    """A source that failed is named, a fault in the data has its place."""
    board = room.board()
    failed = SourceFailed("no answer", source="warehouse")
    refused = CaptureRefused(faults=[Fault(path="$.board[0].id", message="missing")])
    fail(room, board, failed)
    fail(room, board, refused)
    newest, oldest = list_attempts(room.services, room.alice, dashboard_ref=board.id, limit=10).items
    assert (oldest.source, oldest.error_code, oldest.initiator) == ("warehouse", "source_failed", "bob")
    assert newest.faults == ({"path": "$.board[0].id", "message": "missing"},)
    assert (failed.attempt_id, refused.attempt_id) == (oldest.id, newest.id)


def test_its_owner_hears_once_until_a_capture_succeeds(room: Room) -> None:
    """A source that is down all night is one line, not a hundred; the next night it is one more."""
    board = room.board()
    for expected in (1, 2):
        for _ in range(3):
            fail(room, board, SourceFailed("no answer"))
        assert notices(room) == expected
        room.take(board, a=expected)


def test_other_errors_are_no_attempts(room: Room) -> None:
    """Whoever may not, or asks for what is not there, did not try to capture."""
    board = room.board()
    fail(room, board, NotFound())
    assert list_attempts(room.services, room.alice, dashboard_ref=board.id, limit=10).items == []

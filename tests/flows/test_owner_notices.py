"""Owners hear of what is wrong once for each time it goes wrong, and again only after it worked in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stillframe.capture import Connection, parse_view_spec
from stillframe.errors import SourceFailed
from stillframe.flows.attempts import recorded
from stillframe.flows.autosnapshot import autosnapshot
from stillframe.flows.dashboards import create_dashboard
from stillframe.flows.discussion import list_notifications
from stillframe.flows.history import accept_snapshot, list_attempts
from stillframe.flows.identity import set_role
from stillframe.flows.snapshots import SnapshotRequest
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from tests.flows.room import Room, someone

ELO = {"value_delta_abs": 1, "on_field": "elo"}


def heard(room: Room, words: str, *, who: Caller | None = None) -> int:
    """How many lines in an inbox say something; in Alice's if nobody is named."""
    found = list_notifications(room.services, who or room.alice, persona=None, unread_only=False, limit=100).items
    return len([line for line in found if line.kind == "notice" and words in line.text])


def fail(room: Room, board: Dashboard) -> None:
    """Let a capture fail."""
    room.clock.move(minutes=1)
    failing = recorded(room.services, room.alice, dashboard=board, trigger_source="manual")
    with pytest.raises(SourceFailed), failing:
        raise SourceFailed("no answer")


def rated(room: Room, board: Dashboard, **columns: Any) -> Any:
    """Take a snapshot of one row with a score and other columns."""
    room.clock.move(minutes=1)
    rows = [{"id": "a", "score": 1, **columns}]
    return room.take_as(room.alice, board, SnapshotRequest(data={"board": rows, "total": room.clock().minute}))


def test_a_source_that_is_down_all_night_is_one_line_and_so_is_the_next_night(room: Room) -> None:
    """A snapshot that succeeds ends a run of failures."""
    board = room.board()
    for nights in (1, 2, 3):
        for _ in range(4):
            fail(room, board)
        assert heard(room, "could not be captured") == nights
        room.take(board, a=nights)


def test_an_empty_dashboard_is_one_line_until_rows_return(room: Room) -> None:
    """Only its owner hears: whoever subscribed asked for changes, and this is none."""
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, "bob", {"any_change": True}, caller=room.root, allow_missing=True)
    for times in (1, 2):
        for _ in range(3):
            assert room.take(board).record.capture_status == "empty"
        assert heard(room, "is empty where") == times
        room.take(board, a=1)
    assert heard(room, "is empty where", who=room.bob) == heard(room, "is empty where", who=room.root) == 0


def test_an_emptiness_that_was_accepted_is_news_again_after_rows(room: Room) -> None:
    """Accepted, it is how things are; what follows from there is a new time."""
    board = room.board()
    room.take(board, a=1)
    empty = room.take(board)
    accept_snapshot(room.services, room.alice, snapshot_id=empty.record.id)
    room.take(board)
    assert heard(room, "is empty where") == 1
    room.take(board, a=1)
    room.take(board)
    assert heard(room, "is empty where") == 2


def test_a_rule_whose_field_disappeared_is_one_line_each_time_it_disappears(room: Room) -> None:
    """It is told again after the field was back, and not because a day has passed."""
    board = room.board()
    rated(room, board, elo=1)
    room.subscribe(board, "alice", ELO)
    for times in (1, 2):
        for _ in range(4):
            rated(room, board)
        assert heard(room, "cannot be judged") == times
        rated(room, board, elo=1)
        rated(room, board, elo=1)


def test_a_picture_that_did_not_change_ends_no_episode(room: Room) -> None:
    """Nothing is judged of it, so nothing is known to be well again."""
    board = room.board()
    rated(room, board)
    room.subscribe(board, "alice", ELO, allow_missing=True)
    rated(room, board)
    room.take_as(room.alice, board, SnapshotRequest(data={"board": [{"id": "a", "score": 1}], "total": 2}))
    same = SnapshotRequest(data={"board": [{"id": "a", "score": 1}], "total": 2})
    for _ in range(3):
        room.clock.move(minutes=1)
        room.take_as(room.alice, board, same)
        rated(room, board)
        room.take_as(room.alice, board, same)
    assert heard(room, "cannot be judged") == 1


def test_each_owner_hears_of_their_own_rules(room: Room) -> None:
    """A rule that two people have is a line for each, and neither hears of the other's."""
    board = room.board()
    rated(room, board)
    room.subscribe(board, "alice", ELO, allow_missing=True)
    room.subscribe(board, "bob", ELO, caller=room.root, allow_missing=True)
    rated(room, board)
    rated(room, board)
    assert (heard(room, "cannot be judged"), heard(room, "cannot be judged", who=room.root)) == (1, 1)
    assert heard(room, "cannot be judged", who=room.bob) == 0


def test_a_rule_that_asks_for_calm_is_one_line_too(room: Room) -> None:
    """However it is judged, its owner hears that it cannot be."""
    board = room.board()
    rated(room, board)
    room.subscribe(board, "alice", ELO, allow_missing=True, calm={"notify_on_resolve": True})
    for _ in range(3):
        rated(room, board)
    assert heard(room, "cannot be judged") == 1
    rated(room, board, elo=1)
    rated(room, board, elo=2)
    for _ in range(3):
        rated(room, board)
    assert heard(room, "cannot be judged") == 2


def test_a_connection_that_is_not_given_any_more_is_one_line_too(room: Room, tmp_path: Path) -> None:
    """The timer would be refused each hour, and nobody sees what the timer is answered."""
    room.services.connections["files"] = Connection(name="files", url=str(tmp_path))  # type: ignore[index]  # because the map that wiring made is a dict
    (tmp_path / "rows.json").write_text('[{"id": "a"}]', encoding="utf8")
    spec = {
        "title": "Files",
        "sources": {"rows": {"type": "file", "connection": "files", "path": "rows.json"}},
        "panels": {"board": {"source": "rows", "kind": "table"}},
        "metadata": {"snapshot_policy": "hourly"},
    }
    admin = someone(room.services, room.root, "ada", "admin")
    board = create_dashboard(room.services, admin, view_spec=parse_view_spec(spec))
    set_role(room.services, room.root, user_name="ada", role="viewer")
    for _ in range(3):
        room.clock.move(hours=1)
        assert [tick.outcome for tick in autosnapshot(room.services, wait_for_sends=True)] == ["failed"]
    assert heard(room, "may not ask its connections", who=admin) == 1
    attempts = list_attempts(room.services, room.root, dashboard_ref=board.id, limit=9).items
    assert [attempt.error_code for attempt in attempts] == ["forbidden"] * 3

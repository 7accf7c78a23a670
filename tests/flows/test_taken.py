"""A snapshot that is committed is a line in the log with its ids and durations; one that is refused is none."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from stillframe.errors import CaptureRefused
from stillframe.flows.snapshots import SnapshotRequest
from tests.flows.room import Room


def taken(logs: Any) -> list[Any]:
    """The lines about snapshots."""
    return [line for line in logs if line["event"] == "snapshot_taken"]


def test_a_snapshot_is_logged_once_with_what_it_took(room: Room) -> None:
    """Which, of which dashboard, how long each source and the store took."""
    board = room.board()
    with capture_logs() as logs:
        record = room.take(board, a=1).record
    (line,) = taken(logs)
    assert (line["snapshot_id"], line["dashboard_id"], line["sequence"]) == (record.id, board.id, 1)
    assert (line["status"], line["trigger_source"]) == ("good", record.trigger_source)
    assert set(line["sources"]) == {"pushed"}
    assert line["stored_ms"] > 0


def test_what_is_not_stored_is_not_logged_as_taken(room: Room) -> None:
    """The attempt says what became of it."""
    board = room.board()
    bad = SnapshotRequest(data={"board": [{"score": 1}], "total": 1})
    with capture_logs() as logs, pytest.raises(CaptureRefused):
        room.take_as(room.alice, board, bad)
    assert taken(logs) == []

"""The timer's pass: what is due once, what failed later again, and nothing that nobody asked for."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from stillframe.capture import Connection, parse_view_spec
from stillframe.flows.autosnapshot import Tick, autosnapshot
from stillframe.flows.dashboards import create_dashboard
from stillframe.flows.discussion import list_notifications
from stillframe.model.dashboard import Dashboard
from stillframe.testing import WebhookReceiver
from tests.capture.answering import Said, answering
from tests.flows.room import ANY, Room


@pytest.fixture
def source(room: Room, tmp_path: Path) -> Path:
    """A file that dashboards are read from."""
    room.services.connections["files"] = Connection(name="files", url=str(tmp_path))  # type: ignore[index]  # because the map that wiring made is a dict
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([{"id": "a", "score": 1}]), encoding="utf8")
    return path


def timed(room: Room, policy: Any = "hourly") -> Dashboard:
    """Make a dashboard with a policy."""
    document = {
        "title": f"Timed {policy}",
        "sources": {"rows": {"type": "file", "connection": "files", "path": "rows.json"}},
        "panels": {"board": {"source": "rows", "kind": "table"}},
        "metadata": {"snapshot_policy": policy},
    }
    return create_dashboard(room.services, room.root, view_spec=parse_view_spec(document))


def outcomes(room: Room, **options: bool) -> list[str]:
    """Run a pass, and return what it did."""
    return [tick.outcome for tick in autosnapshot(room.services, wait_for_sends=True, **options)]


@pytest.mark.usefixtures("source")
def test_only_a_policy_is_timed(room: Room) -> None:
    """A dashboard without one is left alone, and a new one has no slot before it was made."""
    timed(room, "manual")
    timed(room)
    timed(room, "daily")
    assert outcomes(room) == []
    room.clock.move(minutes=30)
    assert outcomes(room) == ["taken"]
    room.clock.move(hours=12)
    assert sorted(outcomes(room)) == ["taken", "taken"]
    assert outcomes(room) == []


def test_the_background_leaves_a_failed_slot_for_some_minutes(room: Room, source: Path) -> None:
    """A source that is down is not asked every five seconds; a pass that was asked for tries at once."""
    timed(room)
    room.clock.move(hours=1)
    content = source.read_text("utf8")
    source.unlink()
    assert outcomes(room, retry_failed=False) == ["failed"]
    assert outcomes(room, retry_failed=False) == []
    assert outcomes(room) == ["failed"]
    source.write_text(content, encoding="utf8")
    room.clock.move(minutes=20)
    assert outcomes(room, retry_failed=False) == ["taken"]


def test_a_pass_that_waits_leaves_no_send_behind(room: Room, source: Path, receiver: WebhookReceiver) -> None:
    """A process that will exit settles its own sends first."""
    board = timed(room)
    room.clock.move(hours=1)
    outcomes(room)
    made = room.subscribe(board, receiver, ANY, caller=room.root).subscription
    source.write_text(json.dumps([{"id": "a", "score": 2}]), encoding="utf8")
    room.clock.move(hours=1)
    (tick,) = autosnapshot(room.services, wait_for_sends=True)
    assert tick.taken is not None
    assert tick.taken.dispatch.delivered == 1
    with room.services.store.read() as unit:
        (entry,) = unit.outbox.deliveries(made.id, limit=10).items
    assert entry.state == "sent"


def test_a_tick_is_told_in_json(room: Room) -> None:
    """Whoever runs it by hand reads which slot of which dashboard, and why not."""
    tick = Tick(dashboard_id=room.board().id, name="board", slot=room.clock(), outcome="failed", error="no answer")
    assert tick.as_dict() == {
        "dashboard": "board",
        "slot": "2026-11-21T12:30:00.000Z",
        "outcome": "failed",
        "error": "no answer",
        "snapshot": None,
    }


def test_a_round_of_the_timer_tells_what_quiet_times_held_back(room: Room) -> None:
    """Also on dashboards without a schedule: one timer serves both."""
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, "alice", ANY, calm={"cooldown_seconds": 600})
    for score in (2, 3):
        room.take(board, a=score)
    room.clock.move(hours=1)
    assert autosnapshot(room.services, wait_for_sends=True) == []
    told = list_notifications(room.services, room.alice, persona=None, unread_only=False, limit=10)
    assert [line.text for line in told.items] == ["score of a rose 50 % to 3", "score of a rose 100 % to 2"]


def test_many_timers_at_once_ask_the_sources_of_a_slot_once(room: Room) -> None:
    """Whoever waited for its turn finds the slot taken, before it asks anybody."""
    with answering(lambda _: Said(body=b'[{"id": "a", "score": 1}]')) as server:
        room.services.connections["api"] = Connection(name="api", url=server.url)  # type: ignore[index]  # because the map that wiring made is a dict
        document = {
            "title": "Timed",
            "sources": {"rows": {"type": "http", "connection": "api", "path": "/rows.json"}},
            "panels": {"board": {"source": "rows", "kind": "table"}},
            "metadata": {"snapshot_policy": "hourly"},
        }
        create_dashboard(room.services, room.root, view_spec=parse_view_spec(document))
        room.clock.move(hours=1)
        with ThreadPoolExecutor(8) as timers:
            passes = [timers.submit(outcomes, room) for _ in range(8)]
        found = [outcome for done in passes for outcome in done.result()]
    assert found.count("taken") == 1
    assert set(found) <= {"taken", "already_taken"}
    assert len(server.asked) == 1

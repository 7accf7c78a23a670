"""The timer: slots taken once, missed ones coalesced, a failing dashboard in nobody's way."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stillframe.flows.autosnapshot import autosnapshot
from tests.stories.house import House, app_client, furnish, inhabit, settings_of


@pytest.fixture
def timed(target: str, tmp_path: Path) -> Iterator[House]:
    """A house with a connection to a folder of files."""
    (tmp_path / "data").mkdir()
    settings = settings_of(tmp_path, target, connections={"files": {"url": str(tmp_path / "data")}})
    services, clock = furnish(settings)
    with app_client(services) as client:
        yield inhabit(settings, services, clock, client)
    services.close()


def write(tmp_path: Path, **scores: float) -> None:
    """Say what the file source says from now on."""
    rows = [{"id": name, "score": score} for name, score in scores.items()]
    (tmp_path / "data" / "board.json").write_text(json.dumps(rows), encoding="utf-8")


def hourly(house: House, *, file: str = "board.json", title: str = "Timed", policy: Any = "hourly") -> str:
    """Make a dashboard over a file with a snapshot policy, and return its id."""
    spec = {
        "title": title,
        "sources": {"rows": {"type": "file", "connection": "files", "path": file}},
        "panels": {"board": {"source": "rows", "kind": "table", "rank_by": "score", "order": "desc"}},
        "metadata": {"snapshot_policy": policy},
    }
    found: str = house.alice.post("/api/dashboards", {"view_spec_json": spec})["id"]
    return found


def snapshots(house: House, board: str) -> list[Any]:
    """Return a board's records, oldest first."""
    found: list[Any] = house.alice.get(f"/api/dashboard/{board}/snapshots")["items"]
    return found[::-1]


def alerts(house: House, board: str) -> int:
    """Return how many alerts a board's thread holds."""
    return len(house.alice.get(f"/api/artifacts/{board}/comments")["items"])


def test_a_slot_is_taken_once_and_the_next_unchanged_one_tells_nobody(timed: House, tmp_path: Path) -> None:
    """Again in the same slot: no snapshot. In the next slot, unchanged: a snapshot and no notice."""
    write(tmp_path, a=2, b=1)
    board = hourly(timed)
    timed.clock.move(hours=1)
    autosnapshot(timed.services, wait_for_sends=True)
    timed.subscribe(board, "alice", {"any_change": True})
    write(tmp_path, a=1, b=2)
    timed.clock.move(hours=1)
    (tick,) = autosnapshot(timed.services, wait_for_sends=True)
    assert tick.outcome == "taken"
    assert autosnapshot(timed.services, wait_for_sends=True) == []
    assert (len(snapshots(timed, board)), alerts(timed, board)) == (2, 1)
    timed.clock.move(hours=1)
    autosnapshot(timed.services, wait_for_sends=True)
    assert (len(snapshots(timed, board)), alerts(timed, board)) == (3, 1)
    assert {found["trigger_source"] for found in snapshots(timed, board)} == {"schedule"}


def test_missed_slots_are_one_snapshot(timed: House, tmp_path: Path) -> None:
    """After a day asleep there is one capture, not twenty-four."""
    write(tmp_path, a=1)
    board = hourly(timed)
    timed.clock.move(days=1)
    autosnapshot(timed.services, wait_for_sends=True)
    assert len(snapshots(timed, board)) == 1


def test_a_failing_dashboard_stops_no_other_and_its_owner_hears_once(timed: House, tmp_path: Path) -> None:
    """The attempt is recorded with its error; the others are captured."""
    write(tmp_path, a=1)
    broken = hourly(timed, file="absent.json", title="Broken")
    board = hourly(timed)
    for _ in range(3):
        timed.clock.move(hours=1)
        ticks = {tick.dashboard_id: tick.outcome for tick in autosnapshot(timed.services, wait_for_sends=True)}
        assert ticks == {broken: "failed", board: "taken"}
    assert len(timed.alice.get(f"/api/dashboard/{broken}/attempts")["items"]) == 3
    notices = [found for found in timed.alice.get("/api/notifications")["items"] if found["kind"] == "notice"]
    assert len([found for found in notices if "could not be captured" in found["text"]]) == 1


def test_racing_schedulers_take_a_slot_once(timed: House, tmp_path: Path) -> None:
    """Any number may run: six passes at the same moment are one snapshot."""
    write(tmp_path, a=1)
    board = hourly(timed)
    for round_number in range(1, 4):
        timed.clock.move(hours=1)
        threads = [
            threading.Thread(target=autosnapshot, args=(timed.services,), kwargs={"wait_for_sends": True})
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(snapshots(timed, board)) == round_number


def test_a_cron_line_is_read_in_its_zone(timed: House, tmp_path: Path) -> None:
    """07:30 in Berlin is 06:30 in UTC in winter."""
    write(tmp_path, a=1)
    board = hourly(timed, policy={"cron": "30 7 * * *", "zone": "Europe/Berlin"})
    timed.clock.move(hours=17.9)
    assert autosnapshot(timed.services, wait_for_sends=True) == []
    timed.clock.move(hours=0.2)
    autosnapshot(timed.services, wait_for_sends=True)
    assert [found["reason"] for found in snapshots(timed, board)] == ["slot 2026-11-22T06:30:00.000Z"]

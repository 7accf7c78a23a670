"""Cleanup of raw reports: each goes when no snapshot that names it is kept, and not a day earlier."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from stillframe.flows import report_cleanup
from stillframe.flows.cleanup import clean_by_itself
from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.model.dashboard import Dashboard
from stillframe.model.payload import Metric, Payload
from stillframe.model.snapshot import SnapshotRecord
from stillframe.store import Store, packed_report
from stillframe.store.inspection import inspected
from tests.databases import target
from tests.flows.room import ANY, Room
from tests.flows.upkeep import ageing_room, clean, grow_old

__all__ = ["target"]


@pytest.fixture
def room(tmp_path: Path, target: str) -> Iterator[Room]:
    """A room on SQLite, and then on PostgreSQL."""
    with ageing_room(tmp_path, target, retention={"brief": 1, "audit": "forever"}) as found:
        yield found


def take(room: Room, board: Dashboard, *reports: bytes, **over: Any) -> SnapshotRecord:
    """Store a snapshot that was made from reports, in one transaction as every flow does; a minute passes first."""
    room.clock.move(minutes=1)
    found = [packed_report(data) for data in reports]
    entries = ({"name": "r.json", "sha256": each.sha256, "format": "sarif"} for each in found)
    with room.services.store.write() as unit:
        head = unit.heads.lock(board.id)
        shown = Payload(panels={"total": Metric(value=head.last_sequence)})
        canonical = canonical_bytes(shown.as_dict())
        plain = {
            "id": room.services.new_id(),
            "dashboard_id": board.id,
            "sequence": head.last_sequence + 1,
            "parent_snapshot_id": head.head_snapshot_id,
            "timestamp": room.clock(),
            "as_of": room.clock(),
            "initiator": "alice",
            "trigger_source": "api",
            "content_hash": content_hash(canonical),
            "view_spec_hash": board.view_spec_hash,
            "capture_status": "good",
            "source_bundle": tuple(entries),
        }
        record = SnapshotRecord(**plain | over)
        unit.reports.keep(found)
        unit.snapshots.add(record, canonical=canonical, payload=shown, moves_head=record.adopted)
        unit.reports.link(record)
    return record


def stand(room: Room, *reports: bytes) -> list[bytes]:
    """Return those that can be read."""
    with room.services.store.read() as unit:
        return [data for data in reports if unit.reports.get(hashlib.sha256(data).hexdigest()) == data]


def sound(target: str) -> None:
    """Let the doctor look: nothing is broken."""
    assert [found.message for found in inspected(target) if found.level == "broken"] == []


def test_a_report_goes_with_the_last_snapshot_that_names_it(room: Room, target: str) -> None:
    """The head's stay; the record still says what was there."""
    board = room.board()
    first = take(room, board, b"a", b"b")
    take(room, board, b"b")
    take(room, board, b"c")
    grow_old(room)
    report = clean(room)
    assert stand(room, b"a", b"b", b"c") == [b"c"]
    assert (report.reports_removed, report.reports_kept) == (2, 1)
    assert report.report_bytes_freed > 0
    with room.services.store.read() as unit:
        found = unit.snapshots.record(first.id)
    assert found is not None
    assert found.source_bundle == first.source_bundle
    sound(target)


def test_a_dry_run_says_the_same_and_changes_nothing(room: Room) -> None:
    """Whoever asks first gets the counts that the cleanup then has."""
    board = room.board()
    take(room, board, b"a", b"b")
    take(room, board, b"c")
    grow_old(room)
    planned = clean(room, dry_run=True).as_dict()
    assert stand(room, b"a", b"b", b"c") == [b"a", b"b", b"c"]
    assert clean(room).as_dict() == planned | {"dry_run": False}
    assert planned["reports_removed"] == 2


@pytest.mark.parametrize(
    "said",
    [
        {"immutable": True},
        {"retention_class": "release"},
        {"retention_class": "audit"},
        {"trigger_source": "release_gate_pre", "retention_class": "brief"},
        {"trigger_source": "release_gate_post", "retention_class": "brief", "adopted": False},
    ],
)
def test_reports_of_what_is_kept_for_ever_stay_for_ever(room: Room, said: dict[str, Any], target: str) -> None:
    """Immutable, release evidence, a class without an age; also when a younger snapshot that names it has gone."""
    board = room.board()
    take(room, board, b"kept", **said)
    take(room, board, b"kept")
    take(room, board, b"gone")
    take(room, board, b"newest")
    grow_old(room, days=4_000)
    report = clean(room)
    assert (report.reports_removed, report.reports_kept, report.left_for_next_time) == (1, 2, 0)
    assert stand(room, b"kept", b"gone", b"newest") == [b"kept", b"newest"]
    sound(target)


def test_each_class_has_its_own_age(room: Room) -> None:
    """A day for one, ninety for another, to the millisecond of the record's timestamp."""
    board = room.board()
    brief = take(room, board, b"brief", retention_class="brief")
    take(room, board, b"plain")
    take(room, board, b"last")
    room.clock.set(brief.timestamp + timedelta(days=1))
    clean(room)
    assert stand(room, b"brief", b"plain", b"last") == [b"brief", b"plain", b"last"]
    room.clock.move(seconds=0.001)
    clean(room)
    assert stand(room, b"brief", b"plain", b"last") == [b"plain", b"last"]


def test_the_head_and_the_last_of_each_dashboard_keep_theirs(room: Room) -> None:
    """A refused candidate that is the last one, and the adopted state that it stands beside."""
    here, there = room.board("Here"), room.board("There")
    take(room, here, b"old")
    take(room, here, b"head")
    take(room, here, b"last", adopted=False)
    take(room, there, b"there")
    grow_old(room)
    clean(room)
    assert stand(room, b"old", b"head", b"last", b"there") == [b"head", b"last", b"there"]


def test_a_pinned_baseline_keeps_its_reports(room: Room) -> None:
    """As it keeps its payload: a rule must be judged tomorrow as it was yesterday."""
    board = room.board()
    pinned = take(room, board, b"pinned")
    take(room, board, b"gone")
    take(room, board, b"newest")
    made = room.subscribe(board, "alice", ANY, baseline="pinned", baseline_snapshot_id=pinned.id)
    grow_old(room)
    clean(room)
    assert stand(room, b"pinned", b"gone", b"newest") == [b"pinned", b"newest"]
    with room.services.store.write() as unit:
        unit.subscriptions.remove(made.subscription.id, at=room.clock())
    clean(room)
    assert stand(room, b"pinned", b"newest") == [b"newest"]


def test_one_report_of_many_snapshots_stays_as_long_as_any_of_them(room: Room) -> None:
    """Old on one dashboard and young on another, it is stored once and stays."""
    here, there = room.board("Here"), room.board("There")
    for _ in range(5):
        take(room, here, b"shared")
    take(room, here, b"other")
    grow_old(room, days=60)
    take(room, there, b"shared")
    take(room, there, b"more")
    grow_old(room, days=60)
    clean(room)
    assert stand(room, b"shared") == [b"shared"]
    grow_old(room, days=60)
    clean(room)
    assert stand(room, b"shared", b"other", b"more") == [b"other", b"more"]


def test_more_than_one_batch_goes(room: Room) -> None:
    """Locks are short, and nothing is left for want of a second turn."""
    board = room.board()
    many = report_cleanup.REPORTS_READ_AT_ONCE + 5
    take(room, board, *(b"%d" % number for number in range(many)))
    take(room, board, b"newest")
    grow_old(room)
    report = clean(room)
    assert (report.reports_removed, report.reports_kept) == (many, 1)


def test_a_cleanup_by_itself_says_in_the_audit_log_how_many_went(room: Room) -> None:
    """Who removed what from the evidence store."""
    board = room.board()
    take(room, board, b"a")
    take(room, board, b"b")
    grow_old(room)
    clean_by_itself(room.services, now=room.clock())
    with room.services.store.read() as unit:
        (line,) = [found for found in unit.audit.list(limit=50).items if found.action == "retention.clean"]
    assert line.detail["reports_removed"] == 1


def test_a_cleanup_that_is_told_to_stop_leaves_the_rest_for_the_next(room: Room) -> None:
    """A server that shuts down waits for one transaction."""
    board = room.board()
    take(room, board, b"a")
    take(room, board, b"b")
    grow_old(room)
    clean_by_itself(room.services, now=room.clock(), stopped=lambda: True)
    assert stand(room, b"a") == [b"a"]


def test_captures_and_a_cleanup_at_once_lose_nothing(room: Room, target: str) -> None:
    """While one process cleans up, others bring the same old reports again; every snapshot's reports can be read."""
    boards = [room.board(f"Board {number}") for number in range(3)]
    for number in range(20):
        take(room, boards[number % 3], b"old %d" % number)
    for board in boards:
        take(room, board, b"between")
    grow_old(room)
    others = [replace(room, services=replace(room.services, store=Store.open(target, create=False))) for _ in boards]
    brought: list[bytes] = []

    def bring(mine: Room, board: Dashboard) -> None:
        for number in range(20):
            take(mine, board, b"old %d" % number)
            brought.append(b"old %d" % number)

    threads = [threading.Thread(target=bring, args=(mine, board)) for mine, board in zip(others, boards, strict=True)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        clean(room)
    for thread in threads:
        thread.join()
    for mine in others:
        mine.services.store.close()
    assert len(brought) == 60
    assert stand(room, *brought) == brought
    clean(room)
    assert stand(room, *brought) == brought
    sound(target)

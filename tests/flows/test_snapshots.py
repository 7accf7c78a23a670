"""Taking a snapshot: compared with its true predecessor whoever races, refused whole, and never undone by a send."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stillframe.errors import CaptureRefused, Forbidden, InvalidInput, NotFound
from stillframe.flows.discussion import list_comments
from stillframe.flows.history import list_snapshots
from stillframe.flows.identity import authenticate, create_token
from stillframe.flows.services import Services
from stillframe.flows.snapshots import SnapshotRequest, SnapshotTaken, take_snapshot
from stillframe.notify import Batch, Notifier
from stillframe.testing import MemoryChannel, WebhookReceiver
from stillframe.wiring import build_services
from tests.flows.room import ANY, Room, request


@pytest.fixture
def processes(room: Room) -> Iterator[list[Services]]:
    """Four installations over one database, as four processes have them: no lock of Python's is shared."""
    found = [replace(build_services(room.settings, create=False), clock=room.clock) for _ in range(4)]
    yield found
    for services in found:
        services.close()


def test_a_head_that_moves_makes_the_verdict_anew(room: Room, processes: list[Services]) -> None:
    """Four processes at once: sequences without gaps, each judged against its true predecessor, each told once."""
    board = room.board()
    room.take(board, a=0)
    room.subscribe(board, "alice", ANY)
    taken: list[SnapshotTaken] = []

    def push(services: Services, start: int) -> None:
        for score in range(start, start + 6):
            asked = request(a=score)
            taken.append(take_snapshot(services, room.alice, dashboard_ref=board.id, request=asked))

    threads = [threading.Thread(target=push, args=(found, 100 * index)) for index, found in enumerate(processes, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records = list_snapshots(room.services, room.alice, dashboard_ref=board.id, limit=100).items[::-1]
    assert [record["sequence"] for record in records] == list(range(1, 26))
    parents = {record["id"]: record["parent_snapshot_id"] for record in records}
    assert list(parents.values())[1:] == [record["id"] for record in records[:-1]]
    alerts = list_comments(room.services, room.alice, artifact_ref=board.id, limit=100).items
    assert {alert.snapshot_b: alert.snapshot_a for alert in alerts} == {
        record["id"]: parents[record["id"]] for record in records[1:]
    }
    assert len(alerts) == len(taken) == 24


class NoThreads(Notifier):
    """A notifier on a machine that has no thread left."""

    def start(self, *_: Any, **__: Any) -> Batch:
        raise RuntimeError("can't start new thread")


def test_a_stored_snapshot_is_acknowledged_whatever_becomes_of_the_sends(room: Room, receiver: WebhookReceiver) -> None:
    """After the commit an error would make the caller do it twice; the promise stands and a worker keeps it."""
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, receiver, ANY)
    working = room.services
    broken = NoThreads(channel=MemoryChannel(), clock=room.clock)
    room.services = replace(working, notifier=broken)
    report = room.dispatch(board, a=2)
    assert (report.matched, report.queued, report.delivered) == (1, 1, 0)
    room.services = working


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"retention_class": "relaese"}, "$.retention_class"),
        ({"reason": "x" * 2_001}, "$.reason"),
        ({"rule_version": "x" * 2_001}, "$.rule_version"),
        ({"as_of": timedelta(seconds=1)}, "$.as_of"),
    ],
)
def test_what_no_snapshot_may_say_is_refused_before_anything_is_read(room: Room, members: Any, path: str) -> None:
    """The member is named, and the dashboard has no attempt to show for it."""
    board = room.board()
    said = {name: room.clock() + value if name == "as_of" else value for name, value in members.items()}
    with pytest.raises(InvalidInput) as refused:
        take_snapshot(room.services, room.alice, dashboard_ref=board.id, request=replace(request(a=1), **said))
    assert [fault.path for fault in refused.value.faults] == [path]
    with room.services.store.read() as unit:
        assert unit.attempts.list(board.id, limit=1, cursor=None).items == []


def test_who_may_take_one(room: Room) -> None:
    """Its owner with a token that may capture; a reader's token is refused, a stranger finds nothing."""
    board = room.board()
    tokens = {
        scope: authenticate(
            room.services, create_token(room.services, room.alice, user_name="alice", scopes=[scope]).text
        )
        for scope in ("read", "capture")
    }
    take_snapshot(room.services, tokens["capture"], dashboard_ref=board.slug, request=request(a=1))
    with pytest.raises(Forbidden):
        take_snapshot(room.services, tokens["read"], dashboard_ref=board.id, request=request(a=1))
    with pytest.raises(NotFound):
        take_snapshot(room.services, room.charlie, dashboard_ref=board.id, request=request(a=1))


def test_time_never_runs_backwards_in_a_dashboard(room: Room) -> None:
    """A clock that was set back dates the next snapshot like the last one, and it is not late for that."""
    board = room.board()
    first = room.take(board, a=1).record
    room.clock.move(hours=-2)
    second = room.take(board, a=2).record
    assert (second.timestamp, second.as_of, second.late) == (first.timestamp, first.timestamp, False)


def test_data_of_an_earlier_time_is_late_only_behind_the_head(room: Room) -> None:
    """What describes a time after the head's is news, however old it is."""
    board = room.board()
    old, older, newer = (room.clock() - timedelta(days=days) for days in (10, 20, 5))
    late = [room.take(board, a=1, said={"as_of": as_of}).record.late for as_of in (old, older, newer)]
    assert late == [False, True, False]


def test_a_refused_capture_stores_nothing_but_its_attempt(room: Room) -> None:
    """The head stays, and the error carries the attempt's id."""
    board = room.board()
    first = room.take(board, a=1)
    twice = SnapshotRequest(data={"board": [{"id": "a", "score": 1}, {"id": "a", "score": 2}], "total": 1})
    with pytest.raises(CaptureRefused) as refused:
        take_snapshot(room.services, room.alice, dashboard_ref=board.id, request=twice)
    with room.services.store.read() as unit:
        (attempt,) = unit.attempts.list(board.id, limit=10, cursor=None).items
        assert unit.heads.get(board.id).last_snapshot_id == first.record.id
    assert attempt.id == refused.value.attempt_id
    assert attempt.faults

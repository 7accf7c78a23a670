"""The past of a dashboard: which snapshots a period has, and each as far as whoever looks may see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from stillframe.errors import InvalidInput
from stillframe.flows.history import accept_snapshot
from stillframe.flows.past import MOST_SNAPSHOTS, Past, Period, frames_of, past_of, seen_at
from stillframe.model.dashboard import Dashboard
from tests.flows import scoped
from tests.flows.room import Room, request
from tests.flows.upkeep import clean, grow_old

HOUR = timedelta(hours=1)


def past(room: Room, board: Dashboard, **period: object) -> Past:
    with room.services.store.read() as unit:
        return past_of(unit, board, Period(**period).checked(), now=room.clock())  # type: ignore[arg-type]  # because each test names its own members


@pytest.mark.parametrize("last", [0, -1, MOST_SNAPSHOTS + 1])
def test_a_number_that_cannot_be_is_refused(last: int) -> None:
    """Between one snapshot and as many as one look goes through."""
    with pytest.raises(InvalidInput) as caught:
        Period(last=last).checked()
    assert [fault.path for fault in caught.value.faults] == ["$.last"]


def test_a_span_and_a_number_are_two_questions(room: Room) -> None:
    """Who gives both is asked which is meant; who ends before the beginning is told so."""
    now = room.clock()
    for period, path in ((Period(last=3, since=now), "$.last"), (Period(since=now, until=now - HOUR), "$.to")):
        with pytest.raises(InvalidInput) as caught:
            period.checked()
        assert [fault.path for fault in caught.value.faults] == [path]


def test_both_ends_belong_to_a_period(room: Room) -> None:
    """Oldest first; what came later is no part of it, and the future has not been."""
    board = room.board()
    taken = [room.take(board, a=score).record for score in range(4)]
    found = past(room, board, since=taken[1].timestamp, until=taken[2].timestamp)
    assert [record.id for record in found.records] == [record.id for record in taken[1:3]]
    assert (found.until, found.cut) == (taken[2].timestamp, False)
    assert past(room, board, until=room.clock() + HOUR).until == room.clock()


def test_so_many_of_the_newest_are_no_cut(room: Room) -> None:
    """Who asks for three gets three."""
    board = room.board()
    taken = [room.take(board, a=score).record for score in range(4)]
    found = past(room, board, last=3)
    assert [record.id for record in found.records] == [record.id for record in taken[1:]]
    assert not found.cut


def test_what_is_no_state_is_passed_over_with_its_reason(room: Room) -> None:
    """Late and empty ones are evidence; an empty one that was accepted shows what it showed."""
    board = room.board()
    first = room.take(board, a=1).record
    room.take_as(room.alice, board, replace(request(a=9), as_of=first.as_of - HOUR))
    empty = room.take(board).record
    room.clock.move(minutes=3)
    accept_snapshot(room.services, room.alice, snapshot_id=empty.id)
    frames = list(frames_of(room.services, room.alice, past(room, board)))
    assert [frame.passed_over for frame in frames] == [None, "late", "empty"]
    assert [frame.snapshot is None for frame in frames] == [False, True, False]
    assert frames[2].accepted_at == room.clock()


def test_what_has_expired_is_passed_over(room: Room) -> None:
    """Its record stands, and shows nothing any more."""
    board = room.board()
    old = room.take(board, a=1).record
    grow_old(room)
    room.take(board, a=2)
    clean(room)
    frames = list(frames_of(room.services, room.alice, past(room, board)))
    assert [frame.passed_over for frame in frames] == ["expired", None]
    with room.services.store.read() as unit:
        # Read before the cleanup, so the record still says that its payload is there.
        assert seen_at(unit, room.alice, replace(old, payload="present")) is None


def test_the_past_is_seen_with_the_eyes_of_who_looks(room: Room) -> None:
    """A member that is not theirs to see was never there."""
    scoped.settle_in(room)
    scoped.score(room, "my-service", 90)
    scoped.score(room, scoped.SECRET, 10)
    scoped.take(room, "portfolio", "all")
    with room.services.store.read() as unit:
        board = unit.dashboards.get("portfolio:all")
    assert board is not None
    (frame,) = frames_of(room.services, room.bob, past(room, board))
    assert frame.snapshot is not None
    rows = frame.snapshot.payload.tables["projects"].rows
    assert sorted(str(row["project"]) for row in rows) == ["a/b", "my-service"]

"""Looking back: any two snapshots of one dashboard, the last two by default, and nothing of somebody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stillframe.capture import parse_view_spec
from stillframe.errors import Conflict, Forbidden, InvalidInput, NotComparable, NotFound
from stillframe.flows.dashboards import replace_dashboard
from stillframe.flows.history import (
    accept_snapshot,
    diff_snapshots,
    get_snapshot,
    list_attempts,
    list_snapshots,
    metric_series,
)
from stillframe.flows.identity import authenticate, create_token
from tests.flows.room import Room, board_spec


def test_by_default_the_last_two_good_ones_are_compared(room: Room) -> None:
    """An empty capture in between is no picture to compare with."""
    board = room.board()
    for count in range(2):
        with pytest.raises(Conflict, match=f"has {count}"):
            diff_snapshots(room.services, room.alice, dashboard_ref=board.id)
        room.take(board, a=count)
    first, _, third = room.take(board, a=5), room.take(board), room.take(board, a=7)
    found = diff_snapshots(room.services, room.alice, dashboard_ref=board.id)
    assert (found.a.record.id, found.b.record.id) == (first.record.id, third.record.id)


def test_one_end_is_enough(room: Room) -> None:
    """`to` is compared with its own predecessor, `from` with the newest good one."""
    board = room.board()
    ids = [room.take(board, a=score).record.id for score in (1, 2, 3)]
    to = diff_snapshots(room.services, room.alice, dashboard_ref=board.id, to_id=ids[1])
    since = diff_snapshots(room.services, room.alice, dashboard_ref=board.id, from_id=ids[0])
    backwards = diff_snapshots(room.services, room.alice, dashboard_ref=board.id, from_id=ids[2], to_id=ids[0])
    pairs = [(found.a.record.id, found.b.record.id) for found in (to, since, backwards)]
    assert pairs == [(ids[0], ids[1]), (ids[0], ids[2]), (ids[2], ids[0])]
    with pytest.raises(Conflict):
        diff_snapshots(room.services, room.alice, dashboard_ref=board.id, to_id=ids[0])


def test_two_dashboards_are_not_compared_and_a_hidden_one_is_not_there(room: Room) -> None:
    """Mine with mine is a mistake to be told; mine with hers is not found."""
    board, other, hers = room.board(), room.board("Other"), room.board("Hers", owner=room.root)
    mine, also = room.take(board, a=1).record.id, room.take(other, a=1).record.id
    room.alice, alice = room.root, room.alice
    hidden = room.take(hers, a=1).record.id
    room.alice = alice
    with pytest.raises(NotComparable):
        diff_snapshots(room.services, room.alice, dashboard_ref=board.id, from_id=mine, to_id=also)
    with pytest.raises(NotFound):
        diff_snapshots(room.services, room.alice, dashboard_ref=board.id, from_id=mine, to_id=hidden)


def test_what_was_made_otherwise_is_said(room: Room) -> None:
    """The diff is shown all the same, with what makes it weak."""
    board = room.board()
    room.take(board, a=1)
    spec = board_spec()
    spec["panels"]["board"]["order"] = "asc"
    replace_dashboard(room.services, room.alice, dashboard_ref=board.id, view_spec=parse_view_spec(spec))
    room.take(board, a=2)
    found = diff_snapshots(room.services, room.alice, dashboard_ref=board.id)
    assert found.comparability == {"level": "partial", "reasons": ["view_spec_hash differs"]}
    room.take(board, a=3)
    assert diff_snapshots(room.services, room.alice, dashboard_ref=board.id).comparability["level"] == "full"


def test_a_stranger_finds_nothing(room: Room) -> None:
    """Neither a snapshot, nor a list, nor a diff, nor a series; and a reader accepts nothing."""
    board = room.board()
    room.take(board, a=1)
    empty = room.take(board).record.id
    for look in (
        lambda: get_snapshot(room.services, room.charlie, snapshot_id=empty),
        lambda: get_snapshot(room.services, room.alice, snapshot_id="absent"),
        lambda: list_snapshots(room.services, room.charlie, dashboard_ref=board.id, limit=1),
        lambda: list_attempts(room.services, room.charlie, dashboard_ref=board.id, limit=1),
        lambda: diff_snapshots(room.services, room.charlie, dashboard_ref=board.id),
        lambda: metric_series(room.services, room.charlie, dashboard_ref=board.id),
        lambda: accept_snapshot(room.services, room.charlie, snapshot_id=empty),
    ):
        with pytest.raises(NotFound):
            look()
    text = create_token(room.services, room.alice, user_name="alice", scopes=["read"]).text
    with pytest.raises(Forbidden):
        accept_snapshot(room.services, authenticate(room.services, text), snapshot_id=empty)


def test_only_the_newest_empty_capture_is_accepted(room: Room) -> None:
    """Not a good one, not one that time has overtaken, not one that describes a time before the head's."""
    board = room.board()
    good = room.take(board, a=1).record
    with pytest.raises(InvalidInput, match="good"):
        accept_snapshot(room.services, room.alice, snapshot_id=good.id)
    late = room.take(board, said={"as_of": good.as_of - timedelta(days=1)}).record
    assert (late.late, late.capture_status) == (True, "empty")
    with pytest.raises(InvalidInput, match="late"):
        accept_snapshot(room.services, room.alice, snapshot_id=late.id)
    overtaken, newest = room.take(board).record, room.take(board).record
    with pytest.raises(Conflict):
        accept_snapshot(room.services, room.alice, snapshot_id=overtaken.id)
    for _ in range(2):
        accept_snapshot(room.services, room.alice, snapshot_id=newest.id)
    with room.services.store.read() as unit:
        assert unit.heads.get(board.id).head_snapshot_id == newest.id


def test_a_series_is_of_a_metric_that_the_dashboard_has(room: Room) -> None:
    """By default the primary one; anything else is answered with those there are."""
    board = room.board()
    for total in (1, 2, 3):
        room.take(board, total=total, a=1)
    name, points = metric_series(room.services, room.alice, dashboard_ref=board.id)
    assert (name, [point.value for point in points]) == ("total", [1, 2, 3])
    _, last = metric_series(room.services, room.alice, dashboard_ref=board.id, since=room.clock())
    assert [point.value for point in last] == [3]
    with pytest.raises(InvalidInput, match="total"):
        metric_series(room.services, room.alice, dashboard_ref=board.id, metric="board")

"""What a rule was compared with is found again from what is kept, also across notices, episodes and new baselines."""

from __future__ import annotations

from typing import Any

from stillframe.capture import parse_view_spec
from stillframe.flows.dashboards import replace_dashboard
from stillframe.flows.evaluation_baselines import Baselines, Kept, is_other_picture
from stillframe.flows.history import accept_snapshot
from stillframe.flows.subscriptions import Subscribed
from stillframe.model.dashboard import Dashboard
from stillframe.model.snapshot import SnapshotRecord
from tests.flows.room import Room, board_spec

MOVED = {"value_delta_abs": 2, "on_field": "score"}


def baselines(room: Room, board: Dashboard, made: Subscribed, records: list[SnapshotRecord]) -> list[str | None]:
    """Return what each snapshot was compared with."""
    with room.services.store.read() as unit:
        ids = [record.id for record in unit.snapshots.list(board.id, limit=100).items]
        notes, tellings = {}, {}
        for one in ids:
            notes[one] = unit.evaluations.at_snapshots(made.subscription.id, [one])
            tellings[one] = unit.tellings.at(made.subscription.id, [one])
        found = Baselines(
            unit, board, made.subscription, kept=Kept(looked_at=frozenset(ids), notes=notes, tellings=tellings)
        )
        return [found.at(record) for record in records]


def subscribed(room: Room, **more: Any) -> tuple[Dashboard, Subscribed, str]:
    board = room.board()
    begin = room.take(board, a=1, b=0).record.id
    room.clock.move(seconds=1)
    return board, room.subscribe(board, "alice", MOVED, **more), begin


def respec(room: Room, board: Dashboard, order: str) -> None:
    spec = board_spec(board.title)
    spec["panels"]["board"]["order"] = order
    replace_dashboard(room.services, room.alice, dashboard_ref=board.id, view_spec=parse_view_spec(spec))


def test_an_open_episode_keeps_its_beginning(room: Room) -> None:
    """While it is pending, and until what was told is over."""
    board, made, begin = subscribed(room, calm={"pending_for": 2, "notify_on_resolve": True})
    records = [room.take(board, a=score, b=0).record for score in (5, 5, 6, 1, 1)]
    assert baselines(room, board, made, records) == [begin, begin, begin, begin, records[3].id]


def test_a_quiet_time_leaves_an_episode_open_and_its_end_closes_it(room: Room) -> None:
    """What came back is compared with the beginning once more, and the next one with what was before it."""
    board, made, begin = subscribed(room, calm={"cooldown_seconds": 86_400})
    records = [room.take(board, a=score, b=0).record for score in (5, 9, 5, 5)]
    told = records[0].id
    assert baselines(room, board, made, records) == [begin, told, told, records[2].id]


def test_drift_begins_where_it_was_made_and_moves_with_each_notice(room: Room) -> None:
    """Also for snapshots that were taken long before the newest notice."""
    board, made, begin = subscribed(room, baseline="last_notified")
    records = [room.take(board, a=score, b=0).record for score in (2, 3, 4, 5)]
    assert baselines(room, board, made, records) == [begin, begin, records[1].id, records[1].id]


def test_drift_begins_again_with_every_new_baseline(room: Room) -> None:
    """There and back again is two new baselines, although the last picture is made like the first."""
    board, made, _ = subscribed(room, baseline="last_notified")
    respec(room, board, "asc")
    first = room.take(board, a=2, b=0).record
    second = room.take(board, a=3, b=0).record
    respec(room, board, "desc")
    third = room.take(board, a=3, b=0).record
    fourth = room.take(board, a=4, b=0).record
    assert baselines(room, board, made, [second, fourth]) == [first.id, third.id]
    assert is_other_picture(second, third)
    assert not is_other_picture(third, fourth)


def test_a_subscription_that_came_before_every_snapshot_begins_with_the_first(room: Room) -> None:
    """There was no head when it was made."""
    board = room.board()
    made = room.subscribe(board, "alice", MOVED, baseline="last_notified")
    first, second, third = (room.take(board, a=score).record for score in (1, 2, 2.5))
    assert baselines(room, board, made, [first, second, third]) == [None, first.id, first.id]


def test_a_pin_is_a_pin(room: Room) -> None:
    """Nothing moves it."""
    board = room.board()
    pin = room.take(board, a=1).record.id
    room.clock.move(seconds=1)
    made = room.subscribe(board, "alice", MOVED, baseline="pinned", baseline_snapshot_id=pin)
    records = [room.take(board, a=score).record for score in (5, 6)]
    assert baselines(room, board, made, records) == [pin, pin]


def test_an_empty_capture_that_was_accepted_closes_no_episode(room: Room) -> None:
    """It was judged for nobody, so what was pending before it still is."""
    board, made, begin = subscribed(room, calm={"pending_for": 3})
    pending = room.take(board, a=5, b=0).record
    empty = room.take(board).record
    accept_snapshot(room.services, room.alice, snapshot_id=empty.id)
    later = room.take(board, a=6, b=0).record
    assert baselines(room, board, made, [pending, later]) == [begin, begin]

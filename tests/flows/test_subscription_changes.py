"""What a changed rule or baseline means for the rest of a subscription."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from stillframe.errors import InvalidInput
from stillframe.flows.subscription_changes import CHANGEABLE, SubscriptionChange, changed_subscription
from stillframe.model.subscription import Subscription
from stillframe.store import KEY_LOST
from tests.flows.room import ANY, Room


def changed(room: Room, old: Subscription, **members: Any) -> Subscription:
    """Return what a change makes of a subscription; nothing is stored."""
    with room.services.store.write() as unit:
        board = unit.dashboards.get(old.dashboard_id)
        assert board is not None
        head = unit.heads.lock(board.id)
        return changed_subscription(unit, room.alice, board, head=head, old=old, change=SubscriptionChange(**members))


def test_a_repeat_interval_is_taken_back_by_null_and_kept_by_silence(room: Room) -> None:
    """Null given means something else than nothing given."""
    board = room.board()
    first = room.take(board, a=1)
    pin = {"baseline": "pinned", "baseline_snapshot_id": first.record.id}
    old = room.subscribe(board, "alice", ANY, repeat_interval=60, **pin).subscription
    assert changed(room, old) == old
    assert changed(room, old, repeat_interval=90).repeat_interval == 90
    assert changed(room, old, more={"repeat_interval": None}).repeat_interval is None
    with pytest.raises(InvalidInput):
        changed(room, old, more={"repeat_interval": 0})


def test_a_baseline_that_is_no_pin_takes_the_repeat_with_it(room: Room) -> None:
    """Only what is pinned repeats."""
    board = room.board()
    first = room.take(board, a=1)
    pin = {"baseline": "pinned", "baseline_snapshot_id": first.record.id}
    old = room.subscribe(board, "alice", ANY, repeat_interval=60, **pin).subscription
    found = changed(room, old, baseline="previous")
    assert (found.baseline, found.baseline_snapshot_id, found.repeat_interval) == ("previous", None, None)


def test_pinning_again_resumes_what_is_paused_unless_its_address_was_lost(room: Room) -> None:
    """Without the key nothing could be sent: it stays paused, and says why."""
    board = room.board()
    pin = {"baseline": "pinned", "baseline_snapshot_id": room.take(board, a=1).record.id}
    made = room.subscribe(board, "alice", ANY, **pin).subscription
    for why, state in (("the view spec changed", ("active", None)), (KEY_LOST, ("paused", KEY_LOST))):
        found = changed(room, replace(made, state="paused", paused_reason=why), **pin)
        assert (found.state, found.paused_reason) == state


def test_every_changeable_member_is_one_of_a_subscription() -> None:
    """What is written to the audit log is called as the model calls it."""
    assert set(CHANGEABLE) <= set(Subscription.__slots__)

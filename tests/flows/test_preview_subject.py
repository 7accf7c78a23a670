"""What a preview tries is what subscribing would have made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from stillframe.errors import InvalidInput
from stillframe.flows.preview_subject import Subject, subject_of
from stillframe.flows.subscriptions import SubscriptionRequest
from stillframe.model.calm import Calm
from stillframe.model.dashboard import Dashboard
from stillframe.model.times import time_text
from stillframe.rules import parse_rule
from tests.flows.room import ANY, Room


def subject(room: Room, board: Dashboard, **members: Any) -> Subject:
    asked = {"subscriber_kind": "webhook", "subscriber_id": "not looked at", "threshold": ANY} | members
    with room.services.store.read() as unit:
        return subject_of(
            unit, room.alice, board, request=SubscriptionRequest(**asked), since=room.clock() - timedelta(hours=9)
        )


def test_rule_baseline_and_manners_are_those_of_a_subscription(room: Room) -> None:
    """A pin names its snapshot; what moves with each notice begins at the first one of the period."""
    board = room.board()
    pin = room.take(board, a=1).record.id
    pinned = subject(room, board, baseline="pinned", baseline_snapshot_id=pin, repeat_interval=60).part
    assert pinned is not None
    assert pinned.rule == parse_rule(ANY)
    standing = pinned.standing
    assert (standing.baseline, standing.baseline_snapshot_id, standing.repeat_interval) == ("pinned", pin, 60)
    drifting = subject(room, board, baseline="last_notified", calm={"cooldown_seconds": 60}).part
    assert drifting is not None
    assert (drifting.standing.baseline_snapshot_id, drifting.standing.calm) == (None, Calm(cooldown_seconds=60))


def test_a_snooze_may_end_within_the_period(room: Room) -> None:
    """It was in the future then, which is what counts."""
    board = room.board()
    until = room.clock() - timedelta(hours=1)
    found = subject(room, board, calm={"snooze_until": time_text(until)}).part
    assert found is not None
    assert found.standing.calm.snooze_until == until


def test_gate_outcomes_are_of_projects_and_take_no_manners(room: Room) -> None:
    """As when subscribing."""
    board = room.board()
    for members in ({"on": {"gate": ["fail"]}, "threshold": None}, {"on": {"gate": ["fial"]}, "threshold": None}):
        with pytest.raises(InvalidInput):
            subject(room, board, **members)

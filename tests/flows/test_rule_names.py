"""Names in rules: what a dashboard declares or shows may be spoken of, and a slip of the pen is caught when written."""

from __future__ import annotations

import pytest

from stillframe.errors import InvalidRule
from stillframe.flows.rule_names import known_names, refuse_missing
from stillframe.flows.snapshots import spec_of
from stillframe.rules import parse_rule
from tests.flows.room import Room


def test_before_the_first_frame_any_field_may_come(room: Room) -> None:
    """Nobody has seen a column yet, so none can be wrong; a panel that is not declared still is."""
    board = room.board()
    known = known_names(spec_of(board), None)
    assert (dict(known.panels), list(known.metrics)) == ({"board": None}, ["total"])
    with room.services.store.read() as unit:
        refuse_missing(unit, room.alice, board, rule=parse_rule({"value_delta_abs": 1, "on_field": "anything"}))


def test_a_name_that_nobody_has_is_refused_with_the_nearest(room: Room) -> None:
    """A rule about a field that does not exist would be silent for ever."""
    board = room.board()
    room.take(board, h=1)
    with room.services.store.read() as unit, pytest.raises(InvalidRule, match="score"):
        refuse_missing(unit, room.alice, board, rule=parse_rule({"value_delta_abs": 1, "on_field": "scorre"}))

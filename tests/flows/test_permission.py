"""Refusing and hiding: what may not be seen looks as if it were not there."""

from __future__ import annotations

import pytest

from stillframe.errors import Forbidden, NotFound
from stillframe.flows.permission import require, visible_dashboard
from tests.flows.room import Room


def test_a_dashboard_of_somebody_else_looks_absent(room: Room) -> None:
    """The same error, the same words, by id and by slug."""
    board = room.board()
    said = []
    for ref in (board.id, board.slug, "absent"):
        with room.services.store.read() as unit, pytest.raises(NotFound) as refused:
            visible_dashboard(unit, room.charlie, ref)
        said.append(refused.value.message)
    assert len(set(said)) == 1


@pytest.mark.parametrize("by", ["id", "slug"])
def test_its_owner_and_admins_see_it_by_id_and_by_slug(room: Room, by: str) -> None:
    """Both names are the same dashboard."""
    board = room.board()
    with room.services.store.read() as unit:
        for caller in (room.alice, room.root):
            assert visible_dashboard(unit, caller, getattr(board, by)).id == board.id


def test_a_refusal_says_why(room: Room) -> None:
    """Who is allowed, in a sentence."""
    with pytest.raises(Forbidden, match="owner"):
        require(room.bob, "dashboard.change", owner_id=room.alice.user_id)
    require(room.alice, "dashboard.change", owner_id=room.alice.user_id)

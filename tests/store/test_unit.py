"""A unit of work: every repository over one transaction, which ends with its block."""

from __future__ import annotations

from contextlib import suppress

import pytest
from sqlalchemy.exc import InvalidRequestError

from stillframe.store import Store, Unit
from tests.store.cast import dashboard, scene, user

REPOSITORIES = [name for name in vars(Unit) if not name.startswith("_")]


@pytest.mark.parametrize("name", REPOSITORIES)
def test_a_repository_is_made_once_for_a_unit(store: Store, name: str) -> None:
    """Asked for twice it is the same, so what it noticed is not lost."""
    with store.read() as unit:
        assert getattr(unit, name) is getattr(unit, name)


def test_all_repositories_write_into_one_transaction(store: Store) -> None:
    """A dashboard, its owner and its snapshot are there together or not at all."""
    alice = user()
    board = dashboard(alice)
    with suppress(RuntimeError), store.write() as unit:
        unit.users.add(alice)
        unit.dashboards.add(board)
        assert unit.heads.lock(board.id).last_sequence == 0
        raise RuntimeError
    with store.read() as unit:
        assert unit.users.get(alice.id) is None
        assert unit.dashboards.get(board.id) is None


def test_a_unit_is_over_when_its_block_is(store: Store) -> None:
    """A unit that is kept is of no use: nothing is read or written outside of a transaction."""
    scene(store)
    for opened in (store.read, store.write):
        with opened() as unit:
            assert len(unit.users.list()) == 1
        with pytest.raises(InvalidRequestError):
            unit.users.list()


def test_a_unit_in_a_unit_is_another_one(store: Store) -> None:
    """A reader beside a writer sees what is committed, and no more."""
    here = scene(store)
    with store.write() as unit:
        unit.users.disable(here.alice.id, here.alice.created_at)
        with store.read() as other:
            assert other is not unit
            found = other.users.get(here.alice.id)
            assert found is not None
            assert found.disabled_at is None

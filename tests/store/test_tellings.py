"""Deliveries of one subscription, found by what caused them."""

from __future__ import annotations

from datetime import timedelta

from stillframe.store import Store
from tests.store.cast import NOON, scene


def test_what_was_told_is_found_by_its_cause(store: Store) -> None:
    """Of this subscription alone, with what it was compared with; nothing for what caused nothing."""
    here = scene(store)
    mine, other = here.subscribe(), here.subscribe(subscriber_id="w2")
    before, first, second = here.take(1), here.take(2), here.take(3)
    here.promise(first, here.matches(before))
    with store.read() as unit:
        (found,) = unit.tellings.at(mine.id, [first.id, second.id])
        assert (found.cause, found.kind, found.state) == (first.id, "alert", "pending")
        assert (found.baseline_snapshot_id, found.rule_id, found.said) == (before.id, mine.rule_id, None)
        assert [one.id for one in unit.tellings.at(other.id, [first.id])] != [found.id]
        assert unit.tellings.at(mine.id, [second.id]) == []
        assert unit.tellings.at(mine.id, []) == []


def test_the_last_one_before_a_moment_is_found(store: Store) -> None:
    """Before it, not at it."""
    here = scene(store)
    mine = here.subscribe()
    before, first = here.take(1), here.take(2)
    here.promise(first, here.matches(before))
    with store.read() as unit:
        (told,) = unit.tellings.at(mine.id, [first.id])
        assert unit.tellings.last_before(mine.id, told.created_at) is None
        assert unit.tellings.last_before(mine.id, told.created_at + timedelta(milliseconds=1)) == told
        assert unit.tellings.last_before("nobody", NOON + timedelta(days=9)) is None

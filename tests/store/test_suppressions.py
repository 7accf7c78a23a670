"""Suppressions: they hold until they expire or are lifted, and their history stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stillframe.errors import Conflict, InvalidInput, NotFound
from stillframe.model.gate import Suppression
from stillframe.store import Store
from tests.store.cast import NOON
from tests.store.kept import suppression

DAY = timedelta(days=1)


def add(store: Store, *found: Suppression) -> None:
    with store.write() as unit:
        for each in found:
            unit.suppressions.add(each)


def test_a_suppression_is_read_back_as_it_was_made(store: Store) -> None:
    """By its id, alone."""
    made = suppression(ticket=None)
    add(store, made, suppression())
    with store.read() as unit:
        assert unit.suppressions.get(made.id) == made
        assert unit.suppressions.get("nobody") is None


def test_it_holds_until_its_last_moment(store: Store) -> None:
    """To the millisecond, as the model says, and in its own project only."""
    made = suppression()
    add(store, made, suppression(project_name="another"))
    end = made.expires_at
    with store.read() as unit:
        for now in (NOON, end - timedelta(milliseconds=1), end, end + DAY):
            assert unit.suppressions.active("my-service", now) == ([made] if made.is_active(now) else [])
        assert unit.suppressions.active("my-service", end) == []


def test_it_is_lifted_once(store: Store) -> None:
    """Who and when stay those of the first time; nothing else changes."""
    made = suppression()
    add(store, made)
    with store.write() as unit:
        lifted = unit.suppressions.lift(made.id, by="rita", at=NOON + DAY)
    assert (lifted.lifted_by, lifted.lifted_at, lifted.reason) == ("rita", NOON + DAY, made.reason)
    with store.write() as unit, pytest.raises(Conflict):
        unit.suppressions.lift(made.id, by="mallory", at=NOON + 2 * DAY)
    with store.write() as unit, pytest.raises(NotFound):
        unit.suppressions.lift("nobody", by="rita", at=NOON)
    with store.read() as unit:
        assert unit.suppressions.get(made.id) == lifted
        assert unit.suppressions.active("my-service", NOON + DAY) == []


def test_they_are_listed_newest_first_page_by_page(store: Store) -> None:
    """Of the projects that are asked for; with a time, those only that hold then."""
    made = [suppression(created_at=NOON + number * DAY, finding_id=f"f-{number}") for number in range(5)]
    add(store, *made, suppression(project_name="hidden"))
    with store.write() as unit:
        unit.suppressions.lift(made[2].id, by="rita", at=NOON)

    def listed(**said: object) -> list[str]:
        found: list[str] = []
        cursor = None
        with store.read() as unit:
            while True:
                page = unit.suppressions.list(["my-service", "empty"], limit=2, cursor=cursor, **said)  # type: ignore[arg-type]  # because the test hands it through
                found += [each.finding_id for each in page.items]
                cursor = page.next_cursor
                if cursor is None:
                    return found

    assert listed() == ["f-4", "f-3", "f-2", "f-1", "f-0"]
    assert listed(active_at=NOON + DAY) == ["f-4", "f-3", "f-1", "f-0"]
    assert listed(active_at=NOON + 30 * DAY) == []
    with store.read() as unit:
        assert unit.suppressions.list([], limit=9).items == []
        with pytest.raises(InvalidInput):
            unit.suppressions.list(["my-service"], limit=9, cursor="nobody")

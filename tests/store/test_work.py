"""One open transaction: cursors that lead on, pages in bounds, and lessons learnt only from what was committed."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from stillframe.errors import InvalidInput, NotFound, StoreError
from stillframe.model.times import milliseconds, time_text
from stillframe.store import Store
from stillframe.store.tables import USERS
from stillframe.store.work import LIST_MOST, bounded, number_cursor, page_of, pair_cursor
from tests.store.cast import dashboard, scene, statements, user

TIMES = some.datetimes(
    min_value=datetime.fromisoformat("1970-01-01"),
    max_value=datetime.fromisoformat("2200-01-01"),
    timezones=some.just(UTC),
).map(milliseconds)


@given(some.lists(some.integers(), max_size=12), some.integers(1, 12))
def test_a_page_leads_on_exactly_if_there_is_more(items: list[int], limit: int) -> None:
    """The one item too many is never shown, and says that there is another page."""
    page = page_of(items[: limit + 1], limit=limit, cursor=str)
    assert page.items == items[:limit]
    assert page.next_cursor == (str(items[limit - 1]) if len(items) > limit else None)


@given(some.integers(0, 10**18 - 1))
def test_a_number_comes_back_from_its_cursor(number: int) -> None:
    """Every key that a database gives fits."""
    assert number_cursor(str(number)) == number


@given(TIMES, some.text(max_size=20))
def test_a_place_in_time_comes_back_from_its_cursor(time: datetime, identity: str) -> None:
    """Time and id, as the columns hold them, whatever is in the id."""
    assert pair_cursor(f"{time_text(time)}~{identity}") == (time_text(time), identity)


@pytest.mark.parametrize("cursor", ["", "-1", "1.0", "٣", "9" * 19, "1 OR 1=1"])
def test_a_number_that_no_list_gave_out_is_refused(cursor: str) -> None:
    """A cursor is somebody's input: it never reaches the database unread."""
    with pytest.raises(InvalidInput):
        number_cursor(cursor)


@pytest.mark.parametrize("cursor", ["", "x", "x~y", "2026-03-01~h-1", "~h-1"])
def test_a_place_that_no_list_gave_out_is_refused(cursor: str) -> None:
    """The same for cursors of time."""
    with pytest.raises(InvalidInput):
        pair_cursor(cursor)


def test_no_cursor_is_the_beginning() -> None:
    """Nothing is not a mistake."""
    assert number_cursor(None) is None
    assert pair_cursor(None) is None


@given(some.integers())
def test_a_page_size_is_within_bounds(limit: int) -> None:
    """Nobody reads a whole table by asking for it, and nobody reads nothing."""
    assert 1 <= bounded(limit) <= LIST_MOST
    assert bounded(limit) == limit or not 1 <= limit <= LIST_MOST


def test_a_lesson_is_learnt_when_it_is_committed(store: Store) -> None:
    """What is rolled back was never so; a reader has nothing to roll back."""
    learnt: list[str] = []
    with suppress(RuntimeError), store.write() as unit:
        unit._work.remember(lambda: learnt.append("taken back"))
        raise RuntimeError
    with store.write() as unit:
        unit._work.remember(lambda: learnt.append("kept"))
        assert learnt == []
    with store.read() as unit:
        unit._work.remember(lambda: learnt.append("read"))
        assert learnt == ["kept", "read"]


def test_a_row_that_is_there_already_is_passed_over(store: Store) -> None:
    """The count says whether it was new, on both databases."""
    row = {"id": "u", "name": "alice", "role": "viewer", "created_at": user().created_at}
    with store.write() as unit:
        once = unit._work.insert_once(USERS)
        assert [unit._work.run(once, row), unit._work.run(once, row)] == [1, 0]


def test_a_dashboards_number_is_asked_for_once(store: Store) -> None:
    """It never changes, so it is remembered: but only of a dashboard that was committed."""
    here = scene(store)
    with store.read() as unit:
        key = unit._work.dashboard_key(here.dashboard.id)
        with pytest.raises(NotFound):
            unit._work.dashboard_key("nowhere")
    with statements() as seen, store.read() as unit:
        assert unit._work.dashboard_key(here.dashboard.id) == key
    assert seen == []
    other = dashboard(here.alice, slug="other")
    with suppress(RuntimeError), store.write() as unit:
        unit.dashboards.add(other)
        unit._work.dashboard_key(other.id)
        raise RuntimeError
    with store.read() as unit, pytest.raises(NotFound):
        unit._work.dashboard_key(other.id)


def test_rows_of_the_driver_are_plain_and_its_errors_ours(store: Store) -> None:
    """Whoever reads past the tables of the house still gets nothing of a driver out."""
    here = scene(store)
    mark = "?" if here.store.dialect == "sqlite" else "%s"
    with store.read() as unit:
        found = unit._work.driver_rows(f"SELECT id,key FROM dashboards WHERE id={mark}", [here.dashboard.id])
        assert found == [(here.dashboard.id, unit._work.dashboard_key(here.dashboard.id))]
    with pytest.raises(StoreError, match="nowhere"), store.read() as unit:
        unit._work.driver_rows("SELECT 1 FROM nowhere", ())

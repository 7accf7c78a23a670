"""Lists over many dashboards: one order, every record once, however the way there is found."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import pytest

from stillframe.errors import InvalidInput
from stillframe.store import Store
from tests.store.cast import scene, statements
from tests.store.crowd import Crowd, crowd


def uneven(chance: random.Random, dashboards: int, records: int) -> list[list[int]]:
    """Chatty dashboards, quiet ones, one that fell silent long ago, one without a record, and many ties."""
    last = records * 3
    spans = [sorted(chance.choices(range(last), k=chance.randint(1, records))) for _ in range(dashboards - 3)]
    return [*spans, list(range(20)), [], [last] * 7]


def pages(
    found: Crowd, ids: Sequence[str] | None, *, limit: int, lists: Mapping[str, Sequence[int]] | None = None
) -> list[str]:
    """Follow the cursors from the first page to the last."""
    seen: list[str] = []
    cursor = None
    while True:
        with found.store.read() as unit:
            page = unit.listing.newest(ids, lists=lists, limit=limit, cursor=cursor)
        seen += [record.id for record in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return seen


@pytest.mark.parametrize("limit", [1, 7, 1_000])
def test_every_record_comes_once_and_newest_first(store: Store, limit: int) -> None:
    """Cursors lead through the whole list of all, of some and of two, in one order."""
    chance = random.Random(limit)
    found = crowd(store, uneven(chance, 9, 20))
    for ids in (found.ids, found.ids[:2], chance.sample(found.ids, 5)):
        assert pages(found, ids, limit=limit) == found.wanted(ids)
    assert pages(found, None, limit=limit) == found.wanted(found.ids)


def test_an_offset_lands_where_counting_would(store: Store) -> None:
    """However deep, passing over rows is the same as reading them."""
    chance = random.Random(3)
    found = crowd(store, uneven(chance, 40, 300))
    for ids in (found.ids, found.ids[:1], chance.sample(found.ids, 12)):
        wanted = found.wanted(ids)
        deep = [chance.randrange(len(wanted)) for _ in range(6)]
        for offset in (0, 1, 999, 1_001, 2_000, *deep, len(wanted) - 1, len(wanted), len(wanted) + 5_000):
            with store.read() as unit:
                page = unit.listing.newest(ids, limit=30, offset=offset)
            assert [record.id for record in page.items] == wanted[offset : offset + 30], offset
            assert (page.next_cursor is None) is (offset + 30 >= len(wanted))
    with store.read() as unit:
        page = unit.listing.newest(None, limit=5, offset=3_000)
    assert [record.id for record in page.items] == found.wanted(found.ids)[3_000:3_005]


def test_an_offset_into_a_crowd_of_equal_times_lands_too(store: Store) -> None:
    """A scheduler that stamps everything alike makes no hole and no repetition."""
    found = crowd(store, [[0] * 30 for _ in range(50)])
    wanted = found.wanted(found.ids)
    for offset in (0, 700, 1_100, 1_480):
        with store.read() as unit:
            page = unit.listing.newest(None, limit=40, offset=offset)
        assert [record.id for record in page.items] == wanted[offset : offset + 40]


def test_of_some_dashboards_only_the_records_of_given_member_lists_are_there(store: Store) -> None:
    """A picture in which a reader may see nobody is not in their list, not even as a gap."""
    chance = random.Random(5)
    found = crowd(store, uneven(chance, 8, 700))
    for lists in ({found.ids[0]: [1]}, {found.ids[0]: [], found.ids[1]: [1, 2]}, {name: [3] for name in found.ids}):
        wanted = found.wanted(found.ids, lists)
        assert pages(found, found.ids, limit=400, lists=lists) == wanted
        for offset in (0, 5, 1_200):
            with store.read() as unit:
                page = unit.listing.newest(found.ids, lists=lists, limit=10, offset=offset)
            assert [record.id for record in page.items] == wanted[offset : offset + 10]
    with store.read() as unit:
        alone = unit.listing.newest(found.ids[:1], lists={found.ids[0]: [2]}, limit=1_000)
    assert [record.id for record in alone.items] == found.wanted(found.ids[:1], {found.ids[0]: [2]})


def test_a_long_page_of_few_dashboards_is_whole(store: Store) -> None:
    """How far back a page reaches is a guess that may only be too far."""
    found = crowd(store, [list(range(900)), list(range(0, 9_000, 10)), [3] * 400, list(range(850, 870)), [1], [2]])
    wanted = found.wanted(found.ids)
    with store.read() as unit:
        page = unit.listing.newest(found.ids, limit=1_000)
        rest = unit.listing.newest(found.ids, limit=1_000, cursor=page.next_cursor)
    assert [record.id for record in page.items] == wanted[:1_000]
    assert [record.id for record in rest.items] == wanted[1_000:2_000]


def test_one_live_dashboard_has_its_list_too(store: Store) -> None:
    """Only in a crowd do live dashboards not appear."""
    here = scene(store)
    taken = [here.take(value) for value in range(5)]
    with store.read() as unit:
        first = unit.listing.newest([here.dashboard.id], limit=2)
        assert first.items == taken[:2:-1]
        assert unit.listing.newest([here.dashboard.id], limit=9, cursor=first.next_cursor).items == taken[2::-1]
        assert unit.listing.newest([here.dashboard.id], limit=2, offset=3).items == taken[1::-1]
        assert unit.listing.newest(None, limit=9).items == []


def test_records_in_a_list_are_whole(store: Store) -> None:
    """A list says of a record all that its own page says."""
    here = scene(store)
    taken = [here.take(value, scope="project", scope_ref="project:x", project_name="x") for value in (1, 2)]
    with store.read() as unit:
        assert unit.listing.newest([here.dashboard.id], limit=9).items == taken[::-1]
        assert unit.listing.newest([here.dashboard.id, "project:absent"], limit=9).items == taken[::-1]


def test_a_cursor_is_one_that_the_same_list_gave_out(store: Store) -> None:
    """Neither a made-up id nor one of somebody else's dashboard says whether it exists."""
    found = crowd(store, [[1], [2], [3]])
    elsewhere = found.wanted(found.ids[2:])[0]
    with store.read() as unit:
        for cursor in (elsewhere, "1; DROP TABLE", "0190a5d2-7c3e-7000-8000-000000000001"):
            with pytest.raises(InvalidInput, match="not a cursor"):
                unit.listing.newest(found.ids[:2], limit=1, cursor=cursor)
        with pytest.raises(InvalidInput, match="leave offset out"):
            unit.listing.newest(found.ids, limit=1, offset=1, cursor=elsewhere)


def test_a_page_takes_few_statements_whoever_reads(store: Store) -> None:
    """A thousand dashboards are asked in one statement, not in a thousand."""
    found = crowd(store, [list(range(place, 60, 7)) for place in range(30)])
    with store.read() as unit:
        unit.listing.newest(found.ids, limit=20)
        with statements() as seen:
            unit.listing.newest(found.ids, limit=20)
    assert len(seen) == 2

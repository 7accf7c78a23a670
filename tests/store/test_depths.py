"""Depths: the stretch behind many rows is found exactly, and in few looks."""

from __future__ import annotations

import random

import pytest

from stillframe.store import Store
from stillframe.store.depths import Stretch, find_stretch
from stillframe.store.moments import Chosen, Moments
from stillframe.store.types import to_millis
from tests.store.cast import NOON, statements
from tests.store.crowd import Crowd, crowd


def found_at(found: Crowd, *, offset: int, taken: int = 10) -> Stretch | None:
    with found.store.read() as unit:
        return find_stretch(Moments(unit._work, Chosen(whole=None)), offset=offset, taken=taken)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_before_a_stretch_and_what_is_passed_in_it_make_up_the_offset(store: Store, seed: int) -> None:
    """Wherever the search stops, the page is in the stretch, whole."""
    chance = random.Random(seed)
    spans = [sorted(chance.choices(range(chance.choice((5, 5_000))), k=chance.randint(1, 600))) for _ in range(9)]
    here = crowd(store, spans)
    times = sorted((to_millis(NOON) + entry.minute * 60_000 for entry in here.entries), reverse=True)
    for offset in [0, len(times) - 1, *chance.sample(range(len(times)), 12)]:
        stretch = found_at(here, offset=offset)
        assert stretch is not None
        before = sum(time > stretch.after.time for time in times)
        assert before + stretch.passed == offset
        page = times[offset : offset + 10]
        assert stretch.edge <= page[-1] <= page[0] <= stretch.after.time
        inside = [time for time in times if stretch.edge <= time <= stretch.after.time]
        assert len(inside) <= 10 + 2 * 100 + times.count(page[0]) + times.count(page[-1])
    assert found_at(here, offset=len(times)) is None


def test_only_dashboards_with_records_in_a_stretch_are_asked_for_them(store: Store) -> None:
    """Who fell silent long before is left out."""
    here = crowd(store, [list(range(2_000, 4_000)), list(range(100))])
    loud, silent = sorted({entry.number for entry in here.entries})
    shallow, deep = found_at(here, offset=1_200), found_at(here, offset=2_050)
    assert shallow is not None
    assert deep is not None
    assert shallow.dashboards == [loud]
    assert silent in deep.dashboards


def test_dashboards_that_speak_alike_are_found_at_once(store: Store) -> None:
    """One look for all, one question of when, and a count on each side: more would be as slow as reading."""
    here = crowd(store, [list(range(place % 60, 60 * 40, 60)) for place in range(70)])
    with statements() as seen:
        assert found_at(here, offset=1_500) is not None
    assert len(seen) <= 5


def test_half_a_crowd_that_fell_silent_does_not_mislead(store: Store) -> None:
    """Where histories differ, more looks are needed, and never one for each record."""
    early = [list(range(place, 3_000, 70)) for place in range(35)]
    here = crowd(store, [*early, *(list(range(500_000 + place, 503_000, 70)) for place in range(35))])
    for offset in (1_100, 1_490, 1_505, 2_500):
        with statements() as seen:
            assert found_at(here, offset=offset) is not None
        assert len(seen) < 30

"""Moments: what is known of many histories without reading them."""

from __future__ import annotations

import random

import pytest

from stillframe.store import Store
from stillframe.store.moments import ENDLESS, FRONT, Chosen, Moments, Place, spoken
from stillframe.store.types import to_millis
from tests.store.cast import NOON
from tests.store.crowd import Crowd, crowd


def millis(minute: int) -> int:
    return to_millis(NOON) + minute * 60_000


def numbers(found: Crowd) -> list[int]:
    return sorted({entry.number for entry in found.entries})


def test_a_tip_is_the_time_so_far_back(store: Store) -> None:
    """Of each dashboard, newest first; those with fewer records are left out."""
    found = crowd(store, [[1, 2, 3], [2, 9], [5]])
    a, b, c = numbers(found)
    with store.read() as unit:
        moments = Moments(unit._work, Chosen(whole=[a, b, c]))
        assert moments.tips(after=FRONT, back=0, most=9) == [(millis(9), b), (millis(5), c), (millis(3), a)]
        assert moments.tips(after=FRONT, back=1, most=9) == [(millis(2), b), (millis(2), a)]
        assert moments.tips(after=FRONT, back=0, most=1) == [(millis(9), b)]
        assert moments.tips(after=Place(millis(2), b, 1), back=0, most=9) == [(millis(2), a)]
        assert moments.tips(after=Place(millis(5), ENDLESS, 0), back=0, most=9)[0] == (millis(5), c)


def test_of_some_dashboards_only_certain_member_lists_are_known(store: Store) -> None:
    """What a reader may not see moves neither a tip nor a count."""
    found = crowd(store, [list(range(400)), list(range(0, 800, 2))])
    a, b = numbers(found)
    theirs = [entry for entry in found.entries if entry.number == b and entry.members == 2]
    with store.read() as unit:
        moments = Moments(unit._work, Chosen(whole=[], partly=[b], pairs=[f"{b}:2", f"{a}:1"]))
        assert moments.tips(after=FRONT, back=0, most=9) == [(millis(theirs[-1].minute), b)]
        assert moments.skip(len(theirs)) is None
        assert moments.skip(len(theirs) - 1) is not None


@pytest.mark.parametrize("seed", range(4))
def test_a_skipped_way_is_counted_exactly(store: Store, seed: int) -> None:
    """Wherever the search stops, what is passed over and what is left make up what was asked for."""
    chance = random.Random(seed)
    spans = [sorted(chance.choices(range(chance.choice((5, 5_000))), k=chance.randint(1, 600))) for _ in range(9)]
    found = crowd(store, spans)
    wanted = sorted((entry.minute for entry in found.entries), reverse=True)
    with store.read() as unit:
        moments = Moments(unit._work, Chosen(whole=None))
        assert moments.skip(len(wanted)) is None
        for rows in chance.sample(range(len(wanted)), 12):
            skipped = moments.skip(rows)
            assert skipped is not None
            place, left = skipped
            passed = sum(millis(minute) > place.time for minute in wanted)
            assert passed + left == rows
            assert 0 <= left <= max(200, sum(millis(minute) == place.time for minute in wanted))


def test_no_mark_is_left_in_a_statement() -> None:
    """Both databases get their own words."""
    for is_sqlite in (True, False):
        for everything in (True, False):
            words = spoken("@chosen @listed @theirs @after @older", is_sqlite=is_sqlite, everything=everything)
            assert "@" not in words

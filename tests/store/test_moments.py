"""Moments: what is known of many histories without reading them."""

from __future__ import annotations

from stillframe.store import Store
from stillframe.store.moments import ENDLESS, FRONT, Chosen, Cut, Moments, Place, spoken
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
        cut = moments.cut(ENDLESS)
    assert (cut.sequences, cut.records) == ({b: 400}, len(theirs))


def test_a_cut_counts_what_is_not_newer(store: Store) -> None:
    """By its newest sequence up to then a dashboard says how many records it has up to then."""
    found = crowd(store, [[1, 2, 2, 9], [2, 9], [20]])
    a, b, c = numbers(found)
    with store.read() as unit:
        moments = Moments(unit._work, Chosen(whole=None))
        assert moments.cut(millis(2)) == Cut(time=millis(2), sequences={a: 3, b: 1, c: 0}, records=4)
        assert moments.cut(ENDLESS) == Cut(time=ENDLESS, sequences={a: 4, b: 2, c: 1}, records=7)
        assert sorted(moments.times_of([(a, 4), (c, 1), (a, 4)])) == [millis(9), millis(9), millis(20)]


def test_no_mark_is_left_in_a_statement() -> None:
    """Both databases get their own words."""
    for is_sqlite in (True, False):
        for everything in (True, False):
            words = spoken("@chosen @listed @theirs @after", is_sqlite=is_sqlite, everything=everything)
            assert "@" not in words

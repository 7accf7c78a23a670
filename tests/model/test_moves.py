"""Rank moves: right for every top, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.errors import IncompleteDiff
from stillframe.model.moves import ListedMoves, WholeMoves, change_within, in_listing_order

RANKINGS = st.tuples(*(st.lists(st.integers(0, 150), unique=True, max_size=150) for _ in range(2)))


def moves_of(before: list[int], after: list[int]) -> WholeMoves:
    """Return the moves between two rankings."""
    return WholeMoves(ids_a=before, ids_b=after, places=[before.index(one) if one in before else -1 for one in after])


@given(rankings=RANKINGS, top=st.integers(1, 160))
def test_every_top_is_computed_from_the_whole(rankings: tuple[list[int], list[int]], top: int) -> None:
    """Whatever top is asked, the changes are those of every single row, in listing order."""
    before, after = rankings
    rows = {*before, *after}
    ranks = [
        (one, before.index(one) + 1 if one in before else None, after.index(one) + 1 if one in after else None)
        for one in rows
    ]
    each = [change_within(top, row_id=one, rank_a=a, rank_b=b) for one, a, b in ranks]
    moves = moves_of(before, after)
    assert moves.within(top) == in_listing_order(change for change in each if change)
    assert moves.count_range(top) == (len(moves.within(top)), len(moves.within(top)))


@given(rankings=RANKINGS, top_n=st.integers(1, 30), top=st.integers(1, 60), cut=st.integers(0, 40))
def test_listed_moves_bound_the_truth(rankings: tuple[list[int], list[int]], top_n: int, top: int, cut: int) -> None:
    """What a list cannot decide it bounds, and what it cannot list it refuses."""
    whole = moves_of(*rankings)
    listed = whole.within(top_n)
    everything = len(whole.within(1_000))
    known = ListedMoves(top_n=top_n, listed=listed[:cut], listed_total=len(listed), moves_total=everything)
    truth = whole.within(top)
    bounds = known.count_range(top)
    assert bounds.low <= len(truth) <= bounds.high
    try:
        assert known.within(top) == truth
    except IncompleteDiff:
        assert top > top_n or cut < len(listed)


def test_a_longer_top_than_was_listed_is_refused() -> None:
    """Top 10 asked for top 12 says so."""
    known = ListedMoves(top_n=10, listed=(), listed_total=0, moves_total=4)
    assert known.within(10) == ()
    with pytest.raises(IncompleteDiff, match="first 12"):
        known.within(12)

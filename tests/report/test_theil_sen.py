"""The Theil–Sen slope, held against the definition written out, and Kendall's test against every order there is."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, permutations
from math import isclose
from statistics import median

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stillframe.report.theil_sen import theil_sen

POINTS = st.lists(st.tuples(st.integers(0, 50), st.integers(-100, 100)), min_size=2, max_size=14)


@given(points=POINTS)
def test_it_is_the_median_of_the_slopes_of_all_pairs(points: list[tuple[int, int]]) -> None:
    """In exact fractions; pairs at one time have no slope."""
    points.sort()
    slopes = [Fraction(y - v, x - u) for (u, v), (x, y) in combinations(points, 2) if x != u]
    assume(slopes)
    found = theil_sen([x for x, _ in points], [y for _, y in points])
    assert isclose(found.slope, float(median(slopes)), rel_tol=1e-12, abs_tol=1e-12)


def test_it_is_sure_of_what_few_orders_show() -> None:
    """Of all orders of seven values at most one in twenty looks like a trend, and the sorted ones do."""
    times = list(range(7))
    sure = [order for order in permutations(range(7)) if theil_sen(times, order).is_sure]
    assert tuple(range(7)) in sure
    assert tuple(reversed(range(7))) in sure
    assert 0.01 < len(sure) / 5_040 <= 0.05


@given(values=st.lists(st.integers(0, 3), min_size=5, max_size=12))
def test_the_way_back_is_as_steep_and_as_sure(values: list[int]) -> None:
    """Turning time around turns the sign and nothing else."""
    times = list(range(len(values)))
    there, back = theil_sen(times, values), theil_sen(times, values[::-1])
    assert there.slope == -back.slope
    assert there.is_sure is back.is_sure


def test_one_odd_value_makes_no_slope() -> None:
    """A capture gone wrong does not turn a year around."""
    assert theil_sen(range(11), [1, 1, 1, 1, 1, 900, 1, 1, 1, 1, 1]).slope == 0


def test_equal_values_are_sure_of_nothing() -> None:
    """All ties leave no variance, and nothing to be sure of."""
    found = theil_sen(range(6), [4.0] * 6)
    assert (found.slope, found.is_sure) == (0, False)


def test_one_time_has_no_slope() -> None:
    """Two values of one moment are no history."""
    with pytest.raises(ValueError, match="two times"):
        theil_sen([3, 3], [1, 2])

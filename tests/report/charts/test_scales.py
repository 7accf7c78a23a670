"""Scales: every number has a place, in order, and the numbers beside them are round."""

from __future__ import annotations

from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.report.charts.scales import clamped, scale_of, ticks
from tests.report.charts.anything import NUMBERS


@given(numbers=st.lists(NUMBERS, max_size=8))
def test_every_number_has_a_place_and_they_keep_their_order(numbers: list[float]) -> None:
    """Empty, one, all equal, huge or tiny: places are finite, inside, and never turned around."""
    scale = scale_of(numbers, start=200, end=10)
    places = [scale(number) for number in sorted(numbers)]
    assert all(10 <= place <= 200 for place in places)
    assert places == sorted(places, reverse=True)
    assert scale.low < scale.high


@given(numbers=st.lists(st.integers(0, 100), min_size=1))
def test_a_scale_of_scores_does_not_leave_its_bounds(numbers: list[int]) -> None:
    """There is no room drawn above a hundred."""
    scale = scale_of(numbers, start=0, end=1, within=(0, 100))
    assert scale.low >= 0 or set(numbers) == {0}
    assert scale.high <= 100 or set(numbers) == {100}


@given(low=NUMBERS, high=NUMBERS)
def test_ticks_lie_on_the_scale_and_are_few(low: float, high: float) -> None:
    """In order, each once."""
    scale = scale_of([low, high], start=0, end=1)
    found = ticks(scale.low, scale.high)
    slack = (scale.high - scale.low) * 1e-6
    assert found == sorted(set(found))
    assert len(found) <= 12
    assert all(isfinite(tick) for tick in found)
    assert all(scale.low - slack <= tick <= scale.high + slack for tick in found)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (-7, 7, [-5, 0, 5]),
        (15_000, 15_700, [15_000, 15_200, 15_400, 15_600]),
    ],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    """One, two, two and a half, five: what people count in."""
    assert ticks(low, high) == expected


def test_numbers_that_no_float_holds_are_as_large_as_can_be() -> None:
    """A whole number of four hundred digits is drawn at the edge."""
    assert clamped(10**400) == -clamped(-(10**400)) > 1e307

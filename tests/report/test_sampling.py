"""Down-sampling: fewer points, every extreme, held against the slow and plain way."""

from __future__ import annotations

from math import fsum, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.errors import InvalidInput
from stillframe.report.sampling import Sampling, downsampled, mean

VALUES = st.one_of(
    st.none(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), st.just(0.1)
)
TIMES = st.lists(st.integers(0, 400), max_size=60).map(sorted)


@st.composite
def series(draw: st.DrawFn) -> tuple[list[int], dict[str, list[float | None]]]:
    """Times, some of them equal, with gaps; and columns with and without values that are absent."""
    times = draw(TIMES)
    columns = {name: draw(st.lists(VALUES, min_size=len(times), max_size=len(times))) for name in "ab"}
    whole = draw(st.lists(st.floats(-1e6, 1e6), min_size=len(times), max_size=len(times)))
    return times, {**columns, "whole": [*whole]}


def slowly(times: list[int], values: list[float | None], found: Sampling) -> list[tuple[float | None, ...]]:
    """The same figures, from each bucket's own times, one value after the other."""
    answers: list[tuple[float | None, ...]] = []
    place = 0
    for count in found.counts:
        part = values[place : place + count]
        place += count
        known = [value for value in part if value is not None]
        if known:
            halves = fsum(value / len(known) for value in known)
            answers.append((halves, min(known), max(known), known[0], known[-1]))
        else:
            answers.append((None,) * 5)
    return answers


@given(given_series=series(), points=st.integers(1, 70))
def test_each_bucket_has_the_figures_of_what_is_in_it(
    given_series: tuple[list[int], dict[str, list[float | None]]], points: int
) -> None:
    """Lowest, highest, first and last to the bit; the average as near as floats allow, and never outside."""
    times, columns = given_series
    found = downsampled(times, columns, points=points)
    for name, values in columns.items():
        sampled = found.metrics[name]
        rows = zip(sampled.average, sampled.lowest, sampled.highest, sampled.first, sampled.last, strict=True)
        for (average, *exact), (wanted, *others) in zip(rows, slowly(times, values, found), strict=True):
            assert exact == others
            if average is None or wanted is None:
                assert average is wanted
            else:
                size = max(abs(exact[0] or 0), abs(exact[1] or 0))
                assert isclose(average, wanted, rel_tol=1e-9, abs_tol=size * 1e-9)
                assert exact[0] is not None
                assert exact[1] is not None
                assert exact[0] <= average <= exact[1]


@given(given_series=series(), points=st.integers(1, 70))
def test_every_time_is_in_one_bucket_and_the_buckets_are_in_order(
    given_series: tuple[list[int], dict[str, list[float | None]]], points: int
) -> None:
    """Nothing is lost or counted twice; a bucket is never longer than its share of the time, and none is empty."""
    times, columns = given_series
    found = downsampled(times, columns, points=points)
    assert sum(found.counts) == len(times)
    assert 0 not in found.counts
    assert len(found.counts) <= max(points, 0)
    places = [sum(found.counts[:number]) for number in range(len(found.counts) + 1)]
    assert found.starts == [times[place] for place in places[:-1]]
    assert found.ends == [times[place - 1] for place in places[1:]]
    if times and len(times) > points:
        share = -(-(times[-1] - times[0] + 1) // points)
        assert all(end - start <= share for start, end in zip(found.starts, found.ends, strict=True))


@given(given_series=series(), points=st.integers(1, 70))
def test_no_extreme_is_lost(given_series: tuple[list[int], dict[str, list[float | None]]], points: int) -> None:
    """A spike of one hour is still there in a picture of a year."""
    times, columns = given_series
    found = downsampled(times, columns, points=points)
    for name, values in columns.items():
        known = [value for value in values if value is not None]
        lowest = [value for value in found.metrics[name].lowest if value is not None]
        highest = [value for value in found.metrics[name].highest if value is not None]
        assert min(lowest, default=None) == min(known, default=None)
        assert max(highest, default=None) == max(known, default=None)


def test_as_many_points_as_there_are_change_nothing() -> None:
    """Whoever asks for more than there is gets what there is, times that are equal apart."""
    found = downsampled([5, 5, 9], {"a": [1, None, 3]}, points=3)
    assert found.as_dict() == {
        "from": [5, 5, 9],
        "to": [5, 5, 9],
        "count": [1, 1, 1],
        "metrics": {"a": {figure: [1, None, 3] for figure in ("avg", "min", "max", "first", "last")}},
    }


def test_buckets_are_spans_of_time_and_a_gap_stays_a_gap() -> None:
    """Not so many captures each: a week without any is no day's worth of line."""
    found = downsampled([0, 1, 2, 3, 96, 97, 98, 99], {"a": [1, 2, 3, 4, 5, 6, 7, 9]}, points=4)
    assert (found.starts, found.ends, found.counts) == ([0, 96], [3, 99], [4, 4])
    assert found.metrics["a"].average == [2.5, 6.75]


@pytest.mark.parametrize("value", [0.1, 1.7e308, -1.7e308])
def test_the_average_of_equal_values_is_that_value(value: float) -> None:
    """Neither rounding nor a sum without end carries it past them."""
    found = downsampled(list(range(6)), {"a": [value] * 6}, points=2)
    assert found.metrics["a"].average == [value, value]


def test_no_times_are_no_buckets() -> None:
    """A project that was never captured has an empty picture and no error."""
    assert downsampled([], {"a": []}, points=10).as_dict()["metrics"]["a"]["avg"] == []


def test_what_cannot_be_sampled_is_refused() -> None:
    """No points, or columns that do not fit."""
    with pytest.raises(InvalidInput, match="points"):
        downsampled([1], {"a": [1]}, points=0)
    with pytest.raises(ValueError, match="each time"):
        downsampled([1, 2], {"a": [1]}, points=1)


@given(values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=9))
def test_a_mean_lies_between_its_numbers(values: list[float]) -> None:
    """However large they are."""
    assert min(values) <= mean(values) <= max(values)

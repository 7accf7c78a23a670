"""Which way things go, and that the reason says by what it was decided."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.model.payload import Better
from stillframe.report.trend import Direction, trend_of_diff, trend_of_series
from tests.report.pictures import diffs, picture

DAY = 86_400_000


def summary(score: float | None, **more: Any) -> dict[str, Any]:
    return {"score": score, "measures": [], **more}


def project(**scores: float | None) -> dict[str, Any]:
    """A picture with these dimensions and no metric of its own that moves."""
    return picture(summaries={name: summary(score) for name, score in scores.items()})


@pytest.mark.parametrize(
    ("before", "after", "direction", "basis"),
    [
        ({"health": 80}, {"health": 81}, "improving", "health_score"),
        ({"health": 80}, {"health": 79}, "declining", "health_score"),
        ({"health": 80}, {"health": 80.5}, "stable", "metric_states"),
        ({"health": 63.9}, {"health": 64.4}, "stable", "metric_states"),
        ({"health": 80, "sca": 50}, {"health": 80.4, "sca": 40}, "declining", "dimension_states"),
        (
            {"health": None, "sca": 50, "audit": 1},
            {"health": 80, "sca": 60, "audit": 1},
            "improving",
            "dimension_states",
        ),
        ({"sca": 50, "audit": 5}, {"sca": 60, "audit": 4}, "stable", "dimension_states"),
        ({"sca": 50, "audit": 5, "quality": 1}, {"sca": 60, "audit": 4, "quality": 2}, "improving", "dimension_states"),
        ({"health": 80, "sca": 50}, {"health": 82, "sca": 10}, "improving", "health_score"),
    ],
)
def test_the_health_score_decides_then_the_dimensions(
    before: dict[str, float | None], after: dict[str, float | None], direction: Direction, basis: str
) -> None:
    """Half a point of health is noise; then more dimensions on one side decide, health not counted twice."""
    found = trend_of_diff(compute_diff(project(**before), project(**after)))
    assert (found.direction, found.basis) == (direction, basis)


def test_a_tolerance_that_the_snapshots_give_counts_if_it_is_larger() -> None:
    """A project whose score is known to shiver says so itself."""
    before = picture(summaries={"health": summary(80, tolerance=3), "sca": summary(50)})
    after = picture(summaries={"health": summary(82, tolerance=3), "sca": summary(50)})
    assert trend_of_diff(compute_diff(before, after)).direction == "stable"


def test_without_dimensions_the_metrics_decide() -> None:
    """A live dashboard has no health; what it measures has a better side all the same."""
    found = trend_of_diff(compute_diff(picture(papers=1), picture(papers=2)))
    assert (found.direction, found.basis) == ("improving", "metric_states")
    assert found.reason == "metrics: 1 improved, 0 regressed"


@given(diff=diffs())
def test_every_diff_has_a_direction_with_its_reason(diff: Any) -> None:
    """Two snapshots are always history enough."""
    found = trend_of_diff(diff)
    assert found.direction in ("improving", "declining", "stable")
    assert found.reason


@pytest.mark.parametrize(
    ("values", "better", "direction"),
    [
        ([1, 2, 3, 4], "higher", "insufficient_history"),
        ([1, None, 2, 3, 4, None], "higher", "insufficient_history"),
        ([1, 2, 3, 4, 5], "higher", "improving"),
        ([1, 2, 3, 4, 5], "lower", "declining"),
        ([5, 4, 3, 2, 1], "higher", "declining"),
        ([1, 2, 3, 4, 5], "none", "stable"),
        ([1, 1.1, 1.2, 1.3, 1.4], "higher", "stable"),
        ([10, 20, 10, 20, 10], "higher", "stable"),
        ([10, 30, 12, 33, 15, 31], "higher", "stable"),
        ([7, 7, 7, 7, 7, 7], "higher", "stable"),
        ([-1e308, 1e308, -1e308, 1e308, 1e308, 1e308], "higher", "stable"),
    ],
)
def test_a_series_goes_somewhere_only_beyond_its_tolerance_and_chance(
    values: list[float | None], better: Better, direction: Direction
) -> None:
    """Five points at least, more than half a unit along the line, and more rises than chance makes."""
    times = [number * DAY for number in range(len(values))]
    found = trend_of_series(times, values, better=better, tolerance=0.5)
    assert found.direction == direction, found.reason


def test_a_year_of_hours_is_judged_by_its_buckets() -> None:
    """What rises by a point a month rises, however many captures say so."""
    times = [number * DAY // 24 for number in range(8_760)]
    values = [50 + 12 * number / 8_760 + (number % 7 - 3) for number in range(8_760)]
    assert trend_of_series(times, values, tolerance=0.5).direction == "improving"


def test_captures_of_one_time_are_no_history() -> None:
    """Five pushes about the same day say nothing about a direction."""
    found = trend_of_series([DAY] * 6, [1, 2, 3, 4, 5, 6])
    assert (found.direction, found.reason) == ("insufficient_history", "every point is of one time")


@given(values=st.lists(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)), max_size=90))
def test_no_series_fails(values: list[float | None]) -> None:
    """Empty, one point, all absent, huge: there is an answer and a reason."""
    found = trend_of_series([number * DAY for number in range(len(values))], values)
    assert found.reason

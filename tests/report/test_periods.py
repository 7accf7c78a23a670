"""Two periods side by side, held against the plain way."""

from __future__ import annotations

from fractions import Fraction
from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from stillframe.model.payload import Field
from stillframe.report.periods import compare_periods

VALUES = st.lists(st.one_of(st.none(), st.integers(-1_000, 1_000), st.floats(-1e9, 1e9)), max_size=20)


@given(baseline=VALUES, period=VALUES)
def test_the_figures_are_those_of_the_values_that_there_are(
    baseline: list[float | None], period: list[float | None]
) -> None:
    """In exact fractions; None is no value and no zero."""
    found = compare_periods({"m": baseline}, {"m": period})["m"]
    for figures, values in ((found["baseline"], baseline), (found["period"], period)):
        known = [Fraction(value) for value in values if value is not None]
        assert figures["count"] == len(known)
        if not known:
            assert set(figures.values()) == {0, None}
            continue
        assert (figures["min"], figures["max"]) == (min(known), max(known))
        assert (figures["first"], figures["last"]) == (known[0], known[-1])
        assert isclose(figures["mean"], float(sum(known) / len(known)), rel_tol=1e-12, abs_tol=1e-6)


def test_the_means_are_compared_as_a_diff_compares() -> None:
    """By the better side, beyond the tolerance, with the fraction of the old."""
    fields = {"critical": Field(better="lower"), "score": Field(better="higher", tolerance=0.5)}
    before, after = {"critical": [2, 4], "score": [80.0]}, {"critical": [6], "score": [80.4]}
    found = compare_periods(before, after, fields=fields)
    assert found["critical"] == {
        "baseline": {"count": 2, "mean": 3, "min": 2, "max": 4, "first": 2, "last": 4},
        "period": {"count": 1, "mean": 6, "min": 6, "max": 6, "first": 6, "last": 6},
        "delta": 3.0,
        "delta_pct": 1.0,
        "better": "lower",
        "state": "regressed",
    }
    assert found["score"]["state"] == "unchanged"


def test_a_metric_of_one_period_only_is_missing_and_not_worse() -> None:
    """It is listed all the same, those of the present first."""
    found = compare_periods({"old": [1], "both": [1]}, {"both": [1], "new": [2]}, fields={"new": Field(better="lower")})
    assert list(found) == ["both", "new", "old"]
    assert found["old"]["missing"] is True
    assert found["new"]["state"] == "unchanged"
    assert found["new"]["baseline"]["mean"] is None


def test_nothing_in_either_period_is_an_empty_answer() -> None:
    """A project without a capture has no metrics."""
    assert compare_periods({}, {}) == {}

"""What one part came to, and how figures are written: stable, canonical, and never a guess where there is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.health.scored import Scored, clamped, measure, points, severity_counts, share, whole

values = st.floats(0, 1)


@given(values, values)
def test_rounding_never_turns_two_values_round(one: float, other: float) -> None:
    """What is better is never fewer points."""
    low, high = sorted((one, other))
    assert points(low) <= points(high)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_whole_number_is_written_without_a_fraction(number: float) -> None:
    """Payloads hold no float that reads back as an integer, and no value changes by it."""
    found = whole(number)
    assert found == number
    assert isinstance(found, int) is (number.is_integer() and abs(number) < 2**53)


@pytest.mark.parametrize(("value", "expected"), [(-0.1, 0), (0, 0), (0.4, 0.4), (1, 1), (1.1, 1)])
def test_a_value_stays_between_nothing_and_everything(value: float, expected: float) -> None:
    """No part gives more than its weight, and none takes from the others."""
    assert clamped(value) == expected


def test_a_measure_without_a_value_says_that_it_was_not_measured() -> None:
    """Null is not zero, and the status says which kind of null it is."""
    assert measure("density", None) == {"id": "density", "value": None, "better": "lower", "status": "not_measured"}
    assert measure("density", None, status="error")["status"] == "error"
    assert measure("density", 2.5, unit="x", source="bandit") == {
        "id": "density",
        "value": 2.5,
        "better": "lower",
        "unit": "x",
        "source": "bandit",
        "status": "measured",
    }


def test_a_share_forgives_what_reports_round_away() -> None:
    """The same run in two formats is no change."""
    assert share("documentation", 0.8)["tolerance"] == 0.0005


def test_severities_are_counted_each_by_its_name() -> None:
    """None of a kind is a zero; nobody counting is no number at all."""
    counted = severity_counts(["high", "high", "low"], ("high", "medium"))
    assert [(found["id"], found["value"]) for found in counted] == [("high", 2), ("medium", 0)]
    assert [found["value"] for found in severity_counts(None, ("high",))] == [None]


def test_a_part_without_a_value_has_no_score_and_may_still_have_measures() -> None:
    """What is known is shown, though it is not enough for a score."""
    unknown = Scored(part="audit", value=None)
    seen = Scored(part="audit", value=None, measures=(measure("high", 1),))
    assert (unknown.score, unknown.is_known, seen.is_known) == (None, False, True)
    assert Scored(part="audit", value=2 / 3).as_summary() == {"score": 66.6667, "tolerance": 0.5, "measures": []}

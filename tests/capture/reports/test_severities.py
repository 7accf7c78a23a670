"""Grades of every scanner meet in five words, and what is not graded has none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.capture.reports.severities import severity_of_score, severity_of_word, worst
from stillframe.model.facts import SEVERITIES


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        (10.0, "critical"),
        (9.0, "critical"),
        (8.9, "high"),
        (7.0, "high"),
        (6.9, "medium"),
        (4.0, "medium"),
        (3.9, "low"),
        (0.1, "low"),
        (0.0, "info"),
        (-1.0, None),
        (10.1, None),
        (float("nan"), None),
        (None, None),
    ],
)
def test_the_bands_of_cvss_are_met_on_both_sides(score: float | None, severity: str | None) -> None:
    """A score at an edge belongs to the worse band; what is no score grades nothing."""
    assert severity_of_score(score) == severity


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("CRITICAL", "critical"),
        ("Important", "high"),
        ("moderate", "medium"),
        ("Negligible", "low"),
        ("informational", "info"),
        ("UNKNOWN", None),
        ("untriaged", None),
        ("", None),
        (None, None),
    ],
)
def test_each_vendors_word_means_one_of_five(word: str | None, severity: str | None) -> None:
    """Words differ by vendor and case; one that nobody knows grades nothing, which is not harmless."""
    assert severity_of_word(word) == severity


@given(st.lists(st.sampled_from([*SEVERITIES, None])))
def test_of_many_grades_the_worst_that_is_known_counts(grades: list[str | None]) -> None:
    """In any order; not knowing is no grade."""
    known = [grade for grade in grades if grade is not None]
    assert worst(grades) == min(known, key=SEVERITIES.index, default=None)

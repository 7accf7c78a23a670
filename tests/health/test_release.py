"""Release, to the figure: pass, warn, fail, and nothing where no gate decided."""

from __future__ import annotations

import pytest

from stillframe.health.release import decision_of
from stillframe.model.facts import GateDecision
from tests.health.reports import assessed, gate, junit, line, measures, score


@pytest.mark.parametrize(("decision", "expected"), [("pass", 100), ("warn", 50), ("fail", 0)])
def test_a_decision_is_a_score(decision: GateDecision, expected: int) -> None:
    """pass 1, warn 0.5, fail 0."""
    found = assessed(gate(decision))
    assert (score(found, "release"), line(found, "release")["value"]) == (expected, expected / 100)


def test_without_a_gate_the_release_is_missing_whatever_tests_say() -> None:
    """Tests are shown and score nothing: only a gate decides."""
    found = assessed(junit(a="passed", b="failed", c="error", d="skipped"))
    assert (score(found, "release"), line(found, "release")["reason"]) == (None, "release_gate_missing")
    assert measures(found, "release") == {"tests_failed": 2, "tests_total": 4}


def test_a_gate_brings_what_its_checks_came_to() -> None:
    """Rules may speak of them by name."""
    found = measures(assessed(gate("warn", warnings_failed=2, skipped=1)), "release")
    assert found == {"blockers_failed": 0, "warnings_failed": 2, "skipped": 1, "suppressed": 0}


@pytest.mark.parametrize(
    ("given", "expected"), [(100, "pass"), (50, "warn"), (0, "fail"), (50.0, "warn"), (80, None), (None, None)]
)
def test_a_score_that_stands_for_a_decision_gives_it_back(given: float | None, expected: str | None) -> None:
    """Of any other score nobody knows what a gate would have said."""
    assert decision_of(given) == expected

"""Test runs in several reports: added up, each test once, and one outcome each."""

from __future__ import annotations

from stillframe.health.shards import SuiteAnswer, merged_suites
from stillframe.model.facts import Suite


def answer(name: str, suite: Suite | None = None, **outcomes: str) -> SuiteAnswer:
    ends = list(outcomes.values())
    counted = Suite(passed=ends.count("passed"), failed=ends.count("failed"), errors=ends.count("error"))
    return SuiteAnswer(name=name, suite=suite or counted, outcomes=outcomes)


def test_shards_add_up() -> None:
    """A run that was divided is one run."""
    suite, faults = merged_suites([answer("1", a="passed", b="failed"), answer("2", c="passed", d="error")])
    assert (suite, faults) == (Suite(passed=2, failed=1, errors=1), [])


def test_a_test_that_two_reports_name_is_counted_once() -> None:
    """The same answer twice is no second test."""
    suite, faults = merged_suites([answer("1", a="passed", b="error"), answer("2", a="passed", b="error")])
    assert (suite, faults) == (Suite(passed=1, errors=1), [])


def test_a_test_with_two_outcomes_is_a_contradiction_that_names_both_files() -> None:
    """One fault for two reports, however many tests they quarrel about."""
    _, faults = merged_suites([answer("1", a="passed", b="passed"), answer("2", a="failed", b="failed")])
    assert len(faults) == 1
    assert faults[0].path == "2"
    assert "'a', and of 1 more tests another outcome than in 1" in faults[0].message


def test_no_report_of_tests_is_no_suite() -> None:
    """And a report of none is a suite of none."""
    assert merged_suites([]) == (None, [])
    assert merged_suites([answer("1")])[0] == Suite()


def test_reports_that_name_no_tests_add_up_by_their_counts() -> None:
    """Where nobody says which, all are taken."""
    suite, _ = merged_suites([answer("1", Suite(passed=3, skipped=1)), answer("2", Suite(passed=4))])
    assert suite == Suite(passed=7, skipped=1)

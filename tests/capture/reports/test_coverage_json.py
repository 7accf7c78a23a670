"""coverage.py's JSON: lines and branches are two figures, and the one that mixes them is read by nobody."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.capture.reports.coverage_json import CoverageJson
from stillframe.model.facts import CodeSize, Share
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import refusal, said, written

READER = CoverageJson()
LINES = {"covered_lines": 5, "num_statements": 6, "percent_covered": 75.0, "percent_covered_display": "75"}
BRANCHES = {"num_branches": 2, "num_partial_branches": 1, "covered_branches": 1, "missing_branches": 1}


def report(totals: dict[str, Any] | None = None, **meta: Any) -> dict[str, Any]:
    known = {"format": 3, "version": "7.17.4", "timestamp": "2026-11-26T09:00:13", "branch_coverage": True}
    found = {**LINES, **BRANCHES} if totals is None else totals
    return {"meta": {**known, **meta}, "files": {"kiosk/tills.py": {"executed_lines": [3, 4]}}, "totals": found}


def test_lines_and_branches_are_read_by_their_own_names() -> None:
    """The same run is 75.0 % in `percent_covered`, which mixes both; it has 5 of 6 lines."""
    facts = said(READER, report())
    assert facts.coverage is not None
    assert facts.coverage.line == Share(part=5, whole=6)
    assert facts.coverage.branch == Share(part=1, whole=2)
    assert facts.coverage.functions is None
    assert facts.code_size == CodeSize(lines=6, source="coverage")
    assert (facts.format, facts.tool, facts.version) == ("coverage.json", "coverage.py", "7.17.4")


def test_branches_that_were_not_measured_are_not_zero() -> None:
    """Without `--branch` nobody knows, whatever stands in the totals."""
    facts = said(READER, report({**LINES, **BRANCHES}, branch_coverage=False))
    assert facts.coverage is not None
    assert facts.coverage.branch is None


def test_nothing_of_nothing_is_no_share() -> None:
    """A package without a statement has no coverage, neither full nor none."""
    facts = said(READER, report({"covered_lines": 0, "num_statements": 0}, branch_coverage=False))
    assert facts.coverage is not None
    assert facts.coverage.line is None


@pytest.mark.parametrize(
    ("meta", "what"), [({"format": 4}, "format 4"), ({"format": 1}, "format 1"), ({"format": None}, "no format")]
)
def test_other_formats_are_refused(meta: dict[str, Any], what: str) -> None:
    """What a format does not promise is not guessed; the error says which are read."""
    assert refusal(READER, report(**meta)) == (
        f"report.json: $.meta.format: coverage.json: this is {what}"
        f"{', as before format 2' if what == 'no format' else ''}; formats 2 and 3 of coverage.py's JSON are read"
    )


def test_format_2_is_read() -> None:
    """The totals are the same in both."""
    assert said(READER, report(format=2)).coverage == said(READER, report()).coverage


@pytest.mark.parametrize(
    ("totals", "what"),
    [
        ({**LINES, "covered_lines": 7, **BRANCHES}, "$.totals: coverage.json: 7 of 6 lines"),
        ({**LINES, **BRANCHES, "covered_branches": 3}, "$.totals: coverage.json: 3 of 2 branches"),
        (LINES, "$.totals: coverage.json: branches were measured"),
        ({**LINES, **BRANCHES, "covered_lines": -1}, "$.totals.covered_lines"),
        ({**BRANCHES, "num_statements": 6}, "$.totals: coverage.json: Object missing required field `covered_lines`"),
        ({}, "$.totals"),
    ],
)
def test_figures_that_cannot_be_are_refused(totals: dict[str, Any], what: str) -> None:
    """A report that contradicts itself says nothing; the error names the place."""
    assert f"report.json: {what}" in refusal(READER, report(totals))


def test_damaged_reports_are_refused_or_read() -> None:
    """Whatever was done to a report, there is an answer or a clear refusal."""
    assert_law(READER, [written(report()), written(report(LINES, branch_coverage=False))])


def test_no_report_costs_more_memory_than_there_is() -> None:
    """Of the files and lines in it nothing is built."""
    assert_bounded(READER, [written(report())])

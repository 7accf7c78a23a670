"""Audit, to the figure: 10 less the weighted findings per thousand lines, and nothing without lines to divide by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.health.audit import audit
from stillframe.health.told import Size, Told
from stillframe.model.facts import SEVERITIES, Severity
from tests.health.reports import assessed, bandit, evidence, finding, line, lines_of, measures, score


@pytest.mark.parametrize(
    ("severities", "lines", "expected"),
    [
        ([], 1_000, 100),
        (["info"] * 9, 1_000, 100),
        (["critical"], 1_000, 20),
        (["high"], 1_000, 60),
        (["medium"], 1_000, 85),
        (["low"], 1_000, 97),
        (["critical"], 2_000, 60),
        (["critical", "high", "medium", "low"], 2_000, 31),
        (["medium"] * 6, 1_000, 10),
        (["high", "high", "medium", "low"], 1_000, 2),
        (["high", "high", "medium", "low", "low"], 1_000, 0),
        (["critical"] * 100, 1_000, 0),
        (["low"], 7, 0),
    ],
)
def test_each_finding_takes_its_weight_per_thousand_lines(
    severities: list[Severity], lines: int, expected: float
) -> None:
    """critical 8, high 4, medium 1.5, low 0.3, info nothing; at 10 there is nothing left to lose."""
    assert score(assessed(bandit(*severities, lines=lines)), "audit") == pytest.approx(expected)


def test_lines_are_counted_by_the_first_tool_of_four() -> None:
    """Bandit, radon, coverage, then what was given; the breakdown names which one."""
    sources = [lines_of("bandit", 1_000), lines_of("radon", 2_000), lines_of("coverage", 4_000)]
    findings = evidence("sarif", findings=[finding(severity="high")], looks_for=("audit",))
    seen = []
    for first in range(4):
        found = assessed(findings, *sources[first:], kloc=8)
        seen.append((line(found, "audit")["code_size"], measures(found, "audit")["density"]))
    assert seen == [("bandit", 4), ("radon", 2), ("coverage", 1), ("given", 0.5)]


@pytest.mark.parametrize("lines", [None, 0])
def test_without_lines_there_are_findings_and_no_score(lines: int | None) -> None:
    """Not measured, with its reason: neither the best nor the worst."""
    size = {} if lines is None else {"code_size": lines_of("bandit", lines).facts.code_size}
    found = assessed(evidence("sarif", findings=[finding()], looks_for=("audit",), **size))
    assert score(found, "audit") is None
    assert measures(found, "audit")["high"] == 1
    assert line(found, "audit")["reason"] == "code_size_missing"
    assert "code_size_missing" in found.summaries["health"]["reason_codes"]
    assert "audit_snapshot_missing" not in found.summaries["health"]["reason_codes"]


def test_nobody_looked_is_missing_and_nothing_found_is_the_best() -> None:
    """The two are told apart by what the report says that it looks for."""
    silent = assessed(evidence("ruff", findings=[], looks_for=("quality",)), kloc=1)
    looked = assessed(evidence("bandit", findings=[], looks_for=("audit",)), kloc=1)
    assert (score(silent, "audit"), line(silent, "audit")["reason"]) == (None, "audit_snapshot_missing")
    assert (score(looked, "audit"), line(looked, "audit")["reason"]) == (100, None)


def test_what_was_accepted_is_counted_apart() -> None:
    """A suppressed finding costs nothing, and is seen."""
    found = assessed(bandit(findings=[finding("a"), finding("b", suppressed=True)]))
    assert (measures(found, "audit")["high"], measures(found, "audit")["suppressed"]) == (1, 1)
    assert score(found, "audit") == 60


def test_a_run_that_failed_is_an_error_and_never_zero_findings() -> None:
    """What the others found is not all there is, so no count is given."""
    broken = evidence("codeql", failed="it ran out of memory", looks_for=("audit",))
    found = assessed(bandit("low"), broken)
    summary = found.summaries["audit"]
    assert summary["score"] is None
    assert {each["value"] for each in summary["measures"]} == {None}
    assert {each["status"] for each in summary["measures"]} == {"error"}
    assert line(found, "audit")["reason"] == "report_failed"
    assert "report_failed" in found.summaries["health"]["reason_codes"]


def test_paths_of_tainted_values_are_counted_where_a_tool_looks_for_them() -> None:
    """A tool that follows no values says nothing of them."""
    tainted = [finding("a", tainted=True), finding("b", tainted=True, suppressed=True), finding("c")]
    assert measures(assessed(bandit(findings=tainted, taint_paths=True)), "audit")["taint_paths"] == 1
    assert measures(assessed(bandit(findings=tainted)), "audit")["taint_paths"] is None


@given(st.lists(st.sampled_from(SEVERITIES), max_size=30), st.integers(1, 100_000))
def test_one_finding_less_never_makes_it_worse(severities: list[Severity], lines: int) -> None:
    """What is mended is never punished."""
    found = [finding(f"f{number}", severity) for number, severity in enumerate(severities)]
    values = [
        audit(Told(findings={"audit": found[:count]}, size=Size(lines=lines, source="bandit"))).value or 0.0
        for count in range(len(found) + 1)
    ]
    assert values == sorted(values, reverse=True)
    assert all(0 <= value <= 1 for value in values)

"""Quality, to the figure: four shares, and what one that is missing costs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.health.quality import is_definition, quality
from stillframe.health.told import Told
from stillframe.model.facts import Complexity, Coverage, Evidence, Share
from tests.health.reports import (
    assessed,
    complexity,
    covered,
    documented,
    evidence,
    finding,
    junit,
    line,
    lines_of,
    measures,
    score,
    unused,
)

GOOD = {"coverage": covered(1), "documentation": documented(1), "complexity": complexity(0), "unused": unused(0)}


def with_(**changed: Evidence) -> list[Evidence]:
    return list({**GOOD, **changed}.values())


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        (with_(), 100),
        (with_(coverage=covered(0)), 60),
        (with_(coverage=covered(0.5)), 80),
        (with_(documentation=documented(0)), 80),
        (with_(documentation=documented(0.25)), 85),
        (with_(unused=unused(5)), 90),
        (with_(unused=unused(10)), 80),
        (with_(unused=unused(25)), 80),
        (with_(complexity=complexity(10)), 90),
        (with_(complexity=complexity(19)), 81),
        (with_(complexity=complexity(20)), 80),
        (with_(complexity=complexity(200)), 80),
        (with_(coverage=covered(0), documentation=documented(0), complexity=complexity(50), unused=unused(10)), 0),
    ],
)
def test_each_of_the_four_gives_its_share(reports: list[Evidence], expected: float) -> None:
    """0.40 coverage, 0.20 documentation, 0.20 what is not dead, 0.20 what is not complex; each clamped."""
    assert score(assessed(*reports), "quality") == pytest.approx(expected)


@pytest.mark.parametrize(
    ("left", "expected", "reasons"),
    [
        ("coverage", 60, ["runtime_coverage_missing"]),
        ("documentation", 80, ["documentation_missing"]),
        ("unused", 80, ["dead_code_missing"]),
        ("complexity", 60, ["dead_code_missing", "complexity_missing"]),
    ],
)
def test_one_that_is_missing_counts_nothing_and_says_why(left: str, expected: float, reasons: list[str]) -> None:
    """Radon counts the definitions that dead code is a share of, so without it two are missing."""
    found = assessed(*(report for name, report in GOOD.items() if name != left))
    assert score(found, "quality") == pytest.approx(expected)
    assert line(found, "quality")["reasons"] == reasons
    assert line(found, "quality")["reason"] == reasons[0]


def test_where_none_of_the_four_is_known_quality_is_missing() -> None:
    """Missing is neither bad nor good, though there are measures to show."""
    found = assessed(junit(a="passed", b="skipped"), evidence("ruff", findings=[finding(part="quality")]))
    assert (score(found, "quality"), line(found, "quality")["reason"]) == (None, "quality_report_missing")
    counted = measures(found, "quality")
    assert (counted["tests_passed"], counted["tests_failed"], counted["tests_skipped"]) == (1, 0, 1)
    assert counted["high"] == 1


def test_branches_are_never_lines() -> None:
    """Two figures, each under its own name, and only lines score."""
    both = Coverage(line=Share(part=5, whole=6), branch=Share(part=1, whole=2), functions=Share(part=1, whole=4))
    found = assessed(evidence("cobertura", coverage=both))
    counted = measures(found, "quality")
    assert (counted["coverage.line"], counted["coverage.branch"], counted["coverage.functions"]) == (5 / 6, 0.5, 0.25)
    assert score(found, "quality") == pytest.approx(100 * 0.4 * 5 / 6, abs=1e-4)
    only = assessed(evidence("lcov", coverage=Coverage(branch=Share(part=1, whole=2))))
    assert score(only, "quality") is None


@pytest.mark.parametrize(
    ("rule", "counts"),
    [
        ("unused-function", True),
        ("unused-method", True),
        ("unused-class", True),
        ("unused-property", True),
        ("unused-variable", False),
        ("unused-import", False),
        ("unused-attribute", False),
        ("unreachable-code", False),
    ],
)
def test_dead_code_is_a_share_of_definitions(rule: str, counts: bool) -> None:
    """An unused variable is a finding and no definition."""
    dead = finding("x", "low", "quality", rule=rule)
    assert is_definition(dead) is counts
    found = measures(assessed(complexity(1, blocks=4), evidence("vulture", unused=[dead])), "quality")
    assert (found["unused"], found["dead_code"]) == (1, 0.25 if counts else 0)


def test_what_the_table_shows_of_quality_is_what_the_measures_count() -> None:
    """Findings of analysers and what is unused, each once."""
    twice = finding("same", "low", "quality")
    reports = [evidence("ruff", findings=[twice, finding("q", "high", "quality")]), evidence("vulture", unused=[twice])]
    found = assessed(*reports)
    rows = [row["severity"] for row in found.findings or () if row["dimension"] == "quality"]
    counted = measures(found, "quality")
    assert sorted(map(str, rows)) == ["high", "low"]
    assert (counted["high"], counted["low"], counted["critical"]) == (1, 1, 0)


def test_a_tool_of_measures_that_failed_costs_its_share_alone() -> None:
    """What radon could not parse is missing; the others stand, and the breakdown says that a run failed."""
    broken = evidence("radon", failed="no file could be parsed")
    found = assessed(covered(1), documented(1), broken)
    assert score(found, "quality") == 60
    assert line(found, "quality")["reasons"] == ["dead_code_missing", "complexity_missing", "report_failed"]
    assert line(assessed(broken), "quality")["reasons"] == ["report_failed"]


def test_lines_of_code_say_who_counted_them() -> None:
    """Another counter is another figure."""
    found = assessed(lines_of("radon", 900)).summaries["quality"]["measures"]
    assert [(each["id"], each["value"], each["source"]) for each in found] == [("code_lines", 900, "radon")]


shares = st.one_of(st.none(), st.floats(0, 1))


@given(shares, shares, st.one_of(st.none(), st.floats(0, 40)), st.integers(0, 12), st.floats(0, 1))
def test_better_is_never_less(
    line: float | None, documentation: float | None, average: float | None, dead: int, by: float
) -> None:
    """More coverage, more documentation, less dead code, less complexity: each alone never lowers the part."""

    def value(line: float | None, documentation: float | None, average: float | None, dead: int) -> float:
        found = quality(
            Told(
                coverage=Coverage(line=None if line is None else Share(part=line, whole=1)),
                documentation=None if documentation is None else Share(part=documentation, whole=1),
                complexity=None if average is None else Complexity(total=average * 8, blocks=8, highest=average),
                definitions=10,
                unused=[finding(f"u{number}", "low", "quality", rule="unused-method") for number in range(dead)],
            )
        ).value
        assert found is not None
        assert 0 <= found <= 1
        return found

    before = value(line, documentation, average, dead)
    if line is not None:
        assert value(line + (1 - line) * by, documentation, average, dead) >= before
    if documentation is not None:
        assert value(line, documentation + (1 - documentation) * by, average, dead) >= before
    if average is not None:
        assert value(line, documentation, average * by, dead) >= before
    assert value(line, documentation, average, max(0, dead - 1)) >= before

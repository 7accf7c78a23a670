"""The quality part: line coverage, documentation, dead code and complexity, each with its share of the part."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import fsum
from types import MappingProxyType
from typing import Any, Final

from stillframe.health.scored import REPORT_FAILED, Measure, Scored, clamped, measure, severity_counts, share
from stillframe.health.told import Told, open_findings
from stillframe.model.facts import SEVERITIES, Finding

WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {"line_coverage": 0.40, "documentation": 0.20, "dead_code": 0.20, "complexity": 0.20}
)
COMPLEXITY_WORST: Final = 20
"""The average cyclomatic complexity from which on there is nothing left to lose."""
QUALITY_MISSING: Final = "quality_report_missing"
REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "line_coverage": "runtime_coverage_missing",
        "documentation": "documentation_missing",
        "dead_code": "dead_code_missing",
        "complexity": "complexity_missing",
    }
)
"""Why one of the four counts 0."""
_DEFINITION: Final = re.compile(r"\b(?:function|method|class|property)\b")

FIGURES: Final[Mapping[str, Any]] = MappingProxyType({"weights": dict(WEIGHTS), "complexity_worst": COMPLEXITY_WORST})


def quality(told: Told) -> Scored:
    """
    Return the quality part: 0.40 line coverage + 0.20 documentation + 0.20 (1 - dead code) + 0.20 (1 - min(average
    complexity / 20, 1)).

    Where any of the four is known, one that is not counts 0, and the breakdown keeps the reason; where none is, the
    part is missing.

    Source  docs/reference/health-score.md, "Quality".
    """
    dead, complexity = _dead_share(told), _average(told)
    shares = {
        "line_coverage": told.coverage.line.value if told.coverage.line else None,
        "documentation": told.documentation.value if told.documentation else None,
        "dead_code": None if dead is None else 1 - dead,
        "complexity": None if complexity is None else 1 - min(complexity / COMPLEXITY_WORST, 1),
    }
    failed = (REPORT_FAILED,) if "quality" in told.failed or told.measuring_failed else ()
    measures = tuple(_measures(told, dead=dead, complexity=complexity))
    if all(value is None for value in shares.values()):
        return Scored(part="quality", value=None, reasons=failed or (QUALITY_MISSING,), measures=measures)
    value = fsum(WEIGHTS[name] * clamped(found) for name, found in shares.items() if found is not None)
    missing = tuple(REASONS[name] for name, found in shares.items() if found is None)
    return Scored(part="quality", value=clamped(value), reasons=(*missing, *failed), measures=measures)


def is_definition(finding: Finding) -> bool:
    """Say whether what is unused is a function, a method, a class or a property: what dead code is a share of."""
    return _DEFINITION.search(re.sub(r"[-_:.]", " ", finding.rule.lower())) is not None


def _dead_share(told: Told) -> float | None:
    unused = open_findings(told.unused)
    if unused is None or not told.definitions:
        return None
    return min(1.0, sum(map(is_definition, unused)) / told.definitions)


def _average(told: Told) -> float | None:
    return told.complexity.total / told.complexity.blocks if told.complexity and told.complexity.blocks else None


def _measures(told: Told, *, dead: float | None, complexity: float | None) -> list[Measure]:
    found: list[Measure] = []
    for name in ("line", "branch", "functions"):
        said = getattr(told.coverage, name)
        if said is not None:
            found.append(share(f"coverage.{name}", said.value))
    if told.documentation is not None:
        found.append(share("documentation", told.documentation.value))
    if told.unused is not None:
        found.append(share("dead_code", dead, better="lower"))
        found.append(measure("unused", len(open_findings(told.unused) or ())))
    if told.complexity is not None and complexity is not None:
        found.append(measure("complexity", complexity, tolerance=0.0005))
        found.append(measure("complexity.highest", told.complexity.highest))
    if told.size is not None:
        found.append(measure("code_lines", told.size.lines, better="none", unit="lines", source=told.size.source))
    return [*found, *_tests(told), *_findings(told)]


def _tests(told: Told) -> list[Measure]:
    if told.tests is None:
        return []
    return [
        measure("tests_passed", told.tests.passed, better="higher"),
        measure("tests_failed", told.tests.failed + told.tests.errors),
        measure("tests_skipped", told.tests.skipped, better="none"),
    ]


def _findings(told: Told) -> list[Measure]:
    """Count the open findings of the table's quality rows: what analysers found, and what is unused."""
    if "quality" in told.failed:
        return severity_counts(None, SEVERITIES, status="error")
    groups = [found for found in (told.findings.get("quality"), told.unused) if found is not None]
    if not groups:
        return []
    by_id = {finding.id: finding.severity for group in groups for finding in open_findings(group) or ()}
    return severity_counts(by_id.values(), SEVERITIES)

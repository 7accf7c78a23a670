"""Facts of reports for the tests of health: boring and complete, each test says the one thing that it is about."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from stillframe.health import Assessment, Formula, assess
from stillframe.health.told import KnownVulnerability
from stillframe.model.facts import (
    CodeSize,
    CodeSizeSource,
    Complexity,
    Component,
    Coverage,
    Evidence,
    Finding,
    GateDecision,
    Part,
    PolicyCheck,
    ReportFacts,
    Severity,
    Share,
    Suite,
    Vulnerability,
)


def evidence(name: str, **facts: Any) -> Evidence:
    """One report; of the same name and facts, the same."""
    said: dict[str, Any] = {"format": name, "reader": 1, "tool": name, "version": "1.0", **facts}
    digest = hashlib.sha256(f"{name} {sorted(said.items())}".encode()).hexdigest()
    return Evidence(name=f"{name}.json", sha256=digest, size=100, facts=ReportFacts(**said))


def finding(id: str = "B1:a.py:1", severity: Severity = "high", part: Part = "audit", **said: Any) -> Finding:  # noqa: A002  # because a finding's id is called so
    return Finding(**{"id": id, "part": part, "severity": severity, "title": f"about {id}", "file": "a.py", **said})


def bandit(*severities: Severity, lines: int = 1_000, **facts: Any) -> Evidence:
    """A report of Bandit: a finding of each severity in so many lines of code."""
    found = [finding(f"B{number}", severity) for number, severity in enumerate(severities)]
    size = CodeSize(lines=lines, source="bandit")
    return evidence("bandit", **{"findings": found, "looks_for": ("audit",), "code_size": size, **facts})


def lines_of(source: CodeSizeSource, lines: int) -> Evidence:
    return evidence(f"size-{source}", code_size=CodeSize(lines=lines, source=source))


def vulnerability(
    id: str = "CVE-2024-1",  # noqa: A002  # because a vulnerability's id is called so
    severity: Severity | None = "high",
    **said: Any,
) -> Vulnerability:
    facts = {"package": "pkg:pypi/jinja2", "version": "3.0", "ids": (id,), "severity": severity, "title": "", **said}
    return Vulnerability(**facts)


def audit_of_packages(*severities: Severity | None, name: str = "grype") -> Evidence:
    """A report of vulnerable packages: one vulnerability of each severity."""
    found = [vulnerability(f"CVE-2024-{number}", severity) for number, severity in enumerate(severities)]
    return evidence(name, vulnerabilities=found, looks_for=("sca",))


def known(number: int, severity: Severity, *, suppressed: bool = False) -> KnownVulnerability:
    return KnownVulnerability(
        id=f"pkg:pypi/p{number}:CVE-{number}",
        package=f"pkg:pypi/p{number}",
        severity=severity,
        severity_unknown=False,
        title="",
        suppressed=suppressed,
    )


def scorecard(**scores: float | None) -> Evidence:
    return evidence("scorecard", policy_checks=[PolicyCheck(id=name, score=score) for name, score in scores.items()])


def bill(*licences: str | None, name: str = "cyclonedx") -> Evidence:
    """A bill of materials: a component under each licence, None where it declares none."""
    found = [
        Component(
            package=f"pkg:pypi/p{number}",
            version="1",
            licences=() if text is None else tuple(frozenset(each.split(" AND ")) for each in text.split(" OR ")),
        )
        for number, text in enumerate(licences)
    ]
    return evidence(name, components=found)


def covered(line: float, whole: float = 1, name: str = "coverage", **facts: Any) -> Evidence:
    return evidence(name, coverage=Coverage(line=Share(part=line, whole=whole)), **facts)


def documented(share: float) -> Evidence:
    return evidence("interrogate", documentation=Share(part=share, whole=1))


def complexity(average: float, blocks: int = 10) -> Evidence:
    found = Complexity(total=average * blocks, blocks=blocks, highest=average)
    return evidence("radon", complexity=found, definitions=blocks)


def unused(count: int, kind: str = "function") -> Evidence:
    found = [finding(f"unused-{number}", "low", "quality", rule=f"unused-{kind}") for number in range(count)]
    return evidence("vulture", unused=found)


def junit(name: str = "junit", suite: Suite | None = None, **outcomes: str) -> Evidence:
    """A report of tests: each with its outcome, and failed ones as findings."""
    ends = list(outcomes.values())
    counted = Suite(
        passed=ends.count("passed"),
        failed=ends.count("failed"),
        errors=ends.count("error"),
        skipped=ends.count("skipped"),
    )
    failed = [finding(test, "high", "release") for test, end in outcomes.items() if end in ("failed", "error")]
    return evidence(name, tests=suite or counted, test_outcomes=outcomes, findings=failed)


def gate(decision: GateDecision, **counts: int) -> Evidence:
    every = {"blockers_failed": 0, "warnings_failed": 0, "skipped": 0, "suppressed": 0, **counts}
    return evidence("gate", tool=None, gate=decision, gate_counts=every)


def summary(rows: Sequence[Mapping[str, Any]] | None = None, name: str = "summary", **scores: Any) -> Evidence:
    """A `stillframe.summary/1`: scores by dimension, or whole summaries."""
    given = {
        dimension: found if isinstance(found, dict) else {"score": found, "measures": []}
        for dimension, found in scores.items()
    }
    return evidence(name, summaries=given, rows=rows)


def everything(*, of_gate: GateDecision = "pass") -> list[Evidence]:
    """Reports that feed all five parts, without a blemish."""
    return [
        bandit(),
        scorecard(Maintained=10),
        gate(of_gate),
        audit_of_packages(),
        covered(1),
        documented(1),
        complexity(0),
        unused(0),
    ]


def assessed(*reports: Evidence, formula: Formula | None = None, kloc: float | None = None) -> Assessment:
    return assess(reports, formula=formula or Formula(), kloc=kloc)


def measures(assessment: Assessment, dimension: str) -> dict[str, Any]:
    """The values of a dimension's measures by id."""
    found = assessment.summaries.get(dimension, {"measures": []})["measures"]
    return {measure["id"]: measure["value"] for measure in found}


def score(assessment: Assessment, dimension: str = "health") -> Any:
    return assessment.summaries.get(dimension, {}).get("score")


def line(assessment: Assessment, part: Part) -> dict[str, Any]:
    """A part's line of the breakdown."""
    return next(dict(found) for found in assessment.summaries["health"]["score_breakdown"] if found["part"] == part)

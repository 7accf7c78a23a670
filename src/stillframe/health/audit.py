"""The audit part: 10 less the weighted findings for each thousand lines of code."""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum
from types import MappingProxyType
from typing import Any, Final

from stillframe.health.scored import REPORT_FAILED, Measure, Scored, clamped, measure, severity_counts
from stillframe.health.told import Told, open_findings
from stillframe.model.facts import SEVERITIES, Severity

SEVERITY_WEIGHTS: Final[Mapping[Severity, float]] = MappingProxyType(
    {"critical": 8, "high": 4, "medium": 1.5, "low": 0.3, "info": 0}
)
BEST: Final = 10
CODE_SIZE_ORDER: Final = ("bandit", "radon", "coverage", "given")
"""Whose count of lines is taken, the first that is there."""
AUDIT_MISSING: Final = "audit_snapshot_missing"
CODE_SIZE_MISSING: Final = "code_size_missing"
_LINES: Final = 1_000

FIGURES: Final[Mapping[str, Any]] = MappingProxyType(
    {"best": BEST, "severity_weights": dict(SEVERITY_WEIGHTS), "code_size_order": list(CODE_SIZE_ORDER)}
)


def audit(told: Told) -> Scored:
    """
    Return the audit part: (10 - min(10, weighted open findings per kLOC)) / 10.

    Source  docs/reference/health-score.md, "Audit".
    """
    if "audit" in told.failed:
        measures = [*severity_counts(None, SEVERITIES, status="error"), measure("density", None, status="error")]
        return Scored(part="audit", value=None, reasons=(REPORT_FAILED,), measures=tuple(measures))
    found = open_findings(told.findings.get("audit"))
    if found is None:
        return Scored(part="audit", value=None, reasons=(AUDIT_MISSING,))
    size = told.size if told.size and told.size.lines else None
    weighted = fsum(SEVERITY_WEIGHTS[finding.severity] for finding in found)
    density = None if size is None else weighted * _LINES / size.lines
    source = None if size is None else size.source
    measures = [
        *severity_counts([finding.severity for finding in found], SEVERITIES),
        measure("suppressed", len(told.findings["audit"]) - len(found), better="none"),
        measure("density", density, unit="weighted findings/kLOC", source=source),
        _taint_paths(told),
    ]
    return Scored(
        part="audit",
        value=None if density is None else clamped((BEST - density) / BEST),
        reasons=(CODE_SIZE_MISSING,) if density is None else (),
        measures=tuple(measures),
        told={} if size is None else {"code_size": size.source},
    )


def _taint_paths(told: Told) -> Measure:
    found = open_findings(told.findings["audit"]) or ()
    return measure("taint_paths", sum(finding.tainted for finding in found) if told.taint_paths else None)

"""The SCA part: what is known to be vulnerable among the packages that a project is made of."""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum
from types import MappingProxyType
from typing import Any, Final

from stillframe.health.scored import REPORT_FAILED, Measure, Scored, clamped, measure, severity_counts
from stillframe.health.told import Told
from stillframe.model.facts import Severity

FACTORS: Final[Mapping[Severity, float]] = MappingProxyType({"critical": 0.15, "high": 0.08, "medium": 0.02})
"""What one open vulnerability takes away."""
COUNTED: Final[tuple[Severity, ...]] = ("critical", "high", "medium", "low")
SCA_MISSING: Final = "sca_summary_missing"

FIGURES: Final[Mapping[str, Any]] = MappingProxyType({"factors": dict(FACTORS), "unknown_severity": "medium"})


def sca(told: Told) -> Scored:
    """
    Return the SCA part: 1 - 0.15 critical - 0.08 high - 0.02 medium, clamped to 0 and 1.

    Source  docs/reference/health-score.md, "SCA".
    """
    if "sca" in told.failed:
        measures = [*severity_counts(None, COUNTED, status="error"), *_components(told)]
        return Scored(part="sca", value=None, reasons=(REPORT_FAILED,), measures=tuple(measures))
    if told.vulnerabilities is None:
        return Scored(part="sca", value=None, reasons=(SCA_MISSING,), measures=tuple(_components(told)))
    found = [known for known in told.vulnerabilities if not known.suppressed]
    severities = [known.severity for known in found]
    measures = [
        *severity_counts(severities, COUNTED),
        measure("severity_unknown", sum(known.severity_unknown for known in found)),
        measure("suppressed", len(told.vulnerabilities) - len(found), better="none"),
        measure("vulnerable_packages", len({known.package for known in found})),
        *_components(told),
    ]
    lost = fsum(FACTORS.get(severity, 0) for severity in severities)
    return Scored(part="sca", value=clamped(1 - lost), measures=tuple(measures))


def _components(told: Told) -> list[Measure]:
    if told.components is None:
        return []
    return [measure("components", len({(each.package, each.version) for each in told.components}), better="none")]

"""The health score: five parts by their weights, its grade, its risk, and what is known where a part is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from stillframe.health.audit import AUDIT_MISSING
from stillframe.health.compliance import COMPLIANCE_MISSING
from stillframe.health.project import score_of
from stillframe.health.quality import QUALITY_MISSING
from stillframe.health.release import RELEASE_MISSING, decision_of
from stillframe.health.sca import SCA_MISSING
from stillframe.health.scored import Scored, clamped, points, whole
from stillframe.model.facts import PARTS, GateDecision, Part
from stillframe.model.payload import Number

Grade: TypeAlias = Literal["A", "B", "C", "D", "F", "N/A"]
Risk: TypeAlias = Literal["critical", "high", "medium", "low", "unknown"]

WEIGHTS: Final[Mapping[Part, float]] = MappingProxyType(
    {"audit": 0.30, "compliance": 0.25, "release": 0.20, "sca": 0.15, "quality": 0.10}
)
"""Where the configuration says no others."""
GRADES: Final[Mapping[Grade, float]] = MappingProxyType({"A": 85, "B": 70, "C": 55, "D": 40, "F": 0})
"""The least score of each."""
RISK_SCORES: Final[Mapping[Risk, float]] = MappingProxyType({"critical": 40, "high": 55, "medium": 70})
"""The score under which each risk begins."""
COMPLIANCE_LEAST: Final = 40
"""Compliance under which the risk is critical, in points."""
_SHARE_DECIMALS: Final = 6
ABSENT_REASONS: Final[Mapping[Part, str]] = MappingProxyType(
    {
        "audit": AUDIT_MISSING,
        "compliance": COMPLIANCE_MISSING,
        "release": RELEASE_MISSING,
        "sca": SCA_MISSING,
        "quality": QUALITY_MISSING,
    }
)
"""Why a part is missing of which nothing is known."""

FIGURES: Final[Mapping[str, Any]] = MappingProxyType(
    {"grades": dict(GRADES), "risk": {"score_under": dict(RISK_SCORES), "compliance_under": COMPLIANCE_LEAST}}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSigns:
    """
    What a risk is told from, beside the score.

    Shape   `critical`: whether there is a critical finding in audit or SCA. None is what nobody knows.
    Units   `compliance` in points.
    """

    critical: bool | None
    compliance: Number | None
    gate: GateDecision | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """
    What five parts come to.

    Shape   `score`: None unless every part that has a weight has a value. `provisional`: the score of the parts that
            have one; None where none has.
    Units   Points, 0 to 100; `evidence_coverage` 0 to 1, the share of the weights whose parts have a value.
    """

    score: Number | None
    provisional: Number | None
    evidence_coverage: Number
    grade: Grade
    risk: Risk
    reason_codes: tuple[str, ...]
    breakdown: tuple[Mapping[str, Any], ...]


def health_of(parts: Mapping[Part, Scored], *, weights: Mapping[Part, float], signs: RiskSigns) -> Health:
    """
    Return the health that the parts come to, by formula v1.

    A part with the weight 0 is asked for nothing: where it is missing, the score is there all the same.

    Source  docs/reference/health-score.md.
    """
    asked = [part for part in PARTS if weights[part]]
    values = {part: value for part in asked if (value := parts[part].value) is not None}
    total, known = fsum(weights[part] for part in asked), fsum(weights[part] for part in values)
    gained = fsum(weights[part] * value for part, value in values.items())
    provisional = points(clamped(gained / known)) if known else None
    missing = [part for part in asked if part not in values]
    score = None if missing else points(clamped(gained))
    return Health(
        score=score,
        provisional=provisional if missing else score,
        evidence_coverage=1 if not missing else whole(round(known / total, _SHARE_DECIMALS)),
        grade=grade_of(score),
        risk=risk_of(score, signs=signs),
        reason_codes=tuple(dict.fromkeys(reason for part in missing for reason in parts[part].reasons)),
        breakdown=tuple(_line(parts[part], weights[part]) for part in PARTS),
    )


def signs_of(summaries: Mapping[str, Any], *, weights: Mapping[Part, float]) -> RiskSigns:
    """
    Return what the summaries of a picture tell of its risk.

    Of a part that has no weight and is missing, nothing is feared. What a gate decided is told from the score of the
    release.
    """
    spared = {part for part in PARTS if not weights[part] and score_of(summaries.get(part)) is None}
    criticals = [False if part in spared else _any_critical(summaries.get(part)) for part in ("audit", "sca")]
    decision = decision_of(score_of(summaries.get("release")))
    return RiskSigns(
        critical=True if True in criticals else None if None in criticals else False,
        compliance=points(1) if "compliance" in spared else score_of(summaries.get("compliance")),
        gate="pass" if "release" in spared and decision is None else decision,
    )


def grade_of(score: Number | None) -> Grade:
    """
    Return the grade of a score.

    >>> grade_of(85), grade_of(84.9999), grade_of(39.9999), grade_of(None)
    ('A', 'B', 'F', 'N/A')
    """
    return "N/A" if score is None else next((grade for grade, least in GRADES.items() if score >= least), "F")


def risk_of(score: Number | None, *, signs: RiskSigns) -> Risk:
    """
    Return the risk of a score; `unknown` without one, and wherever what nobody knows could make it a higher one.

    >>> risk_of(90, signs=RiskSigns(critical=False, compliance=80, gate="warn"))
    'medium'
    >>> risk_of(90, signs=RiskSigns(critical=None, compliance=80, gate="warn"))
    'unknown'
    """
    if score is None:
        return "unknown"
    low_compliance = signs.compliance is not None and signs.compliance < COMPLIANCE_LEAST
    if score < RISK_SCORES["critical"] or signs.critical or low_compliance:
        return "critical"
    if signs.critical is None or signs.compliance is None:
        return "unknown"
    if score < RISK_SCORES["high"] or signs.gate == "fail":
        return "high"
    if signs.gate is None:
        return "unknown"
    return "medium" if score < RISK_SCORES["medium"] or signs.gate == "warn" else "low"


def _any_critical(summary: Mapping[str, Any] | None) -> bool | None:
    """Say whether a part has an open critical finding; None where nobody counted."""
    measures = () if summary is None else summary.get("measures") or ()
    value = next((found.get("value") for found in measures if found["id"] == "critical"), None)
    return None if value is None else value > 0


def _line(scored: Scored, weight: float) -> Mapping[str, Any]:
    return {
        "part": scored.part,
        "weight": whole(weight),
        "value": None if scored.value is None else whole(scored.value),
        "contribution": None if scored.value is None else points(weight * scored.value),
        "reason": next(iter(scored.reasons), None),
        "reasons": list(scored.reasons),
        **scored.told,
    }

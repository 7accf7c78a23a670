"""A project's health on one card: score, grade, risk and breakdown, each part with the reports that it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from stillframe.health.project import score_of
from stillframe.health.score import ABSENT_REASONS, WEIGHTS, grade_of, health_of, risk_of, signs_of
from stillframe.health.scored import POINTS, Scored
from stillframe.model.facts import PARTS, Part

_TOLD: Final = ("health_score_available", "score_formula_version", "grade", "risk_level", "reason_codes")
_LINE: Final = ("part", "weight", "value", "contribution", "reason", "reasons")


def health_card(
    summaries: Mapping[str, Any],
    source_bundle: Sequence[Mapping[str, Any]] = (),
    *,
    weights: Mapping[Part, float] = WEIGHTS,
) -> dict[str, Any]:
    """
    Return what is shown of a project's health.

    Shape   `weights`: for a picture whose scores were brought and not computed; one that was computed has its own.
            Result: `health_score_available, score_formula_version, health_score, provisional_score, evidence_coverage,
            grade, risk_level, reason_codes, score_breakdown: [{part, weight, value, contribution, reason, reasons,
            source: [{report, sha256}]}]`. Of a score that was brought, `score_formula_version` is null and nothing
            contributes.
    Units   Scores 0 to 100; `value` and `evidence_coverage` 0 to 1.
    Source  docs/reference/health-score.md.
    """
    health = summaries.get("health") or {}
    card = _stored(health) if health.get("score_formula_version") else _brought(summaries, weights)
    lines = [{**_in_order(line), "source": _sources(source_bundle, line["part"])} for line in card["score_breakdown"]]
    return card | {"score_breakdown": lines}


def _stored(health: Mapping[str, Any]) -> dict[str, Any]:
    values = {found["id"]: found["value"] for found in health["measures"]}
    return {
        **{name: health[name] for name in _TOLD},
        "health_score": health["score"],
        "provisional_score": values.get("provisional_score"),
        "evidence_coverage": values.get("evidence_coverage"),
        "score_breakdown": health["score_breakdown"],
    }


def _brought(summaries: Mapping[str, Any], weights: Mapping[Part, float]) -> dict[str, Any]:
    parts = {part: _part(part, summaries) for part in PARTS}
    signs = signs_of(summaries, weights=weights)
    found = health_of(parts, weights=weights, signs=signs)
    score = score_of(summaries.get("health"))
    said = summaries.get("health") or {}
    return {
        "health_score_available": score is not None,
        "score_formula_version": None,
        "grade": grade_of(score),
        "risk_level": said.get("risk_level") or risk_of(score, signs=signs),
        "reason_codes": [] if score is not None else list(found.reason_codes),
        "health_score": score,
        "provisional_score": found.provisional if score is None else score,
        "evidence_coverage": found.evidence_coverage,
        "score_breakdown": [{**line, "contribution": None} for line in said.get("score_breakdown", found.breakdown)],
    }


def _in_order(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line with its members in the order in which they are shown, whether it was stored meanwhile or not."""
    return {name: line[name] for name in _LINE if name in line} | dict(sorted(line.items()))


def _part(part: Part, summaries: Mapping[str, Any]) -> Scored:
    score = score_of(summaries.get(part))
    if score is None:
        return Scored(part=part, value=None, reasons=(ABSENT_REASONS[part],))
    return Scored(part=part, value=score / POINTS)


def _sources(bundle: Sequence[Mapping[str, Any]], part: str) -> list[dict[str, Any]]:
    found = [entry for entry in bundle if part in (entry.get("parts") or ())]
    return [
        {"report": entry["name"], "sha256": entry["sha256"]} for entry in sorted(found, key=lambda each: each["name"])
    ]

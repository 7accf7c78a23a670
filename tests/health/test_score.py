"""The health score: weights, both sides of every edge of grade and risk, and missing that is neither bad nor good."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.health.score import (
    ABSENT_REASONS,
    WEIGHTS,
    Health,
    Risk,
    RiskSigns,
    grade_of,
    health_of,
    risk_of,
    signs_of,
)
from stillframe.health.scored import Scored
from stillframe.model.facts import PARTS, GateDecision, Part

values = st.one_of(st.none(), st.floats(0, 1))
all_values = st.fixed_dictionaries(dict.fromkeys(PARTS, values))
weights = (
    st.lists(st.integers(0, 20), min_size=5, max_size=5)
    .filter(any)
    .map(lambda found: {part: number / sum(found) for part, number in zip(PARTS, found, strict=True)})
)
CALM = RiskSigns(critical=False, compliance=100, gate="pass")


def of(values: Mapping[Part, float | None], *, by: Mapping[Part, float] = WEIGHTS, signs: RiskSigns = CALM) -> Health:
    parts = {
        part: Scored(part=part, value=value, reasons=() if value is not None else (ABSENT_REASONS[part],))
        for part, value in values.items()
    }
    return health_of(parts, weights=by, signs=signs)


def slow_score(values: Mapping[Part, float | None], by: Mapping[Part, float]) -> tuple[Any, Any, Any]:
    """Score, provisional score and coverage by the words of the reference, in exact decimals, one step at a time."""
    gained = known = total = Decimal(0)
    complete = True
    for part, weight in by.items():
        if weight == 0:
            continue
        total += Decimal(weight)
        value = values[part]
        if value is None:
            complete = False
            continue
        known += Decimal(weight)
        gained += Decimal(weight) * Decimal(value)
    provisional = None if known == 0 else float(100 * gained / known)
    return (float(100 * gained) if complete else None), provisional, float(known / total)


@given(all_values, weights)
def test_the_score_is_what_the_words_of_the_reference_give(
    values: dict[Part, float | None], by: dict[Part, float]
) -> None:
    """An independent, slow reckoning in exact decimals agrees to the last digit that is shown."""
    found = of(values, by=by)
    score, provisional, coverage = slow_score(values, by)
    assert found.score == (None if score is None else pytest.approx(min(score, 100), abs=6e-5))
    assert found.provisional == (None if provisional is None else pytest.approx(min(provisional, 100), abs=6e-5))
    assert found.evidence_coverage == pytest.approx(coverage, abs=6e-7)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1, 1, 1, 1, 1), 100),
        ((0, 0, 0, 0, 0), 0),
        ((1, 0, 0, 0, 0), 30),
        ((0, 1, 0, 0, 0), 25),
        ((0, 0, 1, 0, 0), 20),
        ((0, 0, 0, 1, 0), 15),
        ((0, 0, 0, 0, 1), 10),
        ((0.8, 0.9, 0.5, 0.77, 0.6), 74.05),
    ],
)
def test_the_five_weights_to_the_figure(values: tuple[float, ...], expected: float) -> None:
    """audit 30 %, compliance 25 %, release 20 %, SCA 15 %, quality 10 %."""
    found = of(dict(zip(PARTS, values, strict=True)))
    assert found.score == expected
    assert sum(line["contribution"] for line in found.breakdown) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        (100, "A"), (85, "A"), (84.9999, "B"), (70, "B"), (69.9999, "C"), (55, "C"), (54.9999, "D"), (40, "D"),
        (39.9999, "F"), (0, "F"), (None, "N/A"),
    ],
)  # fmt: skip
def test_every_edge_of_every_grade(score: float | None, grade: str) -> None:
    """A from 85, B from 70, C from 55, D from 40, else F; none without a score."""
    assert grade_of(score) == grade
    by: dict[Part, float] = {"audit": 1, "compliance": 0, "release": 0, "sca": 0, "quality": 0}
    values: dict[Part, float | None] = {**dict.fromkeys(PARTS, None), "audit": None if score is None else score / 100}
    assert of(values, by=by).grade == grade


@pytest.mark.parametrize(
    ("score", "critical", "compliance", "gate", "risk"),
    [
        (100, False, 100, "pass", "low"),
        (70, False, 40, "pass", "low"),
        (69.9999, False, 100, "pass", "medium"),
        (100, False, 100, "warn", "medium"),
        (55, False, 100, "pass", "medium"),
        (54.9999, False, 100, "pass", "high"),
        (100, False, 100, "fail", "high"),
        (40, False, 100, "warn", "high"),
        (39.9999, False, 100, "pass", "critical"),
        (100, True, 100, "pass", "critical"),
        (100, False, 39.9999, "pass", "critical"),
        (100, False, 40, "pass", "low"),
        (None, True, 0, "fail", "unknown"),
        (100, None, 100, "pass", "unknown"),
        (100, False, None, "pass", "unknown"),
        (100, False, 100, None, "unknown"),
        (54, False, 100, None, "high"),
        (39, None, None, None, "critical"),
        (90, None, 39, None, "critical"),
        (90, True, None, None, "critical"),
    ],
)
def test_every_rule_of_risk(
    score: float | None, critical: bool | None, compliance: float | None, gate: GateDecision | None, risk: Risk
) -> None:
    """What nobody knows makes it unknown wherever it could make it worse, and nowhere else."""
    assert risk_of(score, signs=RiskSigns(critical=critical, compliance=compliance, gate=gate)) == risk


def summaries(**changed: Any) -> dict[str, Any]:
    counted = {"score": 90, "measures": [{"id": "critical", "value": 0}]}
    return {"audit": counted, "sca": counted, "compliance": {"score": 80}, "release": {"score": 100}, **changed}


def test_signs_of_risk_are_read_from_the_summaries() -> None:
    """A critical finding in audit or SCA is one; a release score that stands for no decision tells of none."""
    one = {"score": 90, "measures": [{"id": "critical", "value": 1}]}
    silent = {"score": 90, "measures": []}

    def told(**changed: Any) -> RiskSigns:
        return signs_of(summaries(**changed), weights=WEIGHTS)

    assert told() == RiskSigns(critical=False, compliance=80, gate="pass")
    assert told(audit=one).critical is told(sca=one).critical is told(sca=one, audit=silent).critical is True
    assert told(audit=silent).critical is told(sca=None).critical is None
    assert told(release={"score": 50}).gate == "warn"
    assert told(release={"score": 77}).gate is None


def test_of_a_part_without_weight_that_is_missing_nothing_is_feared() -> None:
    """Whoever gives a part no weight does not wait for it."""
    by: dict[Part, float] = {"audit": 0.5, "compliance": 0, "release": 0, "sca": 0, "quality": 0.5}
    signs = signs_of({"audit": summaries()["audit"]}, weights=by)
    assert signs == RiskSigns(critical=False, compliance=100, gate="pass")
    found = of({**dict.fromkeys(PARTS, None), "audit": 0.8, "quality": 0.4}, by=by, signs=signs)
    assert (found.score, found.evidence_coverage, found.reason_codes, found.risk) == (60, 1, (), "medium")
    bad = signs_of(summaries(compliance={"score": 10}), weights=by)
    assert risk_of(90, signs=bad) == "critical"


@pytest.mark.parametrize("left", PARTS)
def test_one_part_missing_takes_the_score_and_says_which(left: Part) -> None:
    """No score, no grade, no risk, its reason, and the score of the others as provisional only."""
    found = of({**dict.fromkeys(PARTS, 0.5), left: None})
    assert (found.score, found.grade, found.risk) == (None, "N/A", "unknown")
    assert found.reason_codes == (ABSENT_REASONS[left],)
    assert found.provisional == 50
    assert found.evidence_coverage == pytest.approx(1 - WEIGHTS[left])
    line = next(line for line in found.breakdown if line["part"] == left)
    assert (line["value"], line["contribution"], line["reason"]) == (None, None, ABSENT_REASONS[left])


def test_the_four_published_reason_codes_and_our_fifth() -> None:
    """Other programs know them by these names."""
    assert of(dict.fromkeys(PARTS, None)).reason_codes == (
        "audit_snapshot_missing",
        "compliance_report_missing",
        "release_gate_missing",
        "sca_summary_missing",
        "quality_report_missing",
    )


def test_nothing_known_is_no_provisional_score_either() -> None:
    """Zero would be a claim."""
    found = of(dict.fromkeys(PARTS, None))
    assert (found.score, found.provisional, found.evidence_coverage) == (None, None, 0)


@given(all_values, weights, st.sampled_from(PARTS), st.floats(0, 1))
def test_improving_a_part_never_lowers_the_score(
    values: dict[Part, float | None], by: dict[Part, float], part: Part, share: float
) -> None:
    """Neither the score nor the provisional one, whatever the weights."""
    old = values[part]
    if old is None:
        return
    before, after = of(values, by=by), of({**values, part: old + (1 - old) * share}, by=by)
    assert (before.score or 0) <= (after.score or 0)
    assert (before.provisional or 0) <= (after.provisional or 0)


@given(all_values, weights, st.sampled_from(PARTS), st.floats(0, 1))
def test_evidence_of_one_more_part_never_lowers_the_coverage(
    values: dict[Part, float | None], by: dict[Part, float], part: Part, value: float
) -> None:
    """And what is all there is exactly 1."""
    before, after = of({**values, part: None}, by=by), of({**values, part: value}, by=by)
    assert before.evidence_coverage <= after.evidence_coverage
    assert (after.score is not None) is (after.evidence_coverage == 1)

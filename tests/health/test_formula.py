"""Formula v1 as a document: every figure in it, one name for it, and no other taken for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stillframe.errors import InvalidInput
from stillframe.health import CompliancePolicy, Formula
from stillframe.model.canonical import canonical_bytes, digest_of
from stillframe.model.facts import PARTS, Part
from tests.health.reports import assessed, everything, score

EVEN: dict[Part, float] = dict.fromkeys(PARTS, 0.2)


def test_the_document_holds_every_figure_of_v1() -> None:
    """Whoever has it can reckon the score without this program; a figure that moves is another version."""
    assert json.loads(canonical_bytes(Formula(readers={"bandit": 1}).document())) == {
        "formula": "v1",
        "weights": {"audit": 0.3, "compliance": 0.25, "release": 0.2, "sca": 0.15, "quality": 0.1},
        "figures": {
            "audit": {
                "best": 10,
                "severity_weights": {"critical": 8, "high": 4, "medium": 1.5, "low": 0.3, "info": 0},
                "code_size_order": ["bandit", "radon", "coverage", "given"],
            },
            "release": {"pass": 1, "warn": 0.5, "fail": 0, "unknown": 0},
            "sca": {"factors": {"critical": 0.15, "high": 0.08, "medium": 0.02}, "unknown_severity": "medium"},
            "quality": {
                "weights": {"line_coverage": 0.4, "documentation": 0.2, "dead_code": 0.2, "complexity": 0.2},
                "complexity_worst": 20,
            },
            "score": {
                "grades": {"A": 85, "B": 70, "C": 55, "D": 40, "F": 0},
                "risk": {"score_under": {"critical": 40, "high": 55, "medium": 70}, "compliance_under": 40},
                "decimals": 4,
            },
        },
        "compliance": {"denied_licences": [], "licence_weight": 1, "scorecard_minimum": 5, "weights": {}},
        "readers": {"bandit": 1},
    }


def test_a_formula_comes_back_from_its_stored_document() -> None:
    """A replay scores by what was stored, not by today's configuration."""
    policy = CompliancePolicy(denied_licences=("gpl-3.0-only",), weights={"Fuzzing": 0})
    formula = Formula(weights=EVEN, compliance=policy, readers={"sarif": 3})
    stored = json.loads(canonical_bytes(formula.document()))
    assert Formula.from_document(stored) == formula
    assert Formula.from_document(stored).digest == formula.digest == digest_of(stored)


@pytest.mark.parametrize(
    "other",
    [
        Formula(weights=EVEN),
        Formula(compliance=CompliancePolicy(scorecard_minimum=6)),
        Formula(compliance=CompliancePolicy(denied_licences=("MIT",))),
        Formula(readers={"sarif": 1}),
    ],
)
def test_another_weight_policy_or_reader_is_another_formula(other: Formula) -> None:
    """Pictures of two formulas are only partly comparable."""
    assert other.digest != Formula().digest


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"formula": "v2"}, "'v2' is not known; this program scores by v1"),
        ({"formula": None}, "is not known"),
        ({"figures": {}}, "not the figures of v1"),
        ({"weights": {"audit": 1}}, "a weight is expected for each"),
        ({"weights": {**EVEN, "audit": 0.3}}, "sum to 1, not to 1.1"),
        ({"weights": {**EVEN, "audit": -0.2, "sca": 0.6}}, "0 or more"),
        ({"weights": {**EVEN, "audit": float("nan")}}, "0 or more"),
        ({"compliance": {"unknown": 1, "denied_licences": []}}, "no whole formula"),
    ],
)
def test_what_is_not_this_formula_is_refused(changed: dict[str, Any], words: str) -> None:
    """A score by a formula that nobody here knows would be a guess."""
    with pytest.raises(InvalidInput) as caught:
        Formula.from_document({**Formula().document(), **changed})
    assert words in caught.value.message


def test_a_formula_without_one_of_its_members_is_refused() -> None:
    """What was cut off is not completed."""
    whole = Formula().document()
    for name in whole:
        with pytest.raises(InvalidInput):
            Formula.from_document({member: found for member, found in whole.items() if member != name})


def test_weights_of_the_configuration_change_the_score() -> None:
    """The answer's own weights are those that it was reckoned by."""
    reports = everything(of_gate="fail")
    assert score(assessed(*reports)) == 80
    heavy: dict[Part, float] = {"audit": 0.1, "compliance": 0.1, "release": 0.6, "sca": 0.1, "quality": 0.1}
    found = assessed(*reports, formula=Formula(weights=heavy))
    assert score(found) == 40
    assert [line["weight"] for line in found.summaries["health"]["score_breakdown"]] == [0.1, 0.1, 0.6, 0.1, 0.1]

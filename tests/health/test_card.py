"""One card of a project's health: what was computed, what was brought, and the reports behind each part."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.health import health_card, project_payload
from tests.health.reports import assessed, bandit, everything, summary

MEMBERS = {
    "health_score_available", "score_formula_version", "health_score", "provisional_score", "evidence_coverage",
    "grade", "risk_level", "reason_codes", "score_breakdown",
}  # fmt: skip


def sources(card: dict[str, Any], part: str) -> Any:
    return next(line["source"] for line in card["score_breakdown"] if line["part"] == part)


def test_a_computed_health_is_shown_as_it_was_stored() -> None:
    """Today's weights do not touch yesterday's score."""
    card = health_card(assessed(*everything(of_gate="warn")).summaries, weights={"audit": 1})  # type: ignore[dict-item]  # not looked at
    assert card.keys() == MEMBERS
    assert (card["health_score"], card["provisional_score"], card["evidence_coverage"]) == (90, 90, 1)
    assert (card["grade"], card["risk_level"], card["score_formula_version"]) == ("A", "medium", "v1")
    assert [line["weight"] for line in card["score_breakdown"]] == [0.3, 0.25, 0.2, 0.15, 0.1]


def test_what_is_missing_is_said_and_the_partial_score_is_never_the_score() -> None:
    """Half the evidence is no half score."""
    card = health_card(assessed(bandit("high")).summaries)
    assert (card["health_score"], card["health_score_available"]) == (None, False)
    assert (card["provisional_score"], card["evidence_coverage"]) == (60, 0.3)
    assert card["reason_codes"][0] == "compliance_report_missing"


def test_each_part_names_the_reports_that_fed_it() -> None:
    """Joined from the record, because a picture holds no name and no hash."""
    bundle = [
        {"name": "reading", "sha256": "00", "parts": []},
        {"name": "b.json", "sha256": "bb", "parts": ["audit", "quality"]},
        {"name": "a.json", "sha256": "aa", "parts": ["audit"]},
        {"name": "old", "sha256": "cc"},
    ]
    card = health_card(assessed(bandit()).summaries, bundle)
    assert sources(card, "audit") == [{"report": "a.json", "sha256": "aa"}, {"report": "b.json", "sha256": "bb"}]
    assert sources(card, "sca") == []


@pytest.mark.parametrize("score", [71.5, None])
def test_a_picture_that_a_plain_summary_brought_has_a_card_too(score: float | None) -> None:
    """No formula of ours made its score: the grade is the score's, and nothing contributes."""
    brought = {"health": {"score": score, "measures": []}, "audit": {"score": 80, "measures": []}}
    card = health_card(project_payload(brought).summaries)
    assert card.keys() == MEMBERS
    assert (card["health_score"], card["score_formula_version"]) == (score, None)
    assert (card["grade"], card["risk_level"]) == (("B" if score else "N/A"), "unknown")
    assert card["provisional_score"] == (score or 80)
    assert card["evidence_coverage"] == 0.3
    assert {line["contribution"] for line in card["score_breakdown"]} == {None}
    assert ("sca_summary_missing" in card["reason_codes"]) is (score is None)


def test_the_risk_of_a_brought_score_is_told_where_it_follows() -> None:
    """Below 40 it is critical, whatever else nobody knows."""
    assert health_card({"health": {"score": 39, "measures": []}})["risk_level"] == "critical"
    counted = {"score": 90, "measures": [{"id": "critical", "value": 0}]}
    whole = {
        "health": {"score": 60},
        "audit": counted,
        "sca": counted,
        "compliance": {"score": 90},
        "release": {"score": 100},
    }
    assert health_card(whole)["risk_level"] == "medium"


def test_a_brought_score_that_was_assessed_and_one_that_was_not_have_the_same_card() -> None:
    """By whichever door a summary came."""
    brought = {"health": {"score": 60, "measures": []}, "sca": {"score": 80, "measures": []}}
    plain, through = health_card(brought), health_card(assessed(summary(**brought)).summaries)
    assert plain == through


def test_of_nothing_there_is_a_card_of_nothing() -> None:
    """A project without a snapshot has no score, and no error."""
    card = health_card({})
    assert (card["health_score"], card["provisional_score"], card["evidence_coverage"]) == (None, None, 0)
    assert len(card["reason_codes"]) == 5

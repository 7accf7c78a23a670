"""Health in a document: what the formula made of the reports, and which of them each part rests on."""

from __future__ import annotations

from typing import Any

from stillframe.report.export import snapshot_report
from stillframe.report.languages import ENGLISH, language
from tests.report.export.frames import frame
from tests.report.export.frames import health as picture_of
from tests.report.export.reading import facts, grid, lines, titles

BUNDLE = (
    {"name": "reading", "sha256": "0" * 64, "bytes": 9, "format": "stillframe.reading/1", "parts": []},
    {"name": "bandit.json", "sha256": "a" * 64, "bytes": 9, "format": "bandit", "parts": ["audit", "quality"]},
    {"name": "coverage.json", "sha256": "b" * 64, "bytes": 9, "format": "coverage.json", "parts": ["quality"]},
)

QUALITY_LACKS = "no documentation figure, which counts as none; no complexity figure, which counts as none"


def line(part: str, weight: float, value: float | None, *reasons: str) -> dict[str, Any]:
    contribution = None if value is None else 100 * weight * value
    first = reasons[0] if reasons else None
    return {"part": part, "weight": weight, "value": value, "contribution": contribution, "reason": first,
            "reasons": list(reasons)}  # fmt: skip


def computed(score: float | None) -> dict[str, Any]:
    document = picture_of()
    document["summaries"]["health"] = {
        "score": score,
        "measures": [{"id": "provisional_score", "value": 68.5}, {"id": "evidence_coverage", "value": 0.6}],
        "health_score_available": score is not None,
        "score_formula_version": "v1",
        "grade": "N/A" if score is None else "C",
        "risk_level": "unknown" if score is None else "medium",
        "reason_codes": [],
        "score_breakdown": [
            line("audit", 0.3, 0.6),
            line("sca", 0.15, None, "sca_summary_missing"),
            line("quality", 0.1, 0.32, "documentation_missing", "complexity_missing"),
        ],
    }
    return document


def test_each_part_is_shown_with_its_reports_and_its_reasons() -> None:
    """Whoever reads the page can go from a figure to the file behind it."""
    report = snapshot_report(frame(computed(61.5), source_bundle=BUNDLE), title="x", language=ENGLISH)
    assert facts(report, "Health")["Health score"] == "61.5"
    assert lines(grid(report, "Health")) == [
        ["Audit", "0.3", "0.6", "18", "", "bandit.json"],
        ["SCA", "0.15", "none", "none", "no report of vulnerable dependencies", ""],
        ["Quality", "0.1", "0.32", "3.2", QUALITY_LACKS, "bandit.json, coverage.json"],
    ]


def test_a_missing_score_is_said_and_the_provisional_one_is_called_so() -> None:
    """N/A is not F, and what is known is not the score."""
    told = facts(snapshot_report(frame(computed(None)), title="x", language=ENGLISH), "Health")
    assert (told["Grade"], told["Risk"], told["Provisional score"]) == ("N/A", "unknown", "68.5")
    assert "Health score" not in told
    assert "Provisional score" not in facts(snapshot_report(frame(computed(80)), title="x", language=ENGLISH), "Health")


def test_scores_that_were_brought_have_no_breakdown_of_ours() -> None:
    """Nothing was computed, so nothing is explained."""
    assert "Health" not in titles(snapshot_report(frame(picture_of()), title="x", language=ENGLISH))


def test_a_refused_candidate_says_that_it_was_not_adopted() -> None:
    """Its page must not be taken for the project's state."""
    report = snapshot_report(frame(computed(61.5), adopted=False), title="x", language=language("ru"))
    assert facts(report, "Свидетельство")["Принят"] == "нет"

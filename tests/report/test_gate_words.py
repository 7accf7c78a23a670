"""The words of a gate's answer: the gravest first, exact counts, figures that hide no limit."""

from __future__ import annotations

import pytest

from stillframe.report.gate_words import (
    adoption_text,
    called,
    finding_text,
    in_order,
    observed_text,
    partly_seen,
    score_text,
    suppression_text,
    tally,
    without_data,
)
from tests.report.answers import FAILED, FORBIDDEN, SKIPPED, SUPPRESSED, WARNED, answer, check


def test_failing_checks_stand_first_and_the_gravest_before_others() -> None:
    """What must be mended is read first; among equals the profile's order stays."""
    checks = [check("a"), SKIPPED, FORBIDDEN, WARNED, SUPPRESSED, FAILED, check("b")]
    assert in_order(checks) == [FAILED, WARNED, FORBIDDEN, SUPPRESSED, SKIPPED, check("a"), check("b")]


def test_every_check_is_counted_once() -> None:
    """The parts make the whole."""
    said = tally([check("a"), SKIPPED, FORBIDDEN, WARNED, SUPPRESSED, FAILED, FAILED])
    assert said == (
        "7 checks: 4 failed (2 blockers, 1 warning, 1 info), 1 passed by suppression (1 blocker), "
        "1 skipped (1 blocker), 1 passed"
    )


@pytest.mark.parametrize(
    ("observed", "limit", "text"),
    [
        (6, "<= 5", "6"),
        (0.5499999, ">= 0.55", "0.5499999"),
        (0.55, ">= 0.55", "0.55"),
        (2 / 3, ">= 0.55", "0.667"),
        (0.9999, ">= 0.5 and <= 1", "0.9999"),
        (None, "= 0", "no data"),
        (True, 'not {"any_change": true}', "happened"),
        (False, 'not {"metric_delta_abs": 1, "on_metric": "a >= 5"}', "did not happen"),
    ],
)
def test_what_was_seen_never_looks_like_a_limit_that_it_is_not(observed: float | None, limit: str, text: str) -> None:
    """A failing check whose figure equals its limit would be a riddle."""
    assert observed_text({"observed": observed, "limit": limit}) == text


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (None, None, ""),
        (
            {"health_score": 71.49, "grade": "B", "risk_level": "low"},
            None,
            "71.49 → none, grade B → N/A, risk low → unknown",
        ),
        (
            {"health_score": 71.5, "grade": "B", "risk_level": "low"},
            {"health_score": 71.5, "grade": "B", "risk_level": "low"},
            "71.5, grade B, risk low",
        ),
        (
            {"health_score": None, "grade": "N/A", "risk_level": "unknown"},
            {"health_score": 40, "grade": "D", "risk_level": "high"},
            "none → 40, grade N/A → D, risk unknown → high",
        ),
    ],
)
def test_the_score_is_told_before_and_after(
    before: dict[str, object] | None, after: dict[str, object] | None, text: str
) -> None:
    """Once where nothing moved; an unknown one is none and not zero."""
    said = score_text({"health": {"before": before, "after": after}})
    assert said == (f"health score {text}" if text else "")


def test_blockers_without_data_are_named() -> None:
    """Skipped, or failed for it: the evidence is incomplete either way; a warning's is not a blocker's."""
    failed = SKIPPED | {"status": "fail", "title": "Critical findings"}
    found = answer(checks=[SKIPPED, failed, SKIPPED | {"severity": "warning"}, FAILED])
    assert without_data(found) == ["Threat model is current", "Critical findings"]
    assert partly_seen(found) == [("High findings", ["audit"])]


def test_a_check_is_called_by_its_title_else_its_id() -> None:
    """Nobody has to give a title."""
    assert [called(found) for found in (FAILED, FORBIDDEN)] == ["High findings", "no-worse"]


def test_witnesses_are_told_on_one_line() -> None:
    """A finding by title, place and id; a change by what it says."""
    assert finding_text(FORBIDDEN["witnesses"][0]) == "sca: regressed"
    assert finding_text({"id": "f", "title": "T", "location": None}) == "T, id f"
    severity = {"id": "f", "title": "T", "field": "severity", "old": "low", "new": "high"}
    assert finding_text(severity) == "f severity: low → high"
    assert finding_text({"id": "f", "rank_a": 3, "rank_b": None}) == "f: rank 3 → gone"
    assert finding_text({"id": "f"}) == "f"


def test_what_became_of_the_candidate_is_said() -> None:
    """A refused candidate is not the project's state."""
    assert adoption_text(answer(adopted=True)) != adoption_text(answer(adopted=False))
    assert suppression_text(2) == "2 findings not counted, because somebody answers for them"

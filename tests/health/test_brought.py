"""Summaries that a report brings: side by side with what tools say, or refused where both say the same thing."""

from __future__ import annotations

import pytest

from stillframe.errors import CaptureRefused
from tests.health.reports import (
    assessed,
    audit_of_packages,
    bandit,
    bill,
    evidence,
    gate,
    junit,
    line,
    measures,
    score,
    scorecard,
    summary,
)


def test_a_part_of_a_summary_counts_like_any_other() -> None:
    """Its score over 100 is its value; as it was brought it is shown."""
    found = assessed(summary(audit={"score": 33.33333, "tolerance": 2, "measures": []}))
    assert score(found, "audit") == 33.33333
    assert found.summaries["audit"]["tolerance"] == 2
    assert line(found, "audit")["value"] == pytest.approx(0.3333333)
    assert found.parts == {"summary.json": ("audit",)}


def test_a_part_that_a_summary_and_a_tool_both_score_is_refused() -> None:
    """Nobody knows which of the two is meant; both files are named."""
    with pytest.raises(CaptureRefused) as caught:
        assessed(summary(sca=90), audit_of_packages("high"))
    assert len(caught.value.faults) == 1
    assert "summary.json" in caught.value.message
    assert "grype.json" in caught.value.message
    assert "the part sca" in caught.value.message


def test_measures_of_both_stand_side_by_side() -> None:
    """A summary may add what no tool measures, and the tools still give the score."""
    extra = {"measures": [{"id": "threat_model_current", "value": 1, "better": "higher"}]}
    found = assessed(scorecard(Fuzzing=10), summary(compliance=extra))
    assert score(found, "compliance") == 100
    assert measures(found, "compliance")["threat_model_current"] == 1
    assert measures(found, "compliance")["policy.Fuzzing"] == 10


def test_one_measure_with_two_values_is_refused() -> None:
    """Side by side they would have one name."""
    with pytest.raises(CaptureRefused, match=r"sca\.components"):
        assessed(bill("MIT"), summary(sca={"measures": [{"id": "components", "value": 7}]}))
    same = assessed(bill("MIT"), summary(sca={"measures": [{"id": "components", "value": 1}]}))
    assert measures(same, "sca") == {"components": 1}


def test_what_tools_did_not_measure_a_summary_may_say() -> None:
    """A null is no answer."""
    found = assessed(bandit(), summary(audit={"measures": [{"id": "taint_paths", "value": 0}]}))
    assert measures(found, "audit")["taint_paths"] == 0
    assert [each["id"] for each in found.summaries["audit"]["measures"]].count("taint_paths") == 1


def test_a_gate_s_decision_takes_the_place_of_a_summary_s_release() -> None:
    """It is newer than anything that was brought, and still every measure is kept."""
    brought = {"score": 100, "measures": [{"id": "signed", "value": 1}]}
    found = assessed(summary(release=brought), gate("fail"))
    assert (score(found, "release"), measures(found, "release")["signed"]) == (0, 1)


def test_a_score_that_was_brought_stands_beside_tests_and_failed_runs() -> None:
    """Tests score nothing, and a run that failed says nothing; that it failed is said."""
    found = assessed(summary(release=100), junit(a="passed"))
    assert (score(found, "release"), measures(found, "release")["tests_total"]) == (100, 1)
    broken = evidence("codeql", failed="why", looks_for=("audit",))
    found = assessed(summary(audit=80), broken)
    assert (score(found, "audit"), line(found, "audit")["reason"]) == (80, "report_failed")

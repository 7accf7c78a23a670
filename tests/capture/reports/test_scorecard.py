"""
OpenSSF Scorecard: how far a repository follows each practice, from 0 to 10.

The shapes are those of https://github.com/ossf/scorecard, `json.v2.schema`.
"""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.capture.reports.scorecard import Scorecard
from stillframe.model.facts import PolicyCheck
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import refusal, said, written

READER = Scorecard()


def check(name: str, score: Any, reason: str = "because") -> dict[str, Any]:
    return {"name": name, "score": score, "reason": reason, "details": None, "documentation": {"url": "", "short": ""}}


def report(*checks: dict[str, Any]) -> dict[str, Any]:
    return {
        "date": "2026-01-01",
        "repo": {"name": "github.com/example/my-service", "commit": "0" * 40},
        "scorecard": {"version": "v5.0.0", "commit": "1" * 40},
        "score": 7.5,
        "checks": [*checks],
        "metadata": None,
    }


FULL = report(check("Binary-Artifacts", 10, "no binaries found"), check("Code-Review", 3), check("CI-Tests", -1))


def test_each_check_has_its_score_and_the_aggregate_is_none_of_them() -> None:
    """It is made of them; counted beside them it would count them twice."""
    facts = said(READER, FULL)
    assert (facts.tool, facts.version) == ("scorecard", "v5.0.0")
    assert facts.policy_checks == (
        PolicyCheck(id="Binary-Artifacts", score=10, title="no binaries found"),
        PolicyCheck(id="Code-Review", score=3, title="because"),
        PolicyCheck(id="CI-Tests", score=None, title="because"),
    )


def test_of_contradicting_scores_the_lower_counts() -> None:
    """And a score counts before none."""
    checks = [check("A", 8), check("A", 2), check("A", 5), check("B", -1), check("B", 9)]
    assert [(one.id, one.score) for one in said(READER, report(*checks)).policy_checks or ()] == [("A", 2), ("B", 9)]


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (report(check("A", 11)), "$.checks[0].score: scorecard: Expected `float` <= 10.0"),
        (report(check("A", -2)), "$.checks[0].score"),
        (report(check("A", -0.5)), "$.checks[0].score: scorecard: -0.5 is no score"),
        (report(check("A", "10")), "$.checks[0].score: scorecard: Expected `float`, got `str`"),
        (report(*[check("A", 1)] * 1001), "$.checks: scorecard: 1,001 entries are too many"),
        (written(FULL)[:250], "byte 250: scorecard: the report is cut off"),
    ],
)
def test_what_is_not_read_is_refused_with_its_place(document: Any, says: str) -> None:
    """A score outside the scale would count for or against a project without limit."""
    assert says in refusal(READER, document)


def test_damaged_reports_are_refused_or_read() -> None:
    """Whatever was done to a report, the answer is facts or a refusal that names the place."""
    assert_law(READER, [written(FULL)])


def test_no_report_costs_more_memory_than_there_is() -> None:
    """However 64 MiB are filled."""
    assert_bounded(READER, [written(FULL)])

"""A gate's decision in a snapshot's evidence: read again as it was decided."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.capture.reports.gate import GateReport
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import refusal, said, written

READER = GateReport()
COUNTS = {"blockers_failed": 1, "warnings_failed": 2, "skipped": 3, "suppressed": 4}


def decision(**members: Any) -> dict[str, Any]:
    return {
        "schema": "stillframe.gate/1",
        "decision": "fail",
        "profile": {"name": "standard", "digest": "0" * 64, "document": {"name": "standard", "check": []}},
        "checks": [{"id": "critical", "status": "fail"}],
        "evidence_incomplete": False,
        "counts": COUNTS,
        "suppressed": ["B602:a.py:1"],
        **members,
    }


def test_a_decision_comes_with_its_counts() -> None:
    """They are the measures of the part release."""
    facts = said(READER, decision())
    assert (facts.gate, facts.gate_counts) == ("fail", COUNTS)
    assert facts.findings is None


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (decision(decision="maybe"), "$.decision: stillframe.gate/1: Invalid enum value 'maybe'"),
        (decision(schema="stillframe.gate/2"), "$.schema: stillframe.gate/1: stillframe.gate/1 is read"),
        (decision(counts={}), "$.counts: stillframe.gate/1: Object missing required field `blockers_failed`"),
    ],
)
def test_what_no_gate_wrote_is_refused(document: Any, words: str) -> None:
    """A damaged frame must not become a decision."""
    assert words in refusal(READER, document)


def test_damaged_decisions_are_refused_or_read() -> None:
    """Never anything else."""
    assert_law(READER, [written(decision())])


def test_no_decision_costs_more_memory_than_there_is() -> None:
    """Whatever it is that there is too much of."""
    assert_bounded(READER, [written(decision())])

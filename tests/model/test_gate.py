"""Gate: suppressions end by themselves, and a verdict counts what it says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from stillframe.model.gate import CheckResult, GateVerdict, Suppression

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def suppression(**said: object) -> Suppression:
    plain = {
        "id": "s-1",
        "project_name": "my-service",
        "finding_id": "B608:src/db.py",
        "reason": "only constants reach it",
        "ticket": None,
        "created_by": "rita",
        "created_at": NOW,
        "expires_at": NOW + timedelta(days=30),
    }
    return Suppression(**{**plain, **said})  # type: ignore[arg-type]  # because builders take any member


def result(status: str, severity: str = "blocker") -> CheckResult:
    return CheckResult(
        id="critical",
        type="security",
        severity=severity,  # type: ignore[arg-type]  # because the parameter is one of the severities
        status=status,  # type: ignore[arg-type]  # because the parameter is one of the states
        observed=1,
        limit="= 0",
        message="1 critical finding",
    )


@pytest.mark.parametrize(("days", "state"), [(0, "active"), (29.999, "active"), (30, "expired"), (31, "expired")])
def test_a_suppression_expires_by_itself(days: float, state: str) -> None:
    """Nobody has to remember to take it back; its last moment is not part of it."""
    assert suppression().as_dict(now=NOW + timedelta(days=days))["state"] == state


def test_a_suppression_that_was_lifted_holds_no_more() -> None:
    """What was taken back is over before its day."""
    found = suppression(lifted_at=NOW, lifted_by="rita")
    assert not found.is_active(NOW)
    assert found.as_dict(now=NOW)["state"] == "lifted"


def test_a_result_is_plain_json() -> None:
    """What history keeps is what was answered."""
    found = result("fail").as_dict()
    assert (found["missing"], found["witnesses"], found["title"]) == ([], [], "")
    assert json.loads(json.dumps(found)) == found


def test_a_verdict_counts_its_checks_by_how_they_went() -> None:
    """The release summary is made of these counts."""
    verdict = GateVerdict(
        decision="fail",
        checks=(result("fail"), result("fail", "warning"), result("fail", "info"), result("skipped"), result("pass")),
        evidence_incomplete=True,
    )
    assert verdict.counts == {"blockers_failed": 1, "warnings_failed": 1, "skipped": 1, "suppressed": 0}

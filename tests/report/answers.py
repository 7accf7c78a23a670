"""Answers of a release gate: one with a bit of everything, which each test changes where it looks."""

from __future__ import annotations

from typing import Any

DIGEST = "037e6061ea49b2161f29503059964f39d707693774183c5ec53d8b9a376f3235"


def check(name: str = "high-findings", **said: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "id": name,
        "type": "security",
        "severity": "blocker",
        "status": "pass",
        "observed": 0,
        "limit": "= 0",
        "message": "no high findings open in audit and sca, none is allowed",
        "title": "",
        "suppressed": 0,
        "missing": [],
        "witnesses": [],
    }
    return plain | said


FAILED = check(
    status="fail",
    title="High findings",
    observed=6,
    limit="<= 5",
    message="6 high findings open in sca, at most 5 are allowed; nothing says how many there are in audit",
    missing=["audit"],
    witnesses=[{"id": "pkg:pypi/jinja2:CVE-1", "title": "Sandbox breakout", "location": "pkg:pypi/jinja2"}],
)
WARNED = check(
    "line-coverage",
    severity="warning",
    status="fail",
    title="Line coverage",
    observed=0.5499999,
    limit=">= 0.55",
    message="quality.coverage.line is 0.5499999, at least 0.55 is required",
)
SUPPRESSED = check(
    "critical-findings",
    status="suppressed",
    message="no critical findings open in audit and sca, 1 more is suppressed, none is allowed",
    suppressed=1,
    witnesses=[{"id": "B608:src/db.py", "title": "SQL from a string", "location": "src/db.py:14"}],
)
SKIPPED = check(
    "threat-model",
    status="skipped",
    title="Threat model is current",
    observed=None,
    limit=">= 1",
    message="no data: nothing says compliance.threat_model_current",
    missing=["compliance.threat_model_current"],
)
FORBIDDEN = check(
    "no-worse",
    severity="info",
    status="fail",
    observed=True,
    limit='not {"dimension_state": "regressed"}',
    message="forbidden: sca is regressed",
    witnesses=[{"dimension": "sca", "state": "regressed"}],
)
SUPPRESSION: dict[str, Any] = {
    "id": "s-1",
    "project_name": "my-service",
    "finding_id": "B608:src/db.py",
    "reason": "only constants reach it",
    "ticket": "SEC-7",
    "created_by": "rita",
    "created_at": "2026-05-01T12:00:00.000Z",
    "expires_at": "2026-08-01T00:00:00.000Z",
    "lifted_at": None,
    "lifted_by": None,
    "state": "active",
}


def answer(**said: Any) -> dict[str, Any]:
    """A failing gate with one check of each kind."""
    plain: dict[str, Any] = {
        "id": "g-1",
        "project_name": "my-service",
        "decision": "fail",
        "profile": {"name": "standard", "digest": DIGEST, "source": "built-in"},
        "decided_at": "2026-05-04T12:00:00.000Z",
        "source_ref": "v2.1.0",
        "initiator": "ci",
        "checks": [check("complexity"), SKIPPED, WARNED, SUPPRESSED, FAILED, FORBIDDEN],
        "evidence_incomplete": True,
        "suppressions": [SUPPRESSION],
        "baseline_snapshot_id": "snap-0",
        "pre_snapshot_id": "snap-1",
        "post_snapshot_id": "snap-2",
        "state_snapshot_id": "snap-0",
        "adopted": False,
        "snapshot_errors": [],
        "snapshot_diff": None,
        "diff_summary": {"headline": "SCA regressed (92 → 71)"},
        "dimension_states": {"sca": "regressed", "health": "regressed", "audit": "unchanged"},
        "findings": {
            "added": {
                "total": 7,
                "previews": [
                    {
                        "id": "pkg:pypi/jinja2:CVE-1",
                        "dimension": "sca",
                        "severity": "high",
                        "title": "Sandbox breakout",
                        "location": "pkg:pypi/jinja2",
                    }
                ],
            },
            "resolved": {"total": 0, "previews": []},
        },
        "comparability": {"level": "partial", "reasons": ["bandit 1.8.0 → 1.9.0"]},
        "health": {
            "before": {"health_score": 82.4, "grade": "B", "risk_level": "low"},
            "after": {"health_score": 71.5, "grade": "B", "risk_level": "high"},
        },
        "formula_digest": "f" * 64,
        "links": {"post_snapshot": "https://frames.example/snapshot/snap-2"},
    }
    return plain | said


def bare() -> dict[str, Any]:
    """The first gate of a project, of which nothing else is known."""
    nothing = dict.fromkeys(
        (
            "source_ref",
            "baseline_snapshot_id",
            "pre_snapshot_id",
            "post_snapshot_id",
            "state_snapshot_id",
            "diff_summary",
            "dimension_states",
            "findings",
            "comparability",
        )
    )
    return answer(
        decision="pass",
        checks=[check()],
        evidence_incomplete=False,
        suppressions=[],
        adopted=True,
        health={"before": None, "after": None},
        links={},
        **nothing,
    )

"""Candidates for a release gate: a boring project, and profiles of one check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from stillframe.health import project_payload
from stillframe.model.diff import Diff
from stillframe.model.gate import GateVerdict, Profile, Suppression
from stillframe.model.payload import Payload
from stillframe.rules.gate import decide
from stillframe.rules.profiles import parse_profile

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
CRITICAL: dict[str, Any] = {
    "id": "critical",
    "type": "security",
    "severity": "blocker",
    "findings": "critical",
    "at_most": 0,
}
COVERAGE: dict[str, Any] = {
    "id": "coverage",
    "type": "testing",
    "severity": "warning",
    "metric": "quality.coverage.line",
    "at_least": 0.55,
}
NO_WORSE: dict[str, Any] = {
    "id": "no-worse",
    "type": "custom",
    "severity": "blocker",
    "forbid": {"dimension_state": "regressed", "on_dimension": "sca"},
}


def candidate(measures: Mapping[str, float | None], *, findings: Sequence[Mapping[str, Any]] | None = None) -> Payload:
    """A project of which these metrics are known, by `DIMENSION.MEASURE` or `DIMENSION.score`."""
    summaries: dict[str, dict[str, Any]] = {}
    for name, value in measures.items():
        dimension, _, measure = name.partition(".")
        summary = summaries.setdefault(dimension, {"score": None, "measures": []})
        if measure == "score":
            summary["score"] = value
        else:
            summary["measures"].append({"id": measure, "value": value})
    return project_payload(summaries, findings=findings)


def finding(name: str, *, severity: str = "critical", dimension: str = "audit") -> dict[str, Any]:
    return {
        "id": name,
        "dimension": dimension,
        "severity": severity,
        "title": f"title of {name}",
        "location": f"src/{name}.py",
    }


def suppression(finding_id: str, **said: Any) -> Suppression:
    plain: dict[str, Any] = {
        "id": f"s-{finding_id}",
        "project_name": "my-service",
        "finding_id": finding_id,
        "reason": "only constants reach it",
        "ticket": None,
        "created_by": "rita",
        "created_at": NOW - timedelta(days=1),
        "expires_at": NOW + timedelta(days=30),
    }
    return Suppression(**{**plain, **said})


def profile(*checks: Mapping[str, Any]) -> Profile:
    return parse_profile({"name": "ours", "check": list(checks)}, source="given")


def judged(
    *checks: Mapping[str, Any],
    payload: Payload,
    diff: Diff | None = None,
    suppressions: Sequence[Suppression] = (),
    places: Mapping[str, str] | None = None,
    now: datetime = NOW,
) -> GateVerdict:
    """What a profile of these checks decides."""
    return decide(
        profile(*checks),
        payload=payload,
        diff=diff,
        suppressions=suppressions,
        now=now,
        places=places or {},
        project_name="my-service",
    )

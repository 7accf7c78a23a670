"""Shapes of answers about reports and releases: a project's health, what gates decided, what is suppressed, replays."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from stillframe.api.shapes import Comparability, DispatchShape, Shape, SnapshotTakenShape
from stillframe.model.facts import GateDecision
from stillframe.model.gate import CheckSeverity, CheckStatus, CheckType


class HealthCardShape(Shape):
    """A project's score, and what each part of it rests on. docs/reference/health-score.md explains each member."""

    health_score_available: bool
    score_formula_version: str | None = Field(description="Null where a summary brought its own scores.")
    health_score: float | None = Field(description="0 to 100; null while a part has no evidence.")
    provisional_score: float | None = Field(description="Of the parts that have evidence; never the score.")
    evidence_coverage: float | None = Field(description="The share of the weights that have evidence, 0 to 1.")
    grade: str | None
    risk_level: str | None
    reason_codes: list[str] = Field(description="What is missing.")
    score_breakdown: list[dict[str, Any]] = Field(
        description="By part: `part`, `weight`, `value` (0 to 1), `contribution`, `reason`, and its `source`, each "
        "`{report, sha256}`."
    )


class ReportsTakenShape(SnapshotTakenShape):
    """The stored record, what changed since the head, who was told so far, and the health that the reports say."""

    health: HealthCardShape


class SnapshotRefShape(Shape):
    """Which snapshot says so."""

    id: str
    sequence: int
    as_of: str
    timestamp: str
    source_ref: str | None
    content_hash: str | None


class ProjectHealthShape(HealthCardShape):
    """A project's health as it is known now; with nothing stored yet, `persisted` is false and nothing is known."""

    project_name: str
    persisted: bool = Field(description="Whether the project has any snapshot.")
    snapshot: SnapshotRefShape | None
    freshness: dict[str, str] = Field(
        description="By part: `current`, `stale`, `missing`, `updating`, `failed` or `unknown`."
    )


class ReplayShape(Shape):
    """What a snapshot's stored reports say when they are read again by the formula that it was scored by."""

    snapshot_id: str
    dashboard_id: str
    identical: bool = Field(description="Whether it is the same picture, to the last digit.")
    content_hash: str | None
    replayed_hash: str
    formula_digest: str | None
    reports: list[dict[str, Any]] = Field(description="What was read again.")
    readers_changed: list[dict[str, Any]] = Field(
        description="Readers that have another version now: `name`, `format`, `stored`, `now`."
    )
    differences: dict[str, Any] | None = Field(description="The diff from stored to replayed, where there is any.")


class ProfileShape(Shape):
    """What a gate checks; with every default filled in."""

    name: str
    title: str
    check: list[dict[str, Any]] = Field(description="docs/reference/release-profiles.md explains each member.")
    digest: str = Field(description="The SHA-256 of its canonical form, without `digest` and `source`.")
    source: str = Field(description="`built-in`, the name of the operator's file, or `given` with a request.")


class ProfileRefShape(Shape):
    """Which profile decided."""

    name: str
    digest: str
    source: str


class CheckResultShape(Shape):
    """How one check went, with what was seen and what was allowed."""

    id: str
    type: CheckType
    severity: CheckSeverity
    status: CheckStatus
    observed: float | bool | None = Field(description="Null where there is no data.")
    limit: str
    message: str
    title: str
    suppressed: int = Field(description="How many findings it did not count because somebody answers for them.")
    missing: list[str] = Field(description="What it asked for and nobody measured.")
    witnesses: list[dict[str, Any]] = Field(description="At most five of what made it fail or was suppressed.")


class SuppressionShape(Shape):
    """A finding that somebody answers for until a day."""

    id: str
    project_name: str
    finding_id: str
    reason: str
    ticket: str | None
    created_by: str
    created_at: str
    expires_at: str
    lifted_at: str | None
    lifted_by: str | None
    state: Literal["active", "expired", "lifted"]


class BeforeAndAfterShape(Shape):
    """The health of the adopted state, and of the candidate; `before` is null without an adopted state."""

    before: dict[str, Any] | None
    after: dict[str, Any]


class DecisionShape(Shape):
    """What a gate decided of a candidate, exactly as it was answered then."""

    id: str | None = Field(description="By which it is found in the history; null of a dry run.")
    project_name: str
    decision: GateDecision
    dry_run: bool = Field(description="Whether nothing was kept.")
    profile: ProfileRefShape
    decided_at: str
    initiator: str
    source_ref: str | None
    checks: list[CheckResultShape]
    evidence_incomplete: bool = Field(description="Whether a blocker had no data at all.")
    suppressions: list[SuppressionShape] = Field(description="Those that changed what a check counted.")
    baseline_snapshot_id: str | None = Field(description="The adopted state that the candidate was compared with.")
    pre_snapshot_id: str | None = Field(description="The state before the candidate.")
    post_snapshot_id: str | None = Field(description="The candidate, with the decision in it.")
    state_snapshot_id: str | None = Field(description="The project's state after the decision.")
    adopted: bool = Field(description="Whether the candidate became the project's state: not if it failed.")
    snapshot_errors: list[dict[str, str]] = Field(
        description="Which of the two could not be kept, and why; the decision stands."
    )
    formula_digest: str | None
    health: BeforeAndAfterShape
    reports: list[dict[str, Any]] = Field(description="What was read.")
    snapshot_diff: dict[str, Any] | None = Field(
        description="From the adopted state to the candidate, its lists cut; null without an adopted state."
    )
    diff_summary: dict[str, Any] | None
    dimension_states: dict[str, str] | None
    findings: dict[str, Any] | None = Field(description="`added` and `resolved`, each `total` and `previews`.")
    comparability: Comparability | None
    links: dict[str, str]


class CheckedShape(DecisionShape):
    """What a gate decided of a candidate and why, and who was told so far."""

    dispatch: DispatchShape


class DecisionLineShape(Shape):
    """One line of the history of decisions."""

    id: str
    project_name: str
    dashboard_id: str
    decided_at: str
    decision: GateDecision
    profile: str
    profile_digest: str
    initiator: str
    source_ref: str | None
    adopted: bool
    pre_snapshot_id: str | None
    post_snapshot_id: str | None
    evidence_incomplete: bool

"""Shapes of answers: what the documentation says of them; the nouns' own `as_dict` writes them."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from stillframe.model.dashboard import DashboardKind
from stillframe.model.discussion import CommentType, NotificationKind
from stillframe.model.snapshot import CaptureStatus, PayloadState, TriggerSource

Item = TypeVar("Item")


class Shape(BaseModel):
    """An answer, with no member beside the documented ones."""

    model_config = ConfigDict(extra="forbid")


class Paged(Shape, Generic[Item]):
    """One page of a list; `next_cursor` asks for the following page, null at the end."""

    items: list[Item]
    next_cursor: str | None


class HeadShape(Shape):
    """Where a dashboard stands."""

    last_snapshot_id: str | None
    last_sequence: int
    head_snapshot_id: str | None
    head_content_hash: str | None


class DashboardShape(Shape):
    """A dashboard."""

    id: str
    slug: str
    title: str
    kind: DashboardKind
    owner_id: str
    scope: dict[str, str] | None = Field(description="`{project}` or `{group}`; null: its owner's and the admins'.")
    view_spec_json: dict[str, Any]
    view_spec_hash: str
    created_at: str
    updated_at: str


class DashboardWithHead(DashboardShape):
    """A dashboard and where it stands."""

    head: HeadShape


class AppliedShape(Shape):
    """What applying a view spec did, or would do; `changes` as `path: old → new`."""

    slug: str
    dry_run: bool
    action: Literal["created", "updated", "unchanged"]
    changes: list[str]
    dashboard: DashboardShape | None


class PayloadShape(Shape):
    """What a dashboard showed."""

    schema_: str = Field(alias="schema")
    materialized_data: dict[str, dict[str, Any]]
    primary: dict[str, str | None]
    summaries: dict[str, Any]
    sources: list[dict[str, str]]


class LiveShape(PayloadShape):
    """What the sources say now."""

    dashboard_id: str
    content_hash: str
    capture: dict[str, Any]


class RecordShape(Shape):
    """The record of a snapshot: one row, never changed. docs/reference/semantics.md explains each member."""

    id: str
    dashboard_id: str
    sequence: int
    parent_snapshot_id: str | None
    scope: str | None
    scope_ref: str | None
    project_name: str | None
    group_id: str | None
    timestamp: str
    as_of: str
    late: bool
    reason: str | None
    initiator: str
    trigger_source: TriggerSource
    analyzer_version: str | None
    rule_version: str | None
    formula_digest: str | None
    source_ref: str | None
    immutable: bool
    retention_class: str
    lifecycle_state: Literal["frozen"]
    content_hash: str | None = Field(description="Null in a view that is not whole.")
    view_spec_hash: str
    capture_status: CaptureStatus
    adopted: bool
    source_bundle: list[dict[str, Any]]
    capture: dict[str, Any]
    payload: PayloadState
    redacted: bool = Field(description="Whether you see a view of the members that are yours to see.")
    view_hash: str | None = Field(description="The SHA-256 of that view; null in lists, and where you see the whole.")


class SnapshotShape(RecordShape, PayloadShape):
    """A record together with its payload."""


class ListingShape(Shape):
    """One page of a list over many dashboards, newest first."""

    items: list[RecordShape]
    next_cursor: str | None
    limit_applied: int = Field(
        description="How long a page may be at most: less than was asked for where that was too much."
    )
    offset: int = Field(description="How many of the newest were left out.")


class PolicyShape(Shape):
    """What is kept, for how long, and what can never be done to it."""

    immutable_governance_mode: Literal["no_delete_policy"]
    delete_supported: Literal[False]
    archival_supported: Literal[False]
    cleanup_respects_immutable: Literal[True]
    cleanup_removes: str
    retention: dict[str, int | None] = Field(description="Days by retention class; null keeps for ever.")


class TrendsShape(Shape):
    """A project's metrics over time, as columns of equal length, oldest first."""

    project_name: str
    scope_ref: str
    persisted: bool = Field(description="Whether the project has any snapshot.")
    sampled: bool = Field(description="Whether each point stands for a span of time.")
    as_of: list[str]
    until: list[str] = Field(description="Where sampled, the end of each span; else empty.")
    count: list[int] = Field(description="Where sampled, how many snapshots each span holds; else empty.")
    sequence: list[int] = Field(description="Which snapshot each point is; where sampled, empty.")
    metrics: dict[str, Any] = Field(description="By name: values, or where sampled avg, min, max, first and last.")
    trend: dict[str, Any] = Field(description="Of each score: `direction`, `basis` and `reason`.")


class PeriodsShape(Shape):
    """Two periods side by side, metric by metric."""

    project_name: str
    scope_ref: str
    persisted: bool = Field(description="Whether the project has any snapshot.")
    period: dict[str, Any] = Field(description="`from`, `to`, and how many `snapshots` are in it.")
    baseline: dict[str, Any] = Field(description="The same of the other period.")
    metrics: list[dict[str, Any]] = Field(
        description="`name`; `baseline` and `period`, each with `count`, `mean`, `min`, `max`, `first` and `last`; "
        "`delta`, `delta_pct`, `better` and `state` of the means."
    )


class DispatchShape(Shape):
    """Who was told so far; `matched` is the sum of the others."""

    matched: int
    delivered: int
    queued: int
    failed: int
    deferred: int
    suppressed: int
    budget_ms: int | None


class SnapshotTakenShape(RecordShape):
    """The stored record, what changed since the head, and who was told so far."""

    diff_summary: dict[str, Any] | None
    dispatch: DispatchShape


class EvidenceTakenShape(SnapshotTakenShape):
    """The stored record of a scope, what changed since the head, and who was told so far."""


class ComparedSnapshot(Shape):
    """One side of a diff."""

    id: str
    sequence: int
    timestamp: str
    as_of: str
    content_hash: str | None
    redacted: bool
    view_hash: str | None


class Comparability(Shape):
    """Whether both were captured in the same way."""

    level: Literal["full", "partial"]
    reasons: list[str]


class ComparedShape(Shape):
    """Two snapshots and what differs between them, lists cut with exact totals."""

    headline: str = Field(description="What changed, in a line.")
    trend_direction: Literal["improving", "declining", "stable"]
    trend: dict[str, Any] = Field(description="The direction again, its `basis` and `reason`.")
    comparability: Comparability
    metric_deltas: list[dict[str, Any]] = Field(description="What every metric did, the primary one first.")
    dimension_states: dict[str, str] = Field(description="By dimension: improved, regressed or unchanged.")
    totals: dict[str, int] = Field(description="The true length of each list of the diff.")
    truncated: bool = Field(description="Whether any was cut.")
    snapshot_a: RecordShape = Field(description="The earlier one.")
    snapshot_b: RecordShape = Field(description="The later one.")
    diff: dict[str, Any] = Field(description="The diff itself, its lists cut.")
    drilldown_categories: dict[str, dict[str, int]] = Field(default_factory=dict, description="Where it was asked for.")
    drilldown_previews: dict[str, Any] = Field(default_factory=dict, description="Where it was asked for.")


class DiffShape(Shape):
    """The diff of two snapshots; its lists are cut at 100 entries, with exact totals."""

    snapshot_a: ComparedSnapshot
    snapshot_b: ComparedSnapshot
    comparability: Comparability
    diff: dict[str, Any]


class AttemptShape(Shape):
    """A capture that failed or was refused."""

    id: str
    dashboard_id: str
    started_at: str
    finished_at: str
    initiator: str
    trigger_source: str
    error_code: str
    message: str
    source: str | None
    faults: list[dict[str, str]]


class PointShape(Shape):
    """One value of a metric."""

    snapshot_id: str
    sequence: int
    as_of: str
    value: float | None


class SeriesShape(Shape):
    """The values of a metric over time, oldest first."""

    metric: str
    points: list[PointShape]


class CommentShape(Shape):
    """A comment of a thread."""

    id: str
    artifact_id: str
    parent_comment_id: str | None
    author: str
    comment_type: CommentType
    body: str
    created_at: str
    resolved_at: str | None
    resolved_by: str | None
    snapshot_a: str | None
    snapshot_b: str | None
    delivery_id: str | None


class NotificationShape(Shape):
    """One line of an inbox."""

    id: str
    user_id: str
    persona: str | None
    kind: NotificationKind
    text: str
    dashboard_id: str | None
    snapshot_id: str | None
    comment_id: str | None
    created_at: str
    read_at: str | None


class HealthShape(Shape):
    """The process answers."""

    status: Literal["ok"]


class ReadyShape(Shape):
    """Whether the work can be done; which check fails is for admins."""

    ready: bool
    checks: dict[str, bool] = Field(default_factory=dict, description="For admins only.")


class Problem(BaseModel):
    """Why not. RFC 9457; the members without which a problem may come are there where they have something to say."""

    type: str
    title: str
    status: int
    detail: str
    error_code: str
    request_id: str | None
    errors: list[dict[str, str]] = Field(
        default_factory=list, description="Of 422: `path` and `message` of each fault."
    )
    attempt_id: str = Field("", description="Of a capture that failed: which attempt it was.")
    snapshot: dict[str, Any] = Field(default_factory=dict, description="Of 410: the record, which stays.")

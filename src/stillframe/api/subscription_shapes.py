"""Shapes of answers about subscriptions: who is told, what was sent, what a rule said and would have said."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from stillframe.api.shapes import Shape
from stillframe.model.calm import Importance
from stillframe.model.delivery import SubscriberKind
from stillframe.model.facts import GateDecision
from stillframe.model.subscription import BaselineKind, SubscriptionState


class SubscriptionShape(Shape):
    """A subscription; of a webhook's address only scheme, host and a digest are shown."""

    id: str
    dashboard_artifact_id: str
    subscriber_kind: SubscriberKind
    subscriber_id: str
    on: Literal["change"] | dict[str, list[GateDecision]] = Field(
        description="`change`, or `{gate}` with the decisions of release gates that are told."
    )
    threshold_json: dict[str, Any] = Field(description="The rule, or those decisions.")
    rule_id: int
    owner_id: str
    baseline: BaselineKind
    baseline_snapshot_id: str | None
    allow_missing: bool
    repeat_interval: int | None
    state: SubscriptionState
    paused_reason: str | None
    holding: bool
    acknowledged: bool = Field(description="While it holds: not told again before the rule was false.")
    last_notified_snapshot_id: str | None
    last_notified_at: str | None
    cooldown_seconds: int | None
    pending_for: int | None
    snooze_until: str | None
    quiet_hours: dict[str, str] | None = Field(description="`from`, `to`, `zone`.")
    digest: dict[str, str] | None = Field(description="`every`, `at`, of `weekly` also `on`, `zone`.")
    notify_on_resolve: bool
    importance: Importance
    max_items: int | None
    old_secret_until: str | None = Field(description="Until when the secret before the last rotation signs too.")
    created_at: str


class SubscribedShape(SubscriptionShape):
    """A subscription just made; a webhook's secret is shown this once."""

    secret: str = Field("", description="`whsec_…`, of webhooks only.")


class DeliveryShape(Shape):
    """One delivery and what was tried."""

    id: str
    subscription_id: str
    dashboard_id: str
    cause: str
    kind: str
    baseline_snapshot_id: str
    state: str
    due_at: str | None
    attempts: int
    created_at: str
    said: dict[str, Any] | None = Field(description="Of a digest, a resolution and what was held back: more facts.")
    tries: list[dict[str, Any]]


class FrameShape(Shape):
    """A snapshot as one side of a comparison."""

    id: str
    sequence: int
    timestamp: str


class PreviewPeriod(Shape):
    """Which snapshots were gone through."""

    from_: str | None = Field(alias="from", description="The time of the oldest one.")
    to: str
    snapshots: int
    cut: bool = Field(description="Whether there were more than one preview goes through.")


class NoticedShape(Shape):
    """A notice that would have been sent."""

    at: str
    kind: str
    snapshot_a: FrameShape | None
    snapshot_b: FrameShape | None
    headline: str
    reason: dict[str, Any] = Field(description="The verdict tree; of a gate the decision.")


class HeldBackShape(Shape):
    """What would not have been told although the rule was true."""

    at: str
    snapshot_a: FrameShape
    snapshot_b: FrameShape
    reason: str
    detail: str | None


class NearMissShape(Shape):
    """A snapshot that came close to the rule without meeting it."""

    at: str
    snapshot_a: FrameShape
    snapshot_b: FrameShape
    share: float = Field(description="Of the limit.")
    sentence: str


class PreviewShape(Shape):
    """What a subscription would have told in a period; nothing was stored."""

    dashboard_id: str
    period: PreviewPeriod
    notices: list[NoticedShape]
    suppressed: list[HeldBackShape]
    near_misses: list[NearMissShape] = Field(description="Nearest first.")
    skipped: dict[str, int] = Field(description="Snapshots that were passed over, by why.")
    rebased: list[FrameShape] = Field(description="Snapshots that were a new baseline.")
    paused_at: str | None = Field(description="When a new baseline made a pin incomparable.")
    judged: int
    unknown: int
    per_month: float | None = Field(description="How many notices a month that is.")
    limits: list[dict[str, Any]] = Field(
        description="For each limit of the rule, which other limit would give about 1, 4 and 30 notices a month."
    )


class RotatedShape(Shape):
    """A webhook's new secret, shown this once."""

    secret: str = Field(description="`whsec_…`.")
    old_secret_until: str = Field(description="Until when the secret before signs too.")


class ResumedShape(Shape):
    """A subscription that goes on."""

    subscription: SubscriptionShape
    replayed: int = Field(description="How many deliveries that were kept are due now.")


class TrialShape(Shape):
    """How a test send ended."""

    subscription_id: str
    sent_by: str
    at: str
    outcome: Literal["sent", "failed", "unknown"]
    status: int | None
    detail: str | None


class EvaluatedDelivery(Shape):
    """A delivery that came of it."""

    id: str
    kind: str
    state: str


class EvaluationShape(Shape):
    """What became of a subscription at one snapshot, or at one decision of a release gate."""

    snapshot_id: str | None
    decision_id: str | None
    sequence: int | None
    as_of: str
    timestamp: str
    baseline_snapshot_id: str | None = Field(description="What it was compared with; null where it was not judged.")
    outcome: Literal["true", "false", "unknown", "not_judged"]
    told: str | None = Field(description="The kind of the notice that came of it.")
    suppressed: dict[str, Any] | None = Field(description="Why it was not told: `at`, `reason`, `detail`.")
    delivery: EvaluatedDelivery | None
    deliveries: list[EvaluatedDelivery]
    verdict: dict[str, Any] | None = Field(description="The verdict tree; null where the payloads are gone.")
    sentence: str

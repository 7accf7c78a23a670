"""What the store's methods take and give beyond the nouns of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from stillframe.model.calm import NO_CALM, Calm, Importance
from stillframe.model.dashboard import Dashboard
from stillframe.model.delivery import DeliveryKind, DeliveryState, SubscriberKind
from stillframe.model.subscription import BaselineKind, Subscription
from stillframe.model.verdict import Outcome
from stillframe.rules.telling import Kind, Standing

Item = TypeVar("Item")


class Page(NamedTuple, Generic[Item]):
    """One page of a list. `next_cursor` is opaque text that asks for the following page, None at the end."""

    items: list[Item]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledDashboard:
    """A dashboard with a snapshot policy other than `manual`, and since when that policy holds."""

    dashboard: Dashboard
    policy_since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebased:
    """How many active subscriptions start again from a new baseline, and how many pinned ones were paused instead."""

    subscriptions: int
    paused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPoint:
    """One value of one metric, at the time that its snapshot describes."""

    snapshot_id: str
    sequence: int
    as_of: datetime
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """
    One rule group whose rule was judged.

    Shape   `baseline`, `baseline_snapshot_id`, `rule_id`: as the `RuleGroup` has them. `against_snapshot_id`: what it
            was truly compared with (the head where `baseline_snapshot_id` is None).
    """

    baseline: BaselineKind
    baseline_snapshot_id: str | None
    rule_id: int
    against_snapshot_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalmStanding:
    """A subscription that asks for calm, and where it stands."""

    subscription: Subscription
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    One calm subscription that is told now.

    Shape   `said`: what the message says beside its diff.
    """

    subscription_id: str
    kind: Kind
    against_snapshot_id: str
    said: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationNote:
    """
    What became of a calm subscription at a snapshot, where the verdict alone does not say it.

    Shape   `reason`: why a rule that was true was not told (`pending`, `cooldown`, `snooze`, `quiet_hours`, `digest`,
            `known`), or `resolved` for a change that is over. `at`: when it was judged, which is later than the
            snapshot at the end of a quiet time.
    """

    subscription_id: str
    snapshot_id: str
    baseline_snapshot_id: str
    rule_id: int
    at: datetime
    outcome: Outcome
    reason: str
    detail: str | None = None


class Lease(NamedTuple):
    """What holds one delivery for whoever claimed it: its row, its id, and the token of that claim."""

    key: int
    delivery_id: str
    token: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """One delivery under a lease: whoever holds `lease_token` may send it, once, until the lease ends."""

    delivery_id: str
    lease_token: int
    attempt: int
    """Counts from 1, and counts claims: a worker that died has used its attempt."""
    subscription_id: str
    dashboard_id: str
    snapshot_id: str
    """The cause."""
    baseline_snapshot_id: str
    rule_id: int
    receiver: str
    sealed_address: bytes | None = field(repr=False)
    sealed_secret: bytes | None = field(repr=False)
    created_at: datetime
    kind: DeliveryKind = "alert"
    """`gate`: the cause is a release gate's decision and no snapshot. `confirm`: it is the subscription itself."""
    channel: SubscriberKind = "webhook"
    subscriber_id: str = ""
    """A mail's address; a channel's name; of a webhook what may be shown of it."""
    owner_id: str = ""
    dashboard_title: str = ""
    importance: Importance = "normal"
    calm: Calm = NO_CALM
    max_items: int | None = None
    said: Mapping[str, Any] | None = None
    old_secret_until: datetime | None = None
    key: int = 0
    """Its row, by which its lease is renewed."""
    leased_until: datetime | None = None
    """When the lease ends, unless it is renewed."""

    @property
    def lease(self) -> Lease:
        """What holds this delivery for the caller."""
        return Lease(key=self.key, delivery_id=self.delivery_id, token=self.lease_token)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaMatch:
    """A persona that is told in this transaction: the caller adds its comment and its inbox line to the same unit."""

    delivery_id: str
    subscription_id: str
    slug: str
    owner_id: str
    """The user whose inbox is the persona's."""
    rule_id: int
    baseline_snapshot_id: str
    kind: DeliveryKind = "alert"
    said: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """
    What became of the subscriptions whose rule was true.

    Shape   `matched` is the sum of the others. `queued`: what a worker sends, because it was not claimed at once.
            `deferred`: what no channel sends here. `suppressed`: pinned subscriptions that know already.
    """

    claimed: tuple[Claimed, ...] = ()
    personas: tuple[PersonaMatch, ...] = ()
    queued: int = 0
    deferred: int = 0
    suppressed: int = 0

    @property
    def matched(self) -> int:
        return len(self.claimed) + len(self.personas) + self.queued + self.deferred + self.suppressed


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """
    How one try of one claimed delivery ended, and what becomes of the delivery.

    Shape   `state`: `pending` with `due_at` when it is tried again. `outcome`: a word for people, such as `sent`.
    """

    delivery_id: str
    lease_token: int
    attempt: int
    state: DeliveryState
    due_at: datetime | None = None
    started_at: datetime
    finished_at: datetime
    outcome: str
    status: int | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxGauge:
    """
    How many deliveries of one channel are in one state.

    Shape   `oldest_due_at`: of pending ones, which of them is due first, and when; else None.
    """

    channel: str
    state: str
    count: int
    oldest_due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """Nobody used this key: the caller holds it now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Another request with this key is still running."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The request was answered before: say the same again."""

    status: int
    answer: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """The key was used with another body."""


AnswerState: TypeAlias = Fresh | Running | Replay | Mismatch

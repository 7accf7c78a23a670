"""A subscription: whose rule over which dashboard, against which baseline, told how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias, get_args

from stillframe.model.calm import NO_CALM, Calm, Importance
from stillframe.model.delivery import SubscriberKind
from stillframe.model.facts import GateDecision
from stillframe.model.times import time_text

BaselineKind: TypeAlias = Literal["previous", "last_notified", "pinned"]
SubscriptionState: TypeAlias = Literal["active", "paused", "unconfirmed", "removed"]
"""`unconfirmed`: whoever has the address has not yet said that they want to be told."""

BASELINES: tuple[BaselineKind, ...] = get_args(BaselineKind)
SUBSCRIBER_KINDS: tuple[SubscriberKind, ...] = get_args(SubscriberKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """
    One rule of one subscriber.

    Shape   `subscriber_id`: a persona's slug, an email address, or for a webhook what may be shown of its address:
            scheme, host and digest; of a channel the name that the operator gave it. `gate`: the outcomes of release
            gates that it is told of; None: it is told of changes. `max_items`: how many entries of a list a message
            shows; None: what its channel shows.
    Units   `repeat_interval` in seconds.
    """

    id: str
    dashboard_id: str
    subscriber_kind: SubscriberKind
    subscriber_id: str
    threshold: Mapping[str, Any]
    rule_id: int
    owner_id: str
    baseline: BaselineKind = "previous"
    baseline_snapshot_id: str | None = None
    """What `pinned` is pinned to; for `last_notified` what it is compared with now: it moves with each notice."""
    allow_missing: bool = False
    repeat_interval: int | None = None
    state: SubscriptionState = "active"
    paused_reason: str | None = None
    holding: bool = False
    """Against `pinned`: the rule was true at the last snapshot, so its subscriber knows already."""
    last_notified_snapshot_id: str | None = None
    last_notified_at: datetime | None = None
    gate: tuple[GateDecision, ...] | None = None
    calm: Calm = NO_CALM
    importance: Importance = "normal"
    max_items: int | None = None
    acknowledged: bool = False
    """While it holds: its subscriber knows, and is not told again before the rule was false."""
    old_secret_until: datetime | None = None
    """Of a webhook whose secret was rotated: until when the one before it signs too."""
    created_at: datetime

    def as_dict(self) -> dict[str, Any]:
        """Return what its owner may see: everything but secrets, with the column names of the table
        `dashboard_subscriptions`, and `on`: `change`, or the outcomes of release gates."""
        document: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        told_at = None if self.last_notified_at is None else time_text(self.last_notified_at)
        gate, rotated = document.pop("gate"), document.pop("old_secret_until")
        del document["calm"]
        renamed = {
            "dashboard_artifact_id": document.pop("dashboard_id"),
            "on": "change" if gate is None else {"gate": list(gate)},
            "threshold_json": dict(document.pop("threshold")),
        }
        calm = self.calm.as_dict()
        times = {
            "created_at": time_text(self.created_at),
            "last_notified_at": told_at,
            "old_secret_until": None if rotated is None else time_text(rotated),
        }
        return {**renamed, **document, **calm, **times}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleGroup:
    """
    All active subscriptions of a dashboard without calm that share a baseline and a rule: judged once.

    Shape   `baseline_snapshot_id`: the snapshot to compare with; None means the head (`previous`).
    """

    baseline: BaselineKind
    baseline_snapshot_id: str | None
    rule_id: int
    rule: Mapping[str, Any]
    subscribers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """
    A delivery as the outbox holds it, for people who ask what was tried.

    Shape   `tries`: each `{attempt, started_at, finished_at, outcome, status, detail}`, oldest first. `said`: what a
            message says beside its verdict and diff: of a `digest` and of what `resolved` the verdict itself.
    """

    id: str
    subscription_id: str
    dashboard_id: str
    cause: str
    kind: str
    baseline_snapshot_id: str
    state: str
    due_at: datetime | None
    attempts: int
    created_at: datetime
    said: Mapping[str, Any] | None = None
    tries: tuple[Mapping[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        document: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        due = None if self.due_at is None else time_text(self.due_at)
        return document | {
            "due_at": due,
            "created_at": time_text(self.created_at),
            "tries": [dict(found) for found in self.tries],
        }

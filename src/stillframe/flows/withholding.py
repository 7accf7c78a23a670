"""Access is checked again before each send: what its subscription's owner may no longer see is not told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from stillframe.flows.addresses import may_use_channel
from stillframe.flows.letters import EvidenceKey
from stillframe.flows.permission import may_on
from stillframe.flows.services import Services
from stillframe.flows.told_views import BLIND_REASON, VIEW, sees_told
from stillframe.model.dashboard import Dashboard
from stillframe.model.discussion import Notification
from stillframe.model.identity import Caller
from stillframe.model.times import milliseconds
from stillframe.store import Claimed, Settlement, Unit

LOST_REASON = "its owner may no longer see this dashboard"
CHANNEL_REASON = "its owner may no longer use this channel"
_log = structlog.get_logger(__name__)


def permitted(services: Services, claimed: Sequence[Claimed], known: Collection[EvidenceKey]) -> list[Claimed]:
    """
    Return what may be sent: its subscription's owner may see all that it speaks of.

    The rest is withheld, its subscriptions are paused, and their owners are told once.

    Shape   `known`: what was judged in the transaction that promised it, a moment ago; for that nobody is asked again.
    Source  docs/reference/semantics.md, "The owner's eyes".
    """
    asked = [entry for entry in claimed if (entry.snapshot_id, entry.baseline_snapshot_id) not in known]
    if not asked:
        return list(claimed)
    with services.store.read() as unit:
        eyes = _Eyes.of(services, unit, {entry.owner_id for entry in asked})
        refused = {entry.delivery_id: why for entry in asked if (why := eyes.refusal(unit, entry)) is not None}
    if not refused:
        return list(claimed)
    _withhold(services, [entry for entry in asked if entry.delivery_id in refused], refused)
    return [entry for entry in claimed if entry.delivery_id not in refused]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Eyes:
    """What the owners of a claim may see, each question answered once."""

    services: Services
    owners: Mapping[str, Caller]
    dashboards: dict[str, Dashboard | None] = field(default_factory=dict)
    answers: dict[tuple[str, ...], bool] = field(default_factory=dict)

    @classmethod
    def of(cls, services: Services, unit: Unit, owner_ids: Collection[str]) -> _Eyes:
        users = unit.users.some(owner_ids)
        roles = unit.groups.roles_of_some(owner_ids)
        return cls(
            services=services,
            owners={
                user.id: Caller(user_id=user.id, name=user.name, role=user.role, groups=roles.get(user.id, {}))
                for user in users
                if user.disabled_at is None
            },
        )

    def refusal(self, unit: Unit, entry: Claimed) -> str | None:
        """Return why a delivery may not be sent, None if it may."""
        owner = self.owners.get(entry.owner_id)
        dashboard = self._dashboard(unit, entry.dashboard_id)
        if owner is None or dashboard is None or not may_on(owner, "dashboard.read", dashboard).allowed:
            return LOST_REASON
        if entry.channel == "channel" and not may_use_channel(
            self.services, owner, entry.subscriber_id, group_id=dashboard.group_id
        ):
            return CHANNEL_REASON
        if dashboard.kind == "live" or dashboard.project is not None or entry.kind in ("gate", "confirm"):
            return None
        told_of = (entry.snapshot_id, entry.baseline_snapshot_id)
        question = (entry.owner_id, *told_of, str((entry.said or {}).get(VIEW, "")))
        if question not in self.answers:
            self.answers[question] = sees_told(unit, owner, told_of, said=entry.said)
        return None if self.answers[question] else BLIND_REASON

    def _dashboard(self, unit: Unit, dashboard_id: str) -> Dashboard | None:
        if dashboard_id not in self.dashboards:
            self.dashboards[dashboard_id] = unit.dashboards.get(dashboard_id)
        return self.dashboards[dashboard_id]


def _withhold(services: Services, entries: Sequence[Claimed], why: Mapping[str, str]) -> None:
    now = milliseconds(services.clock())
    settlements = [
        Settlement(
            delivery_id=entry.delivery_id,
            lease_token=entry.lease_token,
            attempt=entry.attempt,
            state="withheld",
            started_at=now,
            finished_at=now,
            outcome="withheld",
            detail=why[entry.delivery_id],
        )
        for entry in entries
    ]
    with services.store.write() as unit:
        for dashboard_id in sorted({entry.dashboard_id for entry in entries}):
            unit.heads.lock(dashboard_id)
        unit.outbox.settle(settlements)
        _pause(services, unit, entries, why=why)
    for entry in entries:
        services.metrics.delivered(entry.channel, "withheld", attempt=entry.attempt)
    _log.warning("deliveries_withheld", deliveries=len(entries))


def _pause(services: Services, unit: Unit, entries: Sequence[Claimed], *, why: Mapping[str, str]) -> None:
    """Pause the subscriptions that are still active, and tell their owners of those."""
    now = milliseconds(services.clock())
    reasons = {entry.subscription_id: why[entry.delivery_id] for entry in entries}
    active = [
        found for found in map(unit.subscriptions.get, sorted(reasons)) if found is not None and found.state == "active"
    ]
    for subscription in active:
        unit.subscriptions.pause([subscription.id], reason=reasons[subscription.id], at=now)
    for owner_id in sorted({found.owner_id for found in active}):
        count = sum(found.owner_id == owner_id for found in active)
        text = f"Subscriptions paused because you may no longer see all that they tell, or use their channel: {count}."
        notice = Notification(id=services.new_id(), user_id=owner_id, kind="notice", text=text, created_at=now)
        unit.notifications.add_many([notice])

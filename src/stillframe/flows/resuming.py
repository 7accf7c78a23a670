"""Resuming a paused subscription, and in the same action sending what was kept for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from stillframe.errors import Conflict
from stillframe.flows.addresses import as_shown_to
from stillframe.flows.auditing import audited
from stillframe.flows.permission import may_on, require_own_or_edit, standing_of, visible_dashboard
from stillframe.flows.services import Services
from stillframe.flows.subscriptions import visible_subscription
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from stillframe.model.subscription import Subscription
from stillframe.store import KEY_LOST, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """A subscription that is told again, and how many notices that were kept for it are due now."""

    subscription: Subscription
    replayed: int

    def as_dict(self) -> dict[str, Any]:
        return {"subscription": self.subscription.as_dict(), "replayed": self.replayed}


def resume_subscription(
    services: Services, caller: Caller, *, dashboard_ref: str, subscription_id: str, replay: bool
) -> Resumed:
    """
    Make a paused subscription active; its receiver begins anew, whatever it failed before.

    Shape   `replay`: what was parked is due now, each under its id. Without it that stays parked, and can be replayed
            one by one, or by resuming once more.
    Errors  NotFound, Forbidden; Conflict where the reason for the pause still holds: its owner may not see what it
            tells of, its pinned snapshot is of another kind, its address is not confirmed or was lost.
    """
    with services.store.write() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        unit.heads.lock(dashboard.id)
        old = visible_subscription(unit, caller, dashboard, subscription_id=subscription_id)
        require_own_or_edit(caller, "subscription.resume", dashboard, owner_id=old.owner_id)
        _check(unit, dashboard, old)
        new = replace(old, state="active", paused_reason=None)
        if new != old:
            unit.subscriptions.update(new)
        # Deliveries before receivers, as settling locks them.
        replayed = unit.waiting.replay_parked(new.id, now=services.clock()) if replay else 0
        unit.endpoints.forget_of(new.id)
        audited(
            services,
            unit,
            caller,
            action="subscription.resume",
            object=f"subscription:{new.id}",
            dashboard_id=dashboard.id,
            was=old.state,
            replayed=replayed,
        )
    services.work_waiting.set()
    return Resumed(subscription=as_shown_to(caller, new), replayed=replayed)


def _check(unit: Unit, dashboard: Dashboard, subscription: Subscription) -> None:
    if subscription.state == "unconfirmed":
        raise Conflict("its address is not confirmed yet: the mail that asks for it holds a link")
    if subscription.paused_reason == KEY_LOST:
        raise Conflict(f"it was {KEY_LOST}")
    user = unit.users.get(subscription.owner_id)
    owner = None if user is None or user.disabled_at is not None else standing_of(unit, user)
    if owner is None or not may_on(owner, "dashboard.read", dashboard).allowed:
        raise Conflict("its owner may not see this dashboard")
    if subscription.baseline == "pinned" and subscription.state == "paused":
        _check_pin(unit, dashboard, subscription)


def _check_pin(unit: Unit, dashboard: Dashboard, subscription: Subscription) -> None:
    pinned = (
        None if subscription.baseline_snapshot_id is None else unit.snapshots.record(subscription.baseline_snapshot_id)
    )
    head_id = unit.heads.get(dashboard.id).head_snapshot_id
    head = None if head_id is None else unit.snapshots.record(head_id)
    if pinned is None or head is None:
        return
    if (pinned.view_spec_hash, pinned.formula_digest) != (head.view_spec_hash, head.formula_digest):
        raise Conflict("its pinned snapshot was made in another way than today's; pin one that was taken since")

"""Deliveries as people see them: what was tried, with which answer, and sending one again."""

from __future__ import annotations

from stillframe.errors import Conflict, NotFound
from stillframe.flows.auditing import audited
from stillframe.flows.permission import (
    is_own_or_editable,
    require_own_or_edit,
    seen,
    standing_of,
    visible_dashboard,
)
from stillframe.flows.seeing import sees_whole
from stillframe.flows.services import Services
from stillframe.flows.subscriptions import visible_subscription
from stillframe.model.identity import Caller
from stillframe.model.subscription import OutboxEntry
from stillframe.store import Page

REPLAYABLE = ("gave_up", "parked", "sent")


def list_deliveries(
    services: Services,
    caller: Caller,
    *,
    dashboard_ref: str,
    subscription_id: str,
    limit: int,
    cursor: str | None = None,
) -> Page[OutboxEntry]:
    """Return what a subscription was sent, newest first, each with its tries."""
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        subscription = visible_subscription(unit, caller, dashboard, subscription_id=subscription_id)
        require_own_or_edit(caller, "delivery.read", dashboard, owner_id=subscription.owner_id)
        return unit.outbox.deliveries(subscription.id, limit=limit, cursor=cursor)


def replay_delivery(services: Services, caller: Caller, *, delivery_id: str) -> OutboxEntry:
    """
    Send a delivery again, with the same id; a worker takes it at once.

    Errors  NotFound; Conflict when it is still pending, was never a send, or speaks of projects that its
            subscription's owner may not see.
    """
    with services.store.write() as unit:
        found = unit.outbox.get(delivery_id)
        subscription = None if found is None else unit.subscriptions.get(found.subscription_id)
        dashboard = None if found is None else unit.dashboards.get(found.dashboard_id)
        if found is None or subscription is None or dashboard is None:
            raise NotFound("there is no delivery here that you can see")
        seen(caller, dashboard, what="delivery")
        if not (caller.is_admin or is_own_or_editable(caller, dashboard, owner_id=subscription.owner_id)):
            raise NotFound("there is no delivery here that you can see", invisible=True)
        require_own_or_edit(caller, "delivery.replay", dashboard, owner_id=subscription.owner_id)
        if subscription.subscriber_kind != "webhook" or found.state not in REPLAYABLE:
            kind = subscription.subscriber_kind
            raise Conflict(f"this {kind} delivery is {found.state}; a webhook's can be sent again once it has ended")
        if subscription.state != "active":
            raise Conflict(f"its subscription is {subscription.state}")
        owner = unit.users.get(subscription.owner_id)
        told_of = [found.cause, found.baseline_snapshot_id]
        if owner is None or not sees_whole(unit, standing_of(unit, owner), told_of):
            raise Conflict("it speaks of projects that its subscription's owner may not see")
        unit.outbox.replay(delivery_id, services.clock())
        audited(services, unit, caller, action="delivery.replay", object=f"delivery:{delivery_id}")
        replayed = unit.outbox.get(delivery_id)
    services.work_waiting.set()
    return replayed or found

"""Deliveries as people see them: what was tried, with which answer, and sending one again."""

from __future__ import annotations

from dataclasses import replace

from stillframe.errors import Conflict, NotFound
from stillframe.flows.auditing import audited
from stillframe.flows.confirming import refuse_asking_again
from stillframe.flows.permission import (
    is_own_or_editable,
    may_on,
    require_own_or_edit,
    seen,
    standing_of,
    visible_dashboard,
)
from stillframe.flows.services import Services
from stillframe.flows.subscriptions import visible_subscription
from stillframe.flows.told_views import sees_told
from stillframe.model.identity import Caller
from stillframe.model.subscription import OutboxEntry
from stillframe.store import Page, Unit

REPLAYABLE = ("gave_up", "parked", "sent", "unknown", "withheld")


def list_deliveries(
    services: Services,
    caller: Caller,
    *,
    dashboard_ref: str,
    subscription_id: str,
    limit: int,
    cursor: str | None = None,
) -> Page[OutboxEntry]:
    """
    Return what a subscription was sent, newest first, each with its tries.

    What a delivery said is left out where its owner was told of projects that the caller may not see.
    """
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        subscription = visible_subscription(unit, caller, dashboard, subscription_id=subscription_id)
        require_own_or_edit(caller, "delivery.read", dashboard, owner_id=subscription.owner_id)
        page = unit.outbox.deliveries(subscription.id, limit=limit, cursor=cursor)
        return Page([_as_shown_to(unit, caller, entry) for entry in page.items], page.next_cursor)


def replay_delivery(services: Services, caller: Caller, *, delivery_id: str) -> OutboxEntry:
    """
    Send a delivery again, with the same id; a worker takes it at once.

    Errors  NotFound; Conflict when it is still pending, was never a send, or speaks of projects that its
            subscription's owner may not see.
    """
    with services.store.write() as unit:
        found = unit.outbox.get(delivery_id)
        if found is not None:
            # Whoever pauses or removes its subscription holds the head too: what is paused meanwhile is not sent.
            unit.heads.lock(found.dashboard_id)
            found = unit.outbox.get(delivery_id)
        subscription = None if found is None else unit.subscriptions.get(found.subscription_id)
        dashboard = None if found is None else unit.dashboards.get(found.dashboard_id)
        if found is None or subscription is None or dashboard is None:
            raise NotFound("there is no delivery here that you can see")
        seen(caller, dashboard, what="delivery")
        if not (caller.is_admin or is_own_or_editable(caller, dashboard, owner_id=subscription.owner_id)):
            raise NotFound("there is no delivery here that you can see", invisible=True)
        require_own_or_edit(caller, "delivery.replay", dashboard, owner_id=subscription.owner_id)
        kind = subscription.subscriber_kind
        if kind == "persona":
            raise Conflict("a persona is told by a comment, and nothing was sent that could be sent again")
        if found.state not in REPLAYABLE:
            raise Conflict(f"this {kind} delivery is {found.state}; it can be sent again once a try has ended it")
        if kind not in services.sendable:
            raise Conflict(f"nothing can be sent by {kind} here: the configuration names no server for it")
        if found.kind == "confirm":
            refuse_asking_again(subscription, found, now=services.clock())
        elif subscription.state != "active":
            raise Conflict(f"its subscription is {subscription.state}")
        user = unit.users.get(subscription.owner_id)
        owner = None if user is None or user.disabled_at is not None else standing_of(unit, user)
        if owner is None or not may_on(owner, "dashboard.read", dashboard).allowed:
            raise Conflict("its subscription's owner may not see this dashboard")
        if not sees_told(unit, owner, [found.cause, found.baseline_snapshot_id], said=found.said):
            raise Conflict("it speaks of projects that its subscription's owner may not see")
        unit.outbox.replay(delivery_id, services.clock())
        audited(services, unit, caller, action="delivery.replay", object=f"delivery:{delivery_id}")
        replayed = _as_shown_to(unit, caller, unit.outbox.get(delivery_id) or found)
    services.work_waiting.set()
    return replayed


def _as_shown_to(unit: Unit, caller: Caller, entry: OutboxEntry) -> OutboxEntry:
    if entry.said is None or sees_told(unit, caller, [entry.cause, entry.baseline_snapshot_id], said=entry.said):
        return entry
    return replace(entry, said=None)

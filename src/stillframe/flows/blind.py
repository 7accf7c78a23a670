"""Subscriptions whose owner does not see all that a notice would tell: paused before anything is judged for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from stillframe.flows.judging import Judgement
from stillframe.flows.permission import standing_of
from stillframe.flows.services import Services
from stillframe.model.dashboard import Dashboard
from stillframe.model.discussion import Notification
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.subscription import Subscription
from stillframe.rules.access import readable_groups
from stillframe.store import Unit

BLIND_REASON = "its owner may not see every project that a notice would speak of"


def spoken_of(unit: Unit, subscription: Subscription) -> tuple[str | None, ...]:
    """Return the snapshots that a notice of a subscription would speak of as things stand, None where there is none."""
    return unit.heads.get(subscription.dashboard_id).head_snapshot_id, subscription.baseline_snapshot_id


def pause_blind(
    services: Services, unit: Unit, dashboard: Dashboard, *, record: SnapshotRecord, judgement: Judgement
) -> frozenset[str]:
    """
    Pause the subscriptions to a group or portfolio whose owner does not see every member of the pictures compared.

    A notice is of the whole picture; who may see a part of it is told nothing, and is told so.

    Shape   The result: the ids of the subscriptions that are paused now.
    Source  docs/reference/semantics.md, "The owner's eyes".
    """
    compared = (*judgement.comparisons.values(), *judgement.unchanged.values())
    records = [record, *(found.baseline.record for found in compared)]
    return pause_blind_to(services, unit, dashboard, records=records, at=record.timestamp)


def pause_blind_to(
    services: Services, unit: Unit, dashboard: Dashboard, *, records: Iterable[SnapshotRecord], at: datetime
) -> frozenset[str]:
    """Pause the active subscriptions whose owner does not see every member of these records, as `pause_blind`."""
    lists = {record.member_list for record in records if record.member_list is not None}
    active = [found for found in unit.subscriptions.list(dashboard.id, None) if found.state == "active"]
    paused: set[str] = set()
    for owner_id in sorted({found.owner_id for found in active}):
        user = unit.users.get(owner_id)
        if user is None or not unit.member_lists.hidden(lists, readable_groups(standing_of(unit, user))):
            continue
        theirs = [found.id for found in active if found.owner_id == owner_id]
        unit.subscriptions.pause(theirs, reason=BLIND_REASON, at=at)
        paused.update(theirs)
        notice = Notification(
            id=services.new_id(),
            user_id=owner_id,
            kind="notice",
            text=f"{dashboard.title}: subscriptions paused because you may not see all of its projects: {len(theirs)}.",
            dashboard_id=dashboard.id,
            created_at=at,
        )
        unit.notifications.add_many([notice])
    return frozenset(paused)

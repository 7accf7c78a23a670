"""Subscriptions whose owner does not see all that a notice would tell: paused before anything is judged for them."""

from __future__ import annotations

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
) -> None:
    """
    Pause the subscriptions to a group or portfolio whose owner does not see every member of the pictures compared.

    A notice is of the whole picture; who may see a part of it is told nothing, and is told so.

    Source  docs/reference/semantics.md, "The owner's eyes".
    """
    baselines = (found.baseline.record.member_list for found in judgement.comparisons.values())
    lists = {key for key in (record.member_list, *baselines) if key is not None}
    active = [found for found in unit.subscriptions.list(dashboard.id, None) if found.state == "active"]
    for owner_id in sorted({found.owner_id for found in active}):
        user = unit.users.get(owner_id)
        if user is None or not unit.member_lists.hidden(lists, readable_groups(standing_of(unit, user))):
            continue
        theirs = [found.id for found in active if found.owner_id == owner_id]
        unit.subscriptions.pause(theirs, reason=BLIND_REASON, at=record.timestamp)
        notice = Notification(
            id=services.new_id(),
            user_id=owner_id,
            kind="notice",
            text=f"{dashboard.title}: subscriptions paused because you may not see all of its projects: {len(theirs)}.",
            dashboard_id=dashboard.id,
            created_at=record.timestamp,
        )
        unit.notifications.add_many([notice])

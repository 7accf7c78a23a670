"""Why somebody was told, or was not: one line for each snapshot since a subscription was made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from stillframe.flows.evaluation_answer import Evaluation, Sent
from stillframe.flows.evaluation_baselines import Kept
from stillframe.flows.evaluation_lines import Lines
from stillframe.flows.permission import require_own_or_edit, visible_dashboard
from stillframe.flows.services import Services
from stillframe.flows.subscriptions import visible_subscription
from stillframe.model.dashboard import Dashboard
from stillframe.model.gate import GateRecord
from stillframe.model.identity import Caller
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.subscription import Subscription
from stillframe.store import Page, Unit

MOST_LINES = 200
"""In one page: where a rule was not true, its reasons are worked out anew."""
_STARTS_AGAIN = frozenset({"threshold", "baseline", "baseline_snapshot_id"})
_CHANGES_LOOKED_AT = 1_000


def list_evaluations(
    services: Services,
    caller: Caller,
    *,
    dashboard_ref: str,
    subscription_id: str,
    limit: int,
    cursor: str | None = None,
) -> Page[Evaluation]:
    """
    Return what became of a subscription at every snapshot since it was made, newest first; silence has its reason too.

    Of a subscription to release gates there is a line for every decision.

    Errors  NotFound, Forbidden; InvalidInput for a cursor that no list gave out.
    Source  docs/reference/semantics.md, "Evaluations".
    """
    most = max(1, min(limit, MOST_LINES))
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        subscription = visible_subscription(unit, caller, dashboard, subscription_id=subscription_id)
        require_own_or_edit(caller, "delivery.read", dashboard, owner_id=subscription.owner_id)
        if subscription.gate is not None:
            return _decisions(unit, dashboard, subscription, limit=most, cursor=cursor)
        page = unit.snapshots.list(dashboard.id, limit=most, cursor=cursor)
        records = [record for record in page.items if _is_after(record, subscription)]
        lines = Lines(
            services,
            unit,
            caller,
            dashboard=dashboard,
            subscription=subscription,
            kept=_kept(unit, subscription, records),
            changed_at=_changed_at(unit, subscription),
        )
        return Page([lines.line(record) for record in records], page.next_cursor if len(records) == most else None)


def _is_after(record: SnapshotRecord, subscription: Subscription) -> bool:
    """Say whether a snapshot was taken since a subscription was made; ids of one moment say which was first."""
    if record.timestamp == subscription.created_at:
        return record.id > subscription.id
    return record.timestamp > subscription.created_at


def _kept(unit: Unit, subscription: Subscription, records: Sequence[SnapshotRecord]) -> Kept:
    named = {name for record in records for name in (record.id, record.parent_snapshot_id) if name is not None}
    snapshot_ids = sorted(named)
    notes = sorted(unit.evaluations.at_snapshots(subscription.id, snapshot_ids), key=attrgetter("snapshot_id", "at"))
    tellings = sorted(unit.tellings.at(subscription.id, snapshot_ids), key=attrgetter("cause", "created_at"))
    return Kept(
        looked_at=frozenset(named),
        notes={name: list(found) for name, found in groupby(notes, attrgetter("snapshot_id"))},
        tellings={name: list(found) for name, found in groupby(tellings, attrgetter("cause"))},
    )


def _changed_at(unit: Unit, subscription: Subscription) -> datetime | None:
    """Return when a subscription was last given another rule or another baseline, as far as the audit log goes back."""
    found = unit.audit.list(object=f"subscription:{subscription.id}", limit=_CHANGES_LOOKED_AT).items
    changes = (entry for entry in found if entry.action == "subscription.change" and entry.outcome == "done")
    return next((entry.at for entry in changes if _STARTS_AGAIN & set(entry.detail.get("changed", ()))), None)


def _decisions(
    unit: Unit, dashboard: Dashboard, subscription: Subscription, *, limit: int, cursor: str | None
) -> Page[Evaluation]:
    page = unit.gates.list([dashboard.id], limit=limit, cursor=cursor)
    found = [record for record in page.items if record.decided_at >= subscription.created_at]
    tellings = {one.cause: one for one in unit.tellings.at(subscription.id, [record.id for record in found])}
    lines = []
    for record in found:
        told = tellings.get(record.id)
        sent = () if told is None else (Sent(id=told.id, kind=told.kind, state=told.state),)
        lines.append(_decision(record, subscription, sent))
    return Page(lines, page.next_cursor if len(found) == limit else None)


def _decision(record: GateRecord, subscription: Subscription, sent: tuple[Sent, ...]) -> Evaluation:
    asked = " or ".join(subscription.gate or ())
    met = bool(sent) or record.decision in (subscription.gate or ())
    said = f"the gate decided {record.decision}, asked for {asked}"
    if met and not sent:
        said += "; it was not told of this, because it was paused, or asked for something else then"
    return Evaluation(
        snapshot_id=record.post_snapshot_id or record.pre_snapshot_id,
        decision_id=record.id,
        sequence=None,
        as_of=record.decided_at,
        timestamp=record.decided_at,
        outcome="true" if met else "false",
        deliveries=sent,
        sentence=said,
    )

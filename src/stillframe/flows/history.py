"""Looking back on one dashboard: its snapshots, the diff of any two, captures that failed, and series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from stillframe.errors import Conflict, InvalidInput
from stillframe.flows.auditing import audited
from stillframe.flows.comparing import Compared, compared
from stillframe.flows.permission import require_on, visible_dashboard
from stillframe.flows.seeing import seen_records, sight_of, unseen_sequences, visible_snapshot
from stillframe.flows.services import Services
from stillframe.flows.snapshots import spec_of
from stillframe.model.dashboard import Attempt, Dashboard
from stillframe.model.identity import Caller
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.view import SnapshotView
from stillframe.store import Page, SeriesPoint, Unit


def list_snapshots(
    services: Services, caller: Caller, *, dashboard_ref: str, limit: int, cursor: str | None = None
) -> Page[Mapping[str, Any]]:
    """Return the JSON of a dashboard's records, newest first, each as far as the caller may see it."""
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        page = unit.snapshots.list(dashboard.id, limit=limit, cursor=cursor)
        return Page(seen_records(unit, caller, page.items), page.next_cursor)


def get_snapshot(services: Services, caller: Caller, *, snapshot_id: str) -> tuple[SnapshotView, Dashboard]:
    """
    Return a snapshot as the caller may see it, and its dashboard.

    Errors  NotFound when it is absent or of a dashboard that the caller may not see: the two look the same. Gone when
            its payload has expired.
    """
    with services.store.read() as unit:
        return visible_snapshot(unit, caller, snapshot_id)


def diff_snapshots(
    services: Services,
    caller: Caller,
    *,
    dashboard_ref: str,
    from_id: str | None = None,
    to_id: str | None = None,
    top_n: int | None = None,
) -> Compared:
    """
    Compare two snapshots of a dashboard; by default its last two good ones.

    Errors  NotFound; NotComparable when one is of another dashboard; Conflict when there are not two good ones yet.
    """
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        before, after = _pair(unit, caller, dashboard, from_id=from_id, to_id=to_id)
        return compared(services, unit, caller, from_id=before, to_id=after, dashboard_id=dashboard.id, top_n=top_n)


def _pair(
    unit: Unit, caller: Caller, dashboard: Dashboard, *, from_id: str | None, to_id: str | None
) -> tuple[str, str]:
    if from_id and to_id:
        return from_id, to_id
    if to_id:
        before = sight_of(unit, caller, to_id).record.parent_snapshot_id
        if before is None:
            raise Conflict("this is the dashboard's first snapshot; name another one with from")
        return before, to_id
    good = unit.snapshots.last_good(dashboard.id, 2)
    if from_id:
        if not good:
            raise Conflict("the dashboard has no good snapshot yet")
        return from_id, good[0].id
    if len(good) < 2:
        raise Conflict(f"a diff needs two good snapshots; this dashboard has {len(good)}")
    return good[1].id, good[0].id


def list_attempts(
    services: Services, caller: Caller, *, dashboard_ref: str, limit: int, cursor: str | None = None
) -> Page[Attempt]:
    """Return the captures of a dashboard that failed, newest first."""
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        return unit.attempts.list(dashboard.id, limit=limit, cursor=cursor)


def accept_snapshot(services: Services, caller: Caller, *, snapshot_id: str) -> SnapshotRecord:
    """
    Accept an empty capture as the truth: it becomes the head, and what follows is compared with it.

    Errors  NotFound, Forbidden; InvalidInput if the snapshot is not empty; Conflict if a newer snapshot is there
            already.
    """
    with services.store.write() as unit:
        sight = sight_of(unit, caller, snapshot_id)
        record, dashboard = sight.record, sight.dashboard
        require_on(caller, "snapshot.accept", dashboard)
        state = "late" if record.late else record.capture_status
        if state != "empty":
            raise InvalidInput.at(
                "$.snapshot_id", f"this snapshot is {state}; only an empty capture of the present needs accepting"
            )
        if unit.heads.lock(dashboard.id).last_snapshot_id != record.id:
            raise Conflict("a newer snapshot is there already; accept the newest empty one")
        if not unit.snapshots.accepted(record.id):
            audited(services, unit, caller, action="snapshot.accept", object=f"snapshot:{record.id}")
        unit.snapshots.accept(record.id, by=caller.name, at=services.clock())
    return record


def metric_series(
    services: Services,
    caller: Caller,
    *,
    dashboard_ref: str,
    metric: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[str, Sequence[SeriesPoint]]:
    """
    Return the values of a metric panel over time, oldest first; by default the primary metric.

    Errors  InvalidInput if there is no such metric.
    """
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        spec = spec_of(dashboard)
        name = metric or spec.primary.metric
        metrics = [panel for panel, found in spec.panels.items() if found.kind == "metric"]
        if name is None or name not in metrics:
            raise InvalidInput.at(
                "$.metric", f"name one of the dashboard's metrics: {', '.join(metrics) or 'it has none'}"
            )
        points = unit.series.values(dashboard.id, name, since=since, until=until)
        unseen = unseen_sequences(unit, caller, dashboard)
        return name, [point for point in points if point.sequence not in unseen]

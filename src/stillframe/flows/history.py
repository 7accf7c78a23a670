"""Looking back: snapshots, the diff of any two, captures that failed, and series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stillframe.diff import compute_diff
from stillframe.errors import Conflict, InvalidInput, NotComparable, NotFound
from stillframe.flows.permission import require, visible_dashboard
from stillframe.flows.services import Services
from stillframe.flows.snapshots import spec_of
from stillframe.model.dashboard import Attempt, Dashboard
from stillframe.model.diff import Diff
from stillframe.model.identity import Caller
from stillframe.model.snapshot import Snapshot, SnapshotRecord
from stillframe.rules.access import may
from stillframe.store import Page, SeriesPoint, Unit

_COMPARED_VERSIONS = ("view_spec_hash", "analyzer_version", "rule_version", "formula_digest")


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Two snapshots of one dashboard and what differs between them."""

    snapshot_a: Snapshot
    snapshot_b: Snapshot
    diff: Diff

    @property
    def comparability(self) -> dict[str, Any]:
        """Whether the two pictures were made in the same way, and what was not."""
        before, after = self.snapshot_a.record, self.snapshot_b.record
        reasons = [f"{name} differs" for name in _COMPARED_VERSIONS if getattr(before, name) != getattr(after, name)]
        return {"level": "partial" if reasons else "full", "reasons": reasons}


def list_snapshots(
    services: Services, caller: Caller, *, dashboard_ref: str, limit: int, cursor: str | None = None
) -> Page[SnapshotRecord]:
    """Return a dashboard's records, newest first."""
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        return unit.snapshots.list(dashboard.id, limit=limit, cursor=cursor)


def get_snapshot(services: Services, caller: Caller, *, snapshot_id: str) -> tuple[Snapshot, Dashboard]:
    """
    Return a snapshot and its dashboard.

    Errors  NotFound when it is absent or of a dashboard that the caller may not see: the two look the same.
    """
    with services.store.read() as unit:
        return _visible_snapshot(unit, caller, snapshot_id)


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
    for found in (before, after):
        if found.record.dashboard_id != dashboard.id:
            raise NotComparable(f"snapshot {found.record.id} is of another dashboard; two snapshots compare within one")
    size = top_n or spec_of(dashboard).top_n or services.limits.diff_top_n
    return Compared(snapshot_a=before, snapshot_b=after, diff=compute_diff(before, after, top_n=size))


def _pair(
    unit: Unit, caller: Caller, dashboard: Dashboard, *, from_id: str | None, to_id: str | None
) -> tuple[Snapshot, Snapshot]:
    if from_id and to_id:
        return _visible_snapshot(unit, caller, from_id)[0], _visible_snapshot(unit, caller, to_id)[0]
    good = unit.snapshots.last_good(dashboard.id, 2)
    if to_id:
        before = _visible_snapshot(unit, caller, to_id)[0].record.parent_snapshot_id
        if before is None:
            raise Conflict("this is the dashboard's first snapshot; name another one with from")
        return _visible_snapshot(unit, caller, before)[0], _visible_snapshot(unit, caller, to_id)[0]
    if from_id:
        if not good:
            raise Conflict("the dashboard has no good snapshot yet")
        return _visible_snapshot(unit, caller, from_id)[0], _visible_snapshot(unit, caller, good[0].id)[0]
    if len(good) < 2:
        raise Conflict(f"a diff needs two good snapshots; this dashboard has {len(good)}")
    return _visible_snapshot(unit, caller, good[1].id)[0], _visible_snapshot(unit, caller, good[0].id)[0]


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
        snapshot, dashboard = _visible_snapshot(unit, caller, snapshot_id)
        require(caller, "snapshot.accept", owner_id=dashboard.owner_id)
        state = "late" if snapshot.record.late else snapshot.record.capture_status
        if state != "empty":
            raise InvalidInput.at(
                "$.snapshot_id", f"this snapshot is {state}; only an empty capture of the present needs accepting"
            )
        if unit.heads.lock(dashboard.id).last_snapshot_id != snapshot.record.id:
            raise Conflict("a newer snapshot is there already; accept the newest empty one")
        unit.snapshots.accept(snapshot.record.id, by=caller.name, at=services.clock())
    return snapshot.record


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
        return name, unit.series.values(dashboard.id, name, since=since, until=until)


def _visible_snapshot(unit: Unit, caller: Caller, snapshot_id: str) -> tuple[Snapshot, Dashboard]:
    record = unit.snapshots.record(snapshot_id)
    dashboard = None if record is None else unit.dashboards.get(record.dashboard_id)
    if dashboard is None or may(caller, "dashboard.read", owner_id=dashboard.owner_id).denial == "role":
        raise NotFound("there is no snapshot here that you can see")
    require(caller, "dashboard.read", owner_id=dashboard.owner_id)
    # Only now its payload, which may have expired: that a snapshot was there is not for everybody.
    snapshot = unit.snapshots.get(snapshot_id)
    if snapshot is None:
        raise NotFound("there is no snapshot here that you can see")
    return snapshot, dashboard

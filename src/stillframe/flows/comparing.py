"""Comparing two snapshots of one dashboard, by their ids or by the times that a project's data describes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stillframe.capture import parse_view_spec
from stillframe.diff import compute_diff
from stillframe.errors import InvalidInput, NotComparable, NotFound
from stillframe.flows.scopes import scope_dashboard
from stillframe.flows.seeing import visible_snapshot
from stillframe.flows.services import Services
from stillframe.model.dashboard import Dashboard
from stillframe.model.diff import Diff
from stillframe.model.identity import Caller
from stillframe.model.scope import Scope
from stillframe.model.times import time_text
from stillframe.model.view import SnapshotView
from stillframe.report.comparison import comparability, comparison_document
from stillframe.store import Unit

LISTED_MOST = 100
"""Lists of a comparison are cut here, with exact totals."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Two snapshots of one dashboard as the caller may see them, and what differs between what is seen."""

    dashboard: Dashboard
    a: SnapshotView
    b: SnapshotView
    diff: Diff

    @property
    def comparability(self) -> dict[str, Any]:
        """Whether the two pictures were made in the same way, and what was not."""
        return comparability(self.a.record, self.b.record)

    def document(self, *, include_drilldown: bool) -> dict[str, Any]:
        """Return the JSON of the comparison, its lists cut with exact totals."""
        return comparison_document(self.a, self.b, self.diff, include_drilldown=include_drilldown, listed=LISTED_MOST)


def compare_snapshots(services: Services, caller: Caller, *, from_id: str, to_id: str) -> Compared:
    """
    Compare two snapshots of one dashboard.

    Errors  NotFound; Gone; NotComparable when they are of different dashboards.
    """
    with services.store.read() as unit:
        return compared(services, unit, caller, from_id=from_id, to_id=to_id)


def compare_times(
    services: Services, caller: Caller, *, project_name: str, since: datetime, until: datetime
) -> Compared:
    """
    Compare a project at two times: at each the newest snapshot whose data is of then or before.

    Errors  NotFound for an unknown project, and for a time before its first snapshot, with that one's time; Gone.
    """
    with services.store.read() as unit:
        dashboard = scope_dashboard(unit, caller, Scope(kind="project", name=project_name))
        ends = [
            snapshot_at(unit, dashboard, moment, path=path)
            for moment, path in ((since, "$.from_timestamp"), (until, "$.to_timestamp"))
        ]
        return compared(services, unit, caller, from_id=ends[0], to_id=ends[1])


def compared(
    services: Services,
    unit: Unit,
    caller: Caller,
    *,
    from_id: str,
    to_id: str,
    dashboard_id: str | None = None,
    top_n: int | None = None,
) -> Compared:
    """
    Compare two snapshots inside a transaction.

    Shape   `dashboard_id`: the one that both must be of; else the first says. `top_n`: else the view spec says.
    Errors  As `compare_snapshots`.
    """
    before, dashboard = visible_snapshot(unit, caller, from_id)
    after, other = visible_snapshot(unit, caller, to_id)
    if other.id != dashboard.id or dashboard_id not in (None, dashboard.id):
        raise NotComparable("the two snapshots are of different dashboards; two snapshots compare within one")
    size = top_n or parse_view_spec(dashboard.view_spec).top_n or services.limits.diff_top_n
    diff = compute_diff(before.as_snapshot, after.as_snapshot, top_n=size)
    return Compared(dashboard=dashboard, a=before, b=after, diff=diff)


def snapshot_at(unit: Unit, dashboard: Dashboard, moment: datetime, *, path: str) -> str:
    """
    Return the id of the newest snapshot of a dashboard whose data is of a time or before.

    Errors  NotFound, with the time of the first one if there is any.
    """
    found = unit.snapshots.at_or_before(dashboard.id, moment)
    if found is not None:
        return found.id
    first = unit.snapshots.first(dashboard.id)
    said = "there is none yet" if first is None else f"the first is of {time_text(first.as_of)}"
    raise NotFound(f"{path.removeprefix('$.')}: no snapshot is of {time_text(moment)} or before; {said}")


def both_ends(from_id: str | None, to_id: str | None) -> tuple[str, str]:
    """
    Return two ids that were both given.

    Errors  InvalidInput naming the one that is missing.
    """
    if from_id is None or to_id is None:
        missing = "$.from_snapshot_id" if from_id is None else "$.to_snapshot_id"
        raise InvalidInput.at(missing, "name both snapshots, or a project with from_timestamp and to_timestamp")
    return from_id, to_id

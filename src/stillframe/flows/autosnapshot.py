"""The timer: one idempotent pass over every dashboard whose policy has a slot that is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import structlog

from stillframe.errors import Conflict, StillframeError
from stillframe.flows.services import Services
from stillframe.flows.snapshots import SnapshotRequest, SnapshotTaken, take_snapshot
from stillframe.flows.waking import wake_due
from stillframe.model.dashboard import Attempt, Dashboard
from stillframe.model.identity import Caller
from stillframe.model.times import time_text
from stillframe.rules.schedule import due_slot, may_try_again
from stillframe.store import ScheduledDashboard

SCHEDULER = Caller(user_id="scheduler", name="scheduler", role="admin")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Tick:
    """
    What a pass did for one dashboard.

    Shape   `name`: how people call it: its slug, or of a health dashboard its id.
    """

    dashboard_id: str
    name: str
    slot: datetime
    outcome: Literal["taken", "already_taken", "failed"]
    taken: SnapshotTaken | None = None
    error: str | None = None

    def as_dict(self) -> dict[str, Any]:
        taken: Mapping[str, Any] | None = None if self.taken is None else self.taken.as_dict()
        return {
            "dashboard": self.name,
            "slot": time_text(self.slot),
            "outcome": self.outcome,
            "error": self.error,
            "snapshot": taken,
        }


def autosnapshot(services: Services, *, wait_for_sends: bool, retry_failed: bool = True) -> list[Tick]:
    """
    Tell what quiet times held back until now, then take the snapshot of every slot that is due and not taken; a
    dashboard that fails stops no other.

    Running it again in the same slot takes nothing. Any number of processes may run it at the same time.

    Shape   One tick for each dashboard with a due slot that was not taken before. With `retry_failed` off, a slot whose
            capture failed
            within the last minutes is left for later.
    """
    wake_due(services)
    with services.store.read() as unit:
        scheduled = unit.dashboards.all_scheduled()
    ticks = (_tick(services, found, wait_for_sends=wait_for_sends, retry_failed=retry_failed) for found in scheduled)
    return [tick for tick in ticks if tick is not None]


def _tick(services: Services, found: ScheduledDashboard, *, wait_for_sends: bool, retry_failed: bool) -> Tick | None:
    dashboard, now = found.dashboard, services.clock()
    try:
        policy = dashboard.view_spec.get("metadata", {}).get("snapshot_policy", "manual")
        slot = due_slot(policy, since=found.policy_since, now=now)
        if slot is None or not _open(services, dashboard, slot, now=now, retry_failed=retry_failed):
            return None
    except Exception as error:  # noqa: BLE001  # because one dashboard's broken policy must not stop the others'
        _log.exception("autosnapshot_failed", dashboard=dashboard.slug)
        return Tick(dashboard_id=dashboard.id, name=dashboard.slug, slot=now, outcome="failed", error=str(error))
    return _take(services, dashboard, slot, wait_for_sends=wait_for_sends)


def _open(services: Services, dashboard: Dashboard, slot: datetime, *, now: datetime, retry_failed: bool) -> bool:
    with services.store.read() as unit:
        if unit.snapshots.slot_taken(dashboard.id, time_text(slot)):
            return False
        failures: list[Attempt] = [] if retry_failed else unit.attempts.list(dashboard.id, limit=1, cursor=None).items
    return may_try_again(last_failure_at=failures[0].finished_at if failures else None, slot=slot, now=now)


def _take(services: Services, dashboard: Dashboard, slot: datetime, *, wait_for_sends: bool) -> Tick:
    def take() -> SnapshotTaken:
        return take_snapshot(
            services,
            SCHEDULER,
            dashboard_ref=dashboard.id,
            request=slot_request(slot),
            wait_for_sends=wait_for_sends,
        )

    return tick_of(dashboard.id, slot, take, name=dashboard.slug)


def slot_request(slot: datetime) -> SnapshotRequest:
    """Return what the timer says of the snapshot of a slot."""
    return SnapshotRequest(trigger_source="schedule", slot=slot, reason=f"slot {time_text(slot)}")


def tick_of(dashboard_id: str, slot: datetime, take: Callable[[], SnapshotTaken], *, name: str) -> Tick:
    """Take the snapshot of a slot; whatever goes wrong is logged and said, and stops no other dashboard's."""
    try:
        taken = take()
    except Conflict:
        return Tick(dashboard_id=dashboard_id, name=name, slot=slot, outcome="already_taken")
    except StillframeError as error:
        _log.warning("autosnapshot_failed", dashboard=name, error_code=error.code, error=error.message)
        return Tick(dashboard_id=dashboard_id, name=name, slot=slot, outcome="failed", error=error.message)
    except Exception as error:  # noqa: BLE001  # because one dashboard's fault must not stop the others' captures
        _log.exception("autosnapshot_failed", dashboard=name)
        said = f"{type(error).__name__}: {error}"
        return Tick(dashboard_id=dashboard_id, name=name, slot=slot, outcome="failed", error=said)
    return Tick(dashboard_id=dashboard_id, name=name, slot=slot, outcome="taken", taken=taken)

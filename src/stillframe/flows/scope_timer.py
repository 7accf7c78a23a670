"""The timer of scopes: every project, every group and everybody's portfolio, once in each interval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import structlog

from stillframe.errors import Conflict, StillframeError
from stillframe.flows.autosnapshot import SCHEDULER
from stillframe.flows.scopes import take_scope_snapshot
from stillframe.flows.services import Services
from stillframe.flows.storing import SnapshotRequest, SnapshotTaken
from stillframe.model.scope import EVERYBODYS, Scope, scope_of
from stillframe.model.times import time_text
from stillframe.rules.schedule import interval_slot

_EVERYBODYS = Scope(kind="portfolio", name=EVERYBODYS)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class ScopeTick:
    """What a pass did for one scope."""

    scope: Scope
    slot: datetime
    outcome: Literal["taken", "already_taken", "failed"]
    taken: SnapshotTaken | None = None
    error: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "dashboard": self.scope.ref,
            "slot": time_text(self.slot),
            "outcome": self.outcome,
            "error": self.error,
            "snapshot": None if self.taken is None else self.taken.as_dict(),
        }


def autosnapshot_scopes(services: Services, *, wait_for_sends: bool) -> list[ScopeTick]:
    """
    Take the snapshot of this interval of every scope that has none yet, if the configuration wants any.

    Projects come first, so that groups and the portfolio speak of this interval too. One that fails stops no other.
    Running it again takes nothing; any number of processes may run it at the same time.

    Shape   One tick for each scope whose slot was open.
    """
    minutes = services.limits.scope_interval_minutes
    if minutes is None:
        return []
    slot = interval_slot(minutes, now=services.clock())
    return [_tick(services, scope, slot, wait_for_sends=wait_for_sends) for scope in _open(services, slot)]


def _open(services: Services, slot: datetime) -> Iterator[Scope]:
    with services.store.read() as unit:
        refs = unit.dashboards.without_slot(time_text(slot))
        has_projects = unit.projects.count() > 0
        is_new = unit.dashboards.get(_EVERYBODYS.ref) is None
    for kind in ("project", "group"):
        yield from (scope for ref in refs if (scope := scope_of(ref)) and scope.kind == kind)
    if has_projects and (is_new or _EVERYBODYS.ref in refs):
        yield _EVERYBODYS


def _tick(services: Services, scope: Scope, slot: datetime, *, wait_for_sends: bool) -> ScopeTick:
    request = SnapshotRequest(trigger_source="schedule", slot=slot, reason=f"slot {time_text(slot)}")
    try:
        taken = take_scope_snapshot(services, SCHEDULER, scope=scope, request=request, wait_for_sends=wait_for_sends)
    except Conflict:
        return ScopeTick(scope=scope, slot=slot, outcome="already_taken")
    except StillframeError as error:
        _log.warning("autosnapshot_failed", dashboard=scope.ref, error_code=error.code, error=error.message)
        return ScopeTick(scope=scope, slot=slot, outcome="failed", error=error.message)
    except Exception as error:  # noqa: BLE001  # because one scope's fault must not stop the others' snapshots
        _log.exception("autosnapshot_failed", dashboard=scope.ref)
        return ScopeTick(scope=scope, slot=slot, outcome="failed", error=f"{type(error).__name__}: {error}")
    return ScopeTick(scope=scope, slot=slot, outcome="taken", taken=taken)

"""The timer of scopes: every project, every group and everybody's portfolio, once in each interval."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from stillframe.flows.autosnapshot import SCHEDULER, Tick, slot_request, tick_of
from stillframe.flows.scopes import take_scope_snapshot
from stillframe.flows.services import Services
from stillframe.flows.storing import SnapshotTaken
from stillframe.model.scope import EVERYBODYS, Scope, scope_of
from stillframe.model.times import time_text
from stillframe.rules.schedule import interval_slot

_EVERYBODYS = Scope(kind="portfolio", name=EVERYBODYS)


def autosnapshot_scopes(services: Services, *, wait_for_sends: bool) -> list[Tick]:
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


def _tick(services: Services, scope: Scope, slot: datetime, *, wait_for_sends: bool) -> Tick:
    def take() -> SnapshotTaken:
        return take_scope_snapshot(
            services, SCHEDULER, scope=scope, request=slot_request(slot), wait_for_sends=wait_for_sends
        )

    return tick_of(scope.ref, slot, take, name=scope.ref)

"""Dashboards: made, changed, listed, and looked at live without storing anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from stillframe.capture import Captured, ViewSpec, capture, check_sources, view_spec_hash
from stillframe.errors import Conflict, InvalidInput, nearest
from stillframe.flows.auditing import audited
from stillframe.flows.identity import pause_left_behind
from stillframe.flows.permission import (
    is_given_to_group,
    may_on,
    require,
    require_on,
    require_owner_connections,
    visible_dashboard,
    visible_group,
    visible_project,
)
from stillframe.flows.reading_turns import reading_turn
from stillframe.flows.seeing import sees_whole
from stillframe.flows.services import Services
from stillframe.flows.snapshots import refuse_health, spec_of
from stillframe.model.dashboard import Dashboard, Head
from stillframe.model.identity import Caller
from stillframe.model.times import milliseconds
from stillframe.rules.access import may, readable_groups
from stillframe.store import Page, Unit

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """
    What `apply` did, or would do, and which members of the view spec changed, as `path: old → new`.

    Shape   `dashboard` is None only where one would be made.
    """

    dashboard: Dashboard | None
    action: Literal["created", "updated", "unchanged"]
    changes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        found = None if self.dashboard is None else self.dashboard.as_dict()
        return {"action": self.action, "changes": list(self.changes), "dashboard": found}


@dataclass(frozen=True, kw_only=True)
class LiveView:
    """What the sources say now; nothing of it is stored."""

    dashboard: Dashboard
    captured: Captured

    def as_dict(self) -> dict[str, Any]:
        payload = self.captured.payload.as_dict()
        return {
            "dashboard_id": self.dashboard.id,
            "content_hash": self.captured.content_hash,
            "capture": dict(self.captured.info),
            **payload,
        }


def create_dashboard(services: Services, caller: Caller, *, view_spec: ViewSpec) -> Dashboard:
    """
    Make a dashboard that the caller owns, or that belongs to the group or project that its view spec names.

    Errors  Conflict if the slug is taken; InvalidInput or Forbidden for a connection that is unknown or not the
            caller's to use.
    """
    _check_slug(view_spec)
    now = milliseconds(services.clock())
    with services.store.write() as unit:
        group_id, project = _placed(unit, caller, view_spec)
        require(caller, "dashboard.create", owner_id=caller.user_id, group_id=group_id)
        check_connections(services, caller, view_spec, group_id=group_id)
        dashboard = Dashboard(
            id=services.new_id(),
            slug=view_spec.slug,
            title=view_spec.title,
            owner_id=caller.user_id,
            view_spec=view_spec.as_dict(),
            view_spec_hash=view_spec_hash(view_spec),
            created_at=now,
            updated_at=now,
            group_id=group_id,
            project=project,
        )
        unit.dashboards.add(dashboard)
        audited(services, unit, caller, action="dashboard.create", object=f"dashboard:{dashboard.id}")
    return dashboard


def replace_dashboard(services: Services, caller: Caller, *, dashboard_ref: str, view_spec: ViewSpec) -> Dashboard:
    """
    Give a dashboard another view spec; its history stays, and the next snapshot is a new baseline if what is captured
    changed.

    Errors  NotFound, Forbidden; Conflict if the new slug is another dashboard's; as `create_dashboard` for connections.
    """
    with services.store.write() as unit:
        old = visible_dashboard(unit, caller, dashboard_ref)
        require_on(caller, "dashboard.change", old)
        refuse_health(old)
        _check_slug(view_spec)
        group_id, project = _placed(unit, caller, view_spec)
        require(caller, "dashboard.change", owner_id=old.owner_id, group_id=group_id)
        check_connections(services, caller, view_spec, group_id=group_id)
        taken = unit.dashboards.get(view_spec.slug)
        if taken is not None and taken.id != old.id:
            raise Conflict(f"the slug {view_spec.slug} is another dashboard's")
        new = Dashboard(
            id=old.id,
            slug=view_spec.slug,
            title=view_spec.title,
            owner_id=old.owner_id,
            view_spec=view_spec.as_dict(),
            view_spec_hash=view_spec_hash(view_spec),
            created_at=old.created_at,
            updated_at=milliseconds(services.clock()),
            group_id=group_id,
            project=project,
        )
        require_owner_connections(services, unit, new, spec=view_spec)
        unit.dashboards.replace(new)
        if new.group_id != old.group_id:
            pause_left_behind(services, unit, new)
        changes = changed_members(old.view_spec, new.view_spec)
        audited(services, unit, caller, action="dashboard.change", object=f"dashboard:{new.id}", changes=changes[:20])
    return new


def apply_view_spec(services: Services, caller: Caller, *, view_spec: ViewSpec) -> Applied:
    """Create the dashboard that a view spec's slug names, or bring it to what the view spec says."""
    with services.store.read() as unit:
        old = unit.dashboards.get(view_spec.slug)
    if old is None:
        return Applied(dashboard=create_dashboard(services, caller, view_spec=view_spec), action="created")
    if may_on(caller, "dashboard.read", old).denial == "role":
        raise Conflict(f"the slug {view_spec.slug} is taken")
    changes = tuple(changed_members(old.view_spec, view_spec.as_dict()))
    if not changes:
        return Applied(dashboard=old, action="unchanged")
    new = replace_dashboard(services, caller, dashboard_ref=old.id, view_spec=view_spec)
    return Applied(dashboard=new, action="updated", changes=changes)


def plan_view_spec(services: Services, caller: Caller, *, view_spec: ViewSpec) -> Applied:
    """
    Say what `apply_view_spec` would do, and do nothing.

    Errors  As `apply_view_spec`, as far as they can be known.
    """
    with services.store.read() as unit:
        group_id, _ = _placed(unit, caller, view_spec)
        old = unit.dashboards.get(view_spec.slug)
    check_connections(services, caller, view_spec, group_id=group_id)
    if old is None:
        return Applied(dashboard=None, action="created")
    if may_on(caller, "dashboard.read", old).denial == "role":
        raise Conflict(f"the slug {view_spec.slug} is taken")
    changes = tuple(changed_members(old.view_spec, view_spec.as_dict()))
    return Applied(dashboard=old, action="updated" if changes else "unchanged", changes=changes)


def get_dashboard(services: Services, caller: Caller, *, dashboard_ref: str) -> tuple[Dashboard, Head]:
    """Return a dashboard and where it stands; the hash of a picture only to those who see all that it speaks of."""
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        head = unit.heads.get(dashboard.id)
        whole = sees_whole(unit, caller, [head.head_snapshot_id])
        return dashboard, head if whole else replace(head, head_content_hash=None)


def list_dashboards(services: Services, caller: Caller, *, limit: int, cursor: str | None = None) -> Page[Dashboard]:
    """Return the dashboards that the caller may see, a page at a time."""
    require(caller, "dashboard.read", owner_id=caller.user_id)
    owner_id = None if may(caller, "dashboard.list_all").allowed else caller.user_id
    with services.store.read() as unit:
        return unit.dashboards.list(owner_id, groups=readable_groups(caller), limit=limit, cursor=cursor)


def live(services: Services, caller: Caller, *, dashboard_ref: str) -> LiveView:
    """
    Run a dashboard's view spec and store nothing; answer from the last run while that is young enough.

    Errors  NotFound; InvalidInput for a dashboard with pushed panels, which have no live view; SourceFailed,
            CaptureRefused.
    """
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        spec = spec_of(dashboard)
        refuse_health(dashboard)
        require_owner_connections(services, unit, dashboard, spec=spec)
    if any(source.type == "push" for source in spec.sources.values()):
        raise InvalidInput.at("$.sources", "a pushed source has no live view; look at the newest snapshot")
    key = (dashboard.id, dashboard.view_spec_hash)
    with services.turns.of(f"live:{dashboard.id}"):
        captured = services.live_views.young(key, seconds=spec.refresh_interval_seconds)
        if captured is None:
            with reading_turn(services, dashboard, spec):
                captured = capture(
                    spec,
                    connections=services.connections,
                    pushed=None,
                    max_rows=services.limits.max_rows,
                    source_timeout_seconds=services.limits.source_timeout_seconds,
                )
            services.live_views.keep(key, captured)
    return LiveView(dashboard=dashboard, captured=captured)


def _check_slug(view_spec: ViewSpec) -> None:
    if _UUID.fullmatch(view_spec.slug):
        raise InvalidInput.at("$.slug", "a slug must not look like an id")


def _placed(unit: Unit, caller: Caller, view_spec: ViewSpec) -> tuple[str | None, str | None]:
    """
    Return the group and the project that a view spec's scope names.

    Errors  NotFound when it is absent and when the caller may not see it: the two look the same.
    """
    scope = view_spec.scope
    if scope is None:
        return None, None
    if scope.project is not None:
        project = visible_project(unit, caller, scope.project)
        return project.group_id, project.name
    return visible_group(unit, caller, scope.group or "").id, None


def check_connections(services: Services, caller: Caller, view_spec: ViewSpec, *, group_id: str | None) -> None:
    """
    Let a view spec name only connections that exist and are the caller's to use, and ask them only what may be asked.

    Shape   `group_id`: the group that the dashboard belongs to, whose editors may name what the operator gave it.

    Errors  InvalidInput naming the source, with the nearest connection for those who may know them; Forbidden for the
            others; InvalidViewSpec for SQL that is not one SELECT and for paths that climb; SourceFailed for a
            connection that is no URL.
    """
    for source, name in view_spec.connection_names().items():
        if not is_given_to_group(services, name, group_id):
            require(caller, "connection.use")
        if name not in services.connections:
            hint = nearest(name, sorted(services.connections))
            raise InvalidInput.at(
                f"$.sources.{source}.connection", f"no connection is named {name!r} in the configuration{hint}"
            )
    check_sources(view_spec, services.connections)


def changed_members(old: Any, new: Any, path: str = "$") -> list[str]:  # noqa: ANN401 because a view spec is any JSON
    """
    Return which members of a document changed, each as one line.

    >>> changed_members({"top_n": 10, "a": {"b": 1}}, {"top_n": 3, "a": {"b": 1}})
    ['$.top_n: 10 → 3']
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        names = list(dict.fromkeys([*old, *new]))
        return [line for name in names for line in changed_members(old.get(name), new.get(name), f"{path}.{name}")]
    return [] if old == new else [f"{path}: {_shown(old)} → {_shown(new)}"]


def _shown(value: object) -> str:
    text = "absent" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"

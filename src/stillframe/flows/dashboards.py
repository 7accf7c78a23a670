"""Dashboards: made, changed, listed, and looked at live without storing anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from stillframe.capture import Captured, ViewSpec, capture, check_sources, view_spec_hash
from stillframe.errors import Conflict, InvalidInput, nearest
from stillframe.flows.permission import require, require_owner_connections, visible_dashboard
from stillframe.flows.reading_turns import reading_turn
from stillframe.flows.services import Services
from stillframe.flows.snapshots import spec_of
from stillframe.model.dashboard import Dashboard, Head
from stillframe.model.identity import Caller
from stillframe.model.times import milliseconds
from stillframe.rules.access import may
from stillframe.store import Page

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What `apply` did, and which members of the view spec changed, as `path: old → new`."""

    dashboard: Dashboard
    action: Literal["created", "updated", "unchanged"]
    changes: tuple[str, ...] = ()


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
    Make a dashboard that the caller owns.

    Errors  Conflict if the slug is taken; InvalidInput or Forbidden for a connection that is unknown or not the
            caller's to use.
    """
    require(caller, "dashboard.create")
    _check_slug(view_spec)
    check_connections(services, caller, view_spec)
    now = milliseconds(services.clock())
    dashboard = Dashboard(
        id=services.new_id(),
        slug=view_spec.slug,
        title=view_spec.title,
        owner_id=caller.user_id,
        view_spec=view_spec.as_dict(),
        view_spec_hash=view_spec_hash(view_spec),
        created_at=now,
        updated_at=now,
    )
    with services.store.write() as unit:
        unit.dashboards.add(dashboard)
    return dashboard


def replace_dashboard(services: Services, caller: Caller, *, dashboard_ref: str, view_spec: ViewSpec) -> Dashboard:
    """
    Give a dashboard another view spec; its history stays, and the next snapshot is a new baseline if what is captured
    changed.

    Errors  NotFound, Forbidden; Conflict if the new slug is another dashboard's; as `create_dashboard` for connections.
    """
    with services.store.write() as unit:
        old = visible_dashboard(unit, caller, dashboard_ref)
        require(caller, "dashboard.change", owner_id=old.owner_id)
        _check_slug(view_spec)
        check_connections(services, caller, view_spec)
        require_owner_connections(unit, old, view_spec)
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
        )
        unit.dashboards.replace(new)
    return new


def apply_view_spec(services: Services, caller: Caller, *, view_spec: ViewSpec) -> Applied:
    """Create the dashboard that a view spec's slug names, or bring it to what the view spec says."""
    with services.store.read() as unit:
        old = unit.dashboards.get(view_spec.slug)
    if old is None:
        return Applied(dashboard=create_dashboard(services, caller, view_spec=view_spec), action="created")
    if may(caller, "dashboard.read", owner_id=old.owner_id).denial == "role":
        raise Conflict(f"the slug {view_spec.slug} is taken")
    changes = tuple(changed_members(old.view_spec, view_spec.as_dict()))
    if not changes:
        return Applied(dashboard=old, action="unchanged")
    new = replace_dashboard(services, caller, dashboard_ref=old.id, view_spec=view_spec)
    return Applied(dashboard=new, action="updated", changes=changes)


def get_dashboard(services: Services, caller: Caller, *, dashboard_ref: str) -> tuple[Dashboard, Head]:
    """Return a dashboard and where it stands."""
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        return dashboard, unit.heads.get(dashboard.id)


def list_dashboards(services: Services, caller: Caller, *, limit: int, cursor: str | None = None) -> Page[Dashboard]:
    """Return the dashboards that the caller may see, a page at a time."""
    require(caller, "dashboard.read", owner_id=caller.user_id)
    owner_id = None if may(caller, "dashboard.list_all").allowed else caller.user_id
    with services.store.read() as unit:
        return unit.dashboards.list(owner_id, limit=limit, cursor=cursor)


def live(services: Services, caller: Caller, *, dashboard_ref: str) -> LiveView:
    """
    Run a dashboard's view spec and store nothing; answer from the last run while that is young enough.

    Errors  NotFound; InvalidInput for a dashboard with pushed panels, which have no live view; SourceFailed,
            CaptureRefused.
    """
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        spec = spec_of(dashboard)
        require_owner_connections(unit, dashboard, spec)
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


def check_connections(services: Services, caller: Caller, view_spec: ViewSpec) -> None:
    """
    Let a view spec name only connections that exist and are the caller's to use, and ask them only what may be asked.

    Errors  InvalidInput naming the source, with the nearest connection for those who may know them; Forbidden for the
            others; InvalidViewSpec for SQL that is not one SELECT and for paths that climb; SourceFailed for a
            connection that is no URL.
    """
    for source, name in view_spec.connection_names().items():
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

"""The evidence store: snapshots of scopes kept, listed and read, each as far as the caller may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stillframe.errors import InvalidInput, nearest
from stillframe.flows.idempotency import Receipt
from stillframe.flows.permission import visible_dashboard
from stillframe.flows.scopes import GivenSummary, portfolio_of, scope_dashboard, take_scope_snapshot
from stillframe.flows.seeing import PORTFOLIO_OF_ALL, seen_records, visible_snapshot
from stillframe.flows.services import Services
from stillframe.flows.storing import SnapshotRequest, SnapshotTaken
from stillframe.model.identity import Caller
from stillframe.model.scope import SCOPE_KINDS, Scope, ScopeKind
from stillframe.model.view import SnapshotView
from stillframe.rules.access import may, readable_groups
from stillframe.store import Unit

MOST_OFFSET = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which snapshots a list is to hold; what is None narrows nothing."""

    scope: str | None = None
    project_name: str | None = None
    group_id: str | None = None
    dashboard_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """
    One page of a list over many dashboards.

    Shape   `limit_applied`: how long a page may be at most here; less than what was asked for where that was too much.
    """

    items: Sequence[Mapping[str, Any]]
    limit_applied: int
    offset: int
    next_cursor: str | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "items": list(self.items),
            "next_cursor": self.next_cursor,
            "limit_applied": self.limit_applied,
            "offset": self.offset,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """
    Where a list looks.

    Shape   `dashboards`: their ids; None for every scope there is. `lists`: of these only snapshots with one of these
            member lists.
    """

    dashboards: Sequence[str] | None
    lists: Mapping[str, Sequence[int]] = field(default_factory=dict)


def create_snapshot(
    services: Services,
    caller: Caller,
    *,
    scope: str,
    project_name: str | None,
    group_id: str | None,
    request: SnapshotRequest,
    summary: GivenSummary | None = None,
    receipt: Receipt | None = None,
    wait_for_sends: bool = False,
) -> SnapshotTaken:
    """
    Keep the health of a project, of a group, or of the caller's portfolio.

    Errors  InvalidInput for a scope that is unknown or lacks its name, and for a summary of anything but a project;
            NotFound, Forbidden; StoreError.
    """
    wanted = named_scope(caller, scope=scope, project_name=project_name, group_id=group_id)
    if summary is not None and wanted.kind != "project":
        raise InvalidInput.at(
            "$.summaries", f"only a project brings a summary; a {wanted.kind}'s is that of its projects"
        )
    return take_scope_snapshot(
        services,
        caller,
        scope=wanted,
        request=request,
        summary=summary,
        receipt=receipt,
        wait_for_sends=wait_for_sends,
    )


def named_scope(caller: Caller, *, scope: str, project_name: str | None, group_id: str | None) -> Scope:
    """
    Return the scope that a request names.

    Errors  InvalidInput for an unknown scope, for one whose name is absent, and for a name that is another scope's.
    """
    kind = _kind(scope)
    needs: Mapping[ScopeKind, tuple[str | None, str, str | None, str]] = {
        "project": (project_name, "$.project_name", group_id, "$.group_id"),
        "group": (group_id, "$.group_id", project_name, "$.project_name"),
        "portfolio": ("", "", project_name or group_id, "$.project_name" if project_name else "$.group_id"),
    }
    name, place, other, elsewhere = needs[kind]
    if name is None:
        raise InvalidInput.at(place, f"the scope {kind} needs a {kind}: say which")
    if other is not None:
        raise InvalidInput.at(elsewhere, f"the scope {kind} takes none of it; leave it out")
    return portfolio_of(caller) if kind == "portfolio" else Scope(kind=kind, name=name)


def list_snapshots(
    services: Services,
    caller: Caller,
    *,
    wanted: Wanted,
    limit: int | None = None,
    offset: int = 0,
    cursor: str | None = None,
) -> Listing:
    """
    Return the newest snapshots that the caller may see, of every scope or of those that are asked for.

    Units   A `limit` over the configured one is clamped to it.
    Errors  InvalidInput for a limit under 1, an offset under 0, an unknown scope or cursor; NotFound for a project, a
            group or a dashboard that is absent or not for the caller's eyes.
    """
    most = services.limits.list_limit
    if limit is not None and limit < 1:
        raise InvalidInput.at("$.limit", f"{limit} is too few: 1 to {most}")
    if not 0 <= offset <= MOST_OFFSET:
        raise InvalidInput.at("$.offset", f"0 to {MOST_OFFSET}")
    applied = min(limit or most, most)
    with services.store.read() as unit:
        places = _places(unit, caller, wanted)
        page = unit.listing.newest(
            places.dashboards,
            lists=places.lists,
            limit=applied,
            offset=offset,
            cursor=cursor,
        )
        items = seen_records(unit, caller, page.items)
    return Listing(items=items, limit_applied=applied, offset=offset, next_cursor=page.next_cursor)


def get_snapshot(services: Services, caller: Caller, *, snapshot_id: str) -> SnapshotView:
    """
    Return a snapshot as the caller may see it.

    Errors  NotFound when it is absent or not for the caller's eyes; Gone when its payload has expired.
    """
    with services.store.read() as unit:
        return visible_snapshot(unit, caller, snapshot_id)[0]


def snapshot_policy(services: Services) -> dict[str, Any]:
    """Return what is kept, for how long, and what can never be done to it."""
    return {
        "immutable_governance_mode": "no_delete_policy",
        "delete_supported": False,
        "archival_supported": False,
        "cleanup_respects_immutable": True,
        "cleanup_removes": "payloads, never records",
        "retention": dict(services.limits.retention_days),
    }


def _kind(scope: str) -> ScopeKind:
    found = next((kind for kind in SCOPE_KINDS if kind == scope), None)
    if found is None:
        raise InvalidInput.at("$.scope", f"{scope[:40]!r} is not a scope{nearest(scope, SCOPE_KINDS)}")
    return found


def _places(unit: Unit, caller: Caller, wanted: Wanted) -> _Places:
    kind = None if wanted.scope is None else _kind(wanted.scope)
    if wanted.dashboard_id is not None:
        return _one_dashboard(unit, caller, wanted)
    if wanted.project_name is not None:
        if kind in ("group", "portfolio"):
            raise InvalidInput.at("$.project_name", f"the scope {kind} takes no project; leave one of them out")
        dashboard = scope_dashboard(unit, caller, Scope(kind="project", name=wanted.project_name))
        elsewhere = wanted.group_id is not None and dashboard.group_id != wanted.group_id
        return _Places(dashboards=[] if elsewhere else [dashboard.id])
    if wanted.group_id is not None:
        group = scope_dashboard(unit, caller, Scope(kind="group", name=wanted.group_id)).group_id
        assert group is not None
        return _of_groups(unit, caller, kind, groups=frozenset({group}), asked_for=True)
    if caller.is_admin and kind is None:
        return _Places(dashboards=None)
    return _of_groups(unit, caller, kind, groups=readable_groups(caller), asked_for=False)


def _of_groups(
    unit: Unit, caller: Caller, kind: ScopeKind | None, *, groups: frozenset[str] | None, asked_for: bool
) -> _Places:
    """Return where the snapshots of some groups are: their own, their projects', and portfolios with one of them."""
    kinds = [kind] if kind else ["project", "group"] if asked_for else list(SCOPE_KINDS)
    found = unit.dashboards.health_ids(kinds=kinds, groups=groups)
    if "portfolio" not in kinds:
        return _Places(dashboards=found)
    portfolios = _portfolios(unit, caller)
    if groups is None:
        return _Places(dashboards=[*found, *portfolios])
    partly = portfolios if asked_for else [PORTFOLIO_OF_ALL]
    return _Places(dashboards=[*found, *portfolios], lists=dict.fromkeys(partly, unit.member_lists.touching(groups)))


def _portfolios(unit: Unit, caller: Caller) -> list[str]:
    """Return the portfolios that a caller may look into: their own, and everybody's; administrators all there are."""
    return [
        dashboard_id
        for dashboard_id, owner_id in unit.dashboards.portfolio_owners().items()
        if dashboard_id == PORTFOLIO_OF_ALL or may(caller, "dashboard.read", owner_id=owner_id).allowed
    ]


def _one_dashboard(unit: Unit, caller: Caller, wanted: Wanted) -> _Places:
    for member in ("scope", "project_name", "group_id"):
        if getattr(wanted, member) is not None:
            raise InvalidInput.at(f"$.{member}", "a dashboard_id says it all; leave one of them out")
    if wanted.dashboard_id == PORTFOLIO_OF_ALL and unit.dashboards.get(PORTFOLIO_OF_ALL) is not None:
        groups = readable_groups(caller)
        lists = {} if groups is None else {PORTFOLIO_OF_ALL: unit.member_lists.touching(groups)}
        return _Places(dashboards=[PORTFOLIO_OF_ALL], lists=lists)
    return _Places(dashboards=[visible_dashboard(unit, caller, str(wanted.dashboard_id)).id])

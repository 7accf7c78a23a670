"""Dashboards: what to capture, whose it is, and when its policy says to."""

from __future__ import annotations

import builtins
from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, or_, select, update

from stillframe.errors import Conflict, NotFound
from stillframe.model.dashboard import Dashboard
from stillframe.store.answers import Page, ScheduledDashboard
from stillframe.store.tables import DASHBOARDS, HEADS, PROJECTS, SNAPSHOTS
from stillframe.store.types import json_text
from stillframe.store.work import Work, bounded, number_cursor, page_of

MANUAL = "manual"
_OWN = tuple(name for name in Dashboard.__slots__ if name not in ("group_id", "project"))
_GROUP = func.coalesce(DASHBOARDS.c.scope_group, PROJECTS.c.group_id)
_WHOLE: Select[Any] = select(
    *(DASHBOARDS.c[name] for name in _OWN),
    _GROUP.label("group_id"),
    DASHBOARDS.c.scope_project.label("project"),
).outerjoin(PROJECTS, PROJECTS.c.name == DASHBOARDS.c.scope_project)
"""A dashboard belongs to its group, or to the one that its project belongs to now."""
_PORTFOLIOS_FIRST, _PORTFOLIOS_LAST = "portfolio:", "portfolio;"
"""Ids sort by their bytes, and the semicolon follows the colon."""
_LISTED = _WHOLE.add_columns(DASHBOARDS.c.key, DASHBOARDS.c.policy_since)
_KEY = select(DASHBOARDS.c.key)
_ID_FIRST = _WHOLE.where(
    DASHBOARDS.c.key
    == func.coalesce(
        _KEY.where(DASHBOARDS.c.id == bindparam("ref")).scalar_subquery(),
        _KEY.where(DASHBOARDS.c.slug == bindparam("ref")).scalar_subquery(),
    )
)
"""Two subqueries by unique keys: SQLite takes ten times as long over an OR of them."""

_TAKEN = _KEY.where(or_(DASHBOARDS.c.id == bindparam("wanted_id"), DASHBOARDS.c.slug == bindparam("wanted_slug")))


class Dashboards:
    """Dashboards, each with a head that only snapshots and subscriptions move."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, dashboard: Dashboard) -> None:
        """
        Keep a new dashboard, and the head that it starts with.

        Errors  Conflict if the slug (or the id) is taken.
        """
        row = _row(dashboard) | {"policy_since": dashboard.created_at}
        # In SQLite a trigger refuses what is there already, so that REPLACE cannot remove it: ask before writing.
        taken = self._work.row(_TAKEN, {"wanted_id": dashboard.id, "wanted_slug": dashboard.slug}) is not None
        if taken or not self._work.run(self._work.insert_once(DASHBOARDS), row):
            raise Conflict(f"a dashboard with the slug {dashboard.slug} exists")
        key = select(DASHBOARDS.c.key).where(DASHBOARDS.c.id == dashboard.id).scalar_subquery()
        self._work.run(HEADS.insert().values(dashboard=key, last_sequence=0, rules_version=0))

    def get(self, ref: str) -> Dashboard | None:
        """Return the dashboard with this id, else the one with this slug."""
        row = self._work.row(_ID_FIRST, {"ref": ref})
        return None if row is None else Dashboard(**row._asdict())

    def replace(self, dashboard: Dashboard) -> None:
        """
        Put a dashboard in the place of the one with its id; history, head and subscriptions stay.

        The policy counts from `updated_at` if it is another one than before.

        Errors  NotFound if there is none; Conflict if its slug is another dashboard's.
        """
        ours = select(DASHBOARDS.c.id, DASHBOARDS.c.slug, DASHBOARDS.c.snapshot_policy, DASHBOARDS.c.policy_since)
        found = self._work.rows(ours.where(or_(DASHBOARDS.c.id == dashboard.id, DASHBOARDS.c.slug == dashboard.slug)))
        old = next((row for row in found if row.id == dashboard.id), None)
        if old is None:
            raise NotFound
        if len(found) > 1:
            raise Conflict(f"a dashboard with the slug {dashboard.slug} exists")
        row = _row(dashboard)
        since = old.policy_since if row["snapshot_policy"] == old.snapshot_policy else dashboard.updated_at
        self._work.run(update(DASHBOARDS).where(DASHBOARDS.c.id == dashboard.id).values(row | {"policy_since": since}))

    def list(
        self, owner_id: str | None, *, groups: Collection[str] | None = (), limit: int, cursor: str | None = None
    ) -> Page[Dashboard]:
        """
        Return the live dashboards of one owner that belong to no group, and those of some groups, newest first.

        Shape   `owner_id` None: all there are. `groups` None: those of every group.
        Errors  InvalidInput for a cursor that no list gave out.
        """
        before, most = number_cursor(cursor), bounded(limit)
        wanted = _LISTED.where(DASHBOARDS.c.kind == "live").order_by(DASHBOARDS.c.key.desc()).limit(most + 1)
        if owner_id is not None:
            theirs = _GROUP.is_not(None) if groups is None else _GROUP.in_(groups)
            wanted = wanted.where(or_(and_(DASHBOARDS.c.owner_id == owner_id, _GROUP.is_(None)), theirs))
        wanted = wanted if before is None else wanted.where(DASHBOARDS.c.key < before)
        page = page_of(self._work.rows(wanted), limit=most, cursor=lambda row: str(row.key))
        return Page([_dashboard(row) for row in page.items], page.next_cursor)

    def count(self) -> int:
        """Return how many dashboards there are."""
        row = self._work.row(select(func.count().label("total")).select_from(DASHBOARDS))
        return row.total if row else 0

    def health_ids(self, *, kinds: Collection[str], groups: Collection[str] | None) -> builtins.list[str]:
        """
        Return the ids of the health dashboards of projects and groups.

        Shape   `kinds`: of `project` and `group`. `groups`: only what belongs to these, found by their indexes; None:
                to any.
        """
        of_projects = select(DASHBOARDS.c.id).where(
            DASHBOARDS.c.kind == "health", DASHBOARDS.c.scope_project.is_not(None)
        )
        of_groups = select(DASHBOARDS.c.id).where(DASHBOARDS.c.kind == "health", DASHBOARDS.c.scope_group.is_not(None))
        if groups is not None:
            theirs = select(PROJECTS.c.name).where(PROJECTS.c.group_id.in_(groups))
            of_projects = of_projects.where(DASHBOARDS.c.scope_project.in_(theirs))
            of_groups = of_groups.where(DASHBOARDS.c.scope_group.in_(groups))
        wanted = [found for kind, found in (("project", of_projects), ("group", of_groups)) if kind in kinds]
        return [row.id for found in wanted for row in self._work.rows(found)]

    def portfolio_owners(self) -> dict[str, str]:
        """Return the id of each portfolio's dashboard, with whose it is."""
        wanted = select(DASHBOARDS.c.id, DASHBOARDS.c.owner_id).where(
            DASHBOARDS.c.id.between(_PORTFOLIOS_FIRST, _PORTFOLIOS_LAST)
        )
        return {row.id: row.owner_id for row in self._work.rows(wanted)}

    def without_slot(self, slot: str) -> builtins.list[str]:
        """Return the ids of the health dashboards that have no snapshot of a timer's slot yet."""
        taken = select(1).where(SNAPSHOTS.c.dashboard == DASHBOARDS.c.key, SNAPSHOTS.c.slot == slot).exists()
        wanted = select(DASHBOARDS.c.id).where(DASHBOARDS.c.kind == "health", ~taken).order_by(DASHBOARDS.c.id)
        return [row.id for row in self._work.rows(wanted)]

    def all_scheduled(self) -> builtins.list[ScheduledDashboard]:
        """Return every live dashboard whose policy is not `manual`, with the time that the policy holds since."""
        rows = self._work.rows(_LISTED.where(DASHBOARDS.c.snapshot_policy != MANUAL).order_by(DASHBOARDS.c.key))
        return [ScheduledDashboard(dashboard=_dashboard(row), policy_since=row.policy_since) for row in rows]


def policy_text(dashboard: Dashboard) -> str:
    """Return the snapshot policy as its column holds it: a word, or a cron line's mapping as JSON."""
    policy = dashboard.view_spec.get("metadata", {}).get("snapshot_policy") or MANUAL
    return policy if isinstance(policy, str) else json_text(policy)


def _row(dashboard: Dashboard) -> dict[str, Any]:
    return {name: getattr(dashboard, name) for name in _OWN} | {
        "snapshot_policy": policy_text(dashboard),
        "scope_group": dashboard.group_id if dashboard.project is None else None,
        "scope_project": dashboard.project,
    }


def _dashboard(row: Row[Any]) -> Dashboard:
    return Dashboard(**{name: getattr(row, name) for name in Dashboard.__slots__})

"""Member lists: which projects a group's or portfolio's snapshot spoke of, each distinct list kept once."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from stillframe.model.canonical import canonical_bytes
from stillframe.store.tables import MEMBER_LIST_ITEMS, MEMBER_LISTS, PROJECTS, SNAPSHOTS
from stillframe.store.work import Work

_BY_DIGEST = select(MEMBER_LISTS.c.key).where(MEMBER_LISTS.c.digest == bindparam("wanted"))
_NEW = {
    True: sqlite.insert(MEMBER_LISTS).on_conflict_do_nothing().returning(MEMBER_LISTS.c.key),
    False: postgresql.insert(MEMBER_LISTS).on_conflict_do_nothing().returning(MEMBER_LISTS.c.key),
}
_NAMES: Select[Any] = (
    select(MEMBER_LIST_ITEMS.c.project)
    .where(MEMBER_LIST_ITEMS.c.list == bindparam("wanted"))
    .order_by(MEMBER_LIST_ITEMS.c.project)
)


class MemberLists:
    """Lists of projects by number. A list, once kept, is never changed: later membership rewrites nothing."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def keep(self, projects: Collection[str]) -> int:
        """Return the number of a list of projects; the same list has the same number."""
        names = sorted(projects)
        digest = hashlib.sha256(canonical_bytes(names)).digest()
        row = self._work.row(_BY_DIGEST, {"wanted": digest}) or self._work.row(
            _NEW[self._work.is_sqlite], {"digest": digest}
        )
        if row is None:
            row = self._work.row(_BY_DIGEST, {"wanted": digest})
            assert row is not None
        key: int = row.key
        if names and not self.names(key):
            self._work.run(
                self._work.insert_once(MEMBER_LIST_ITEMS), [{"list": key, "project": name} for name in names]
            )
        return key

    def names(self, key: int) -> tuple[str, ...]:
        """Return the projects of a list, by name."""
        return tuple(row.project for row in self._work.rows(_NAMES, {"wanted": key}))

    def visible(self, key: int, groups: Collection[str] | None) -> tuple[str, ...]:
        """Return the projects of a list that belong to some groups now; with None all of them."""
        if groups is None:
            return self.names(key)
        return tuple(row.project for row in self._work.rows(_in_groups(_NAMES, groups), {"wanted": key}))

    def among(self, projects: Collection[str], groups: Collection[str]) -> frozenset[str]:
        """Return those of some projects that belong to some groups now."""
        wanted = select(PROJECTS.c.name).where(PROJECTS.c.name.in_(list(projects)), _project_in(groups))
        return frozenset(row.name for row in self._work.rows(wanted))

    def hidden(self, keys: Collection[int], groups: Collection[str] | None) -> set[int]:
        """Return those of the lists that hold a project of no group of these: their pictures are not seen whole."""
        if groups is None or not keys:
            return set()
        theirs = select(PROJECTS.c.name).where(_project_in(groups))
        outside = (
            select(MEMBER_LIST_ITEMS.c.list)
            .where(MEMBER_LIST_ITEMS.c.list.in_(keys), MEMBER_LIST_ITEMS.c.project.not_in(theirs))
            .distinct()
        )
        return {row.list for row in self._work.rows(outside)}

    def sequences_beyond(self, dashboard_id: str, groups: Collection[str]) -> frozenset[int]:
        """Return the snapshots of a dashboard whose list holds a project of no group of these."""
        theirs = select(PROJECTS.c.name).where(_project_in(groups))
        outside = select(MEMBER_LIST_ITEMS.c.list).where(MEMBER_LIST_ITEMS.c.project.not_in(theirs))
        wanted = select(SNAPSHOTS.c.sequence).where(
            SNAPSHOTS.c.dashboard == self._work.dashboard_key(dashboard_id), SNAPSHOTS.c.members.in_(outside)
        )
        return frozenset(row.sequence for row in self._work.rows(wanted))

    def touching(self, groups: Collection[str]) -> Sequence[int]:
        """Return the lists that hold a project of one of these groups now."""
        wanted = select(MEMBER_LIST_ITEMS.c.list).distinct().order_by(MEMBER_LIST_ITEMS.c.list)
        return [row.list for row in self._work.rows(_in_groups(wanted, groups))]


def _in_groups(wanted: Select[Any], groups: Collection[str]) -> Select[Any]:
    return wanted.join(PROJECTS, PROJECTS.c.name == MEMBER_LIST_ITEMS.c.project).where(_project_in(groups))


def _project_in(groups: Collection[str]) -> ColumnElement[bool]:
    return PROJECTS.c.group_id.in_(groups)

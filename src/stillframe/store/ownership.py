"""Groups, who is a member of them, and the projects that belong to them."""

from __future__ import annotations

import builtins
from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, func, select, update

from stillframe.errors import Conflict
from stillframe.model.identity import GroupRole
from stillframe.model.ownership import Group, Membership, Project
from stillframe.store.tables import GROUPS, MEMBERSHIPS, PROJECTS, USERS
from stillframe.store.work import Work

_ROLES: Select[Any] = select(MEMBERSHIPS.c.group_id, MEMBERSHIPS.c.role).where(
    MEMBERSHIPS.c.user_id == bindparam("wanted")
)
_MEMBERS: Select[Any] = (
    select(MEMBERSHIPS, USERS.c.name.label("user_name"))
    .join(USERS, USERS.c.id == MEMBERSHIPS.c.user_id)
    .order_by(USERS.c.name)
)
_PROJECT = PROJECTS.select().where(PROJECTS.c.name == bindparam("wanted"))


class Groups:
    """Groups and their members."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, group: Group) -> None:
        """
        Keep a new group.

        Errors  Conflict if the id is taken.
        """
        row = {name: getattr(group, name) for name in Group.__slots__}
        if not self._work.run(self._work.insert_once(GROUPS), row):
            raise Conflict(f"the group {group.id} exists")

    def get(self, group_id: str) -> Group | None:
        row = self._work.row(GROUPS.select().where(GROUPS.c.id == group_id))
        return None if row is None else Group(**row._asdict())

    def rename(self, group_id: str, name: str) -> None:
        self._work.run(update(GROUPS).where(GROUPS.c.id == group_id).values(name=name))

    def list(self, ids: Collection[str] | None) -> builtins.list[Group]:
        """Return groups by id: some, or with None all."""
        wanted = GROUPS.select().order_by(GROUPS.c.id)
        wanted = wanted if ids is None else wanted.where(GROUPS.c.id.in_(ids))
        return [Group(**row._asdict()) for row in self._work.rows(wanted)]

    def roles_of(self, user_id: str) -> dict[str, GroupRole]:
        """Return a user's role in each group that has them as a member."""
        return {row.group_id: row.role for row in self._work.rows(_ROLES, {"wanted": user_id})}

    def roles_of_some(self, user_ids: Collection[str]) -> dict[str, dict[str, GroupRole]]:
        """Return the same of several users, by user; those in no group are left out."""
        theirs = select(MEMBERSHIPS.c.user_id, MEMBERSHIPS.c.group_id, MEMBERSHIPS.c.role).where(
            MEMBERSHIPS.c.user_id.in_(sorted(user_ids))
        )
        found: dict[str, dict[str, GroupRole]] = {}
        for row in self._work.rows(theirs):
            found.setdefault(row.user_id, {})[row.group_id] = row.role
        return found

    def members(self, group_id: str) -> builtins.list[Membership]:
        """Return a group's members by name."""
        return [_membership(row) for row in self._work.rows(_MEMBERS.where(MEMBERSHIPS.c.group_id == group_id))]

    def membership(self, group_id: str, user_id: str) -> Membership | None:
        """Return a user's membership of a group, if they are a member."""
        theirs = _MEMBERS.where(MEMBERSHIPS.c.group_id == group_id, MEMBERSHIPS.c.user_id == user_id)
        row = self._work.row(theirs)
        return None if row is None else _membership(row)

    def set_member(self, membership: Membership) -> None:
        """Make a user a member, or give a member another role; since when stays."""
        row = {name: getattr(membership, name) for name in ("group_id", "user_id", "role", "since")}
        insert = self._work.insert(MEMBERSHIPS).values(row)
        changed = insert.on_conflict_do_update(index_elements=["group_id", "user_id"], set_={"role": membership.role})
        self._work.run(changed)

    def remove_member(self, group_id: str, user_id: str) -> bool:
        """Take a member out of a group; say whether they were one."""
        gone = delete(MEMBERSHIPS).where(MEMBERSHIPS.c.group_id == group_id, MEMBERSHIPS.c.user_id == user_id)
        return bool(self._work.run(gone))


class Projects:
    """Projects, each in one group."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, project: Project) -> None:
        """
        Keep a new project.

        Errors  Conflict if the name is taken.
        """
        row = {name: getattr(project, name) for name in Project.__slots__}
        if not self._work.run(self._work.insert_once(PROJECTS), row):
            raise Conflict(f"the project {project.name} exists")

    def get(self, name: str) -> Project | None:
        row = self._work.row(_PROJECT, {"wanted": name})
        return None if row is None else Project(**row._asdict())

    def change(self, project: Project) -> None:
        """Give a project another title, or another group, to which its whole history then belongs."""
        values = {"title": project.title, "group_id": project.group_id}
        self._work.run(update(PROJECTS).where(PROJECTS.c.name == project.name).values(values))

    def list(
        self, groups: Collection[str] | None, *, after: str | None = None, limit: int | None = None
    ) -> builtins.list[Project]:
        """Return the projects of some groups, or with None all, by name; those after a name, at most `limit`."""
        wanted = PROJECTS.select().order_by(PROJECTS.c.name).limit(limit)
        wanted = wanted if groups is None else wanted.where(PROJECTS.c.group_id.in_(groups))
        wanted = wanted if after is None else wanted.where(PROJECTS.c.name > after)
        return [Project(**row._asdict()) for row in self._work.rows(wanted)]

    def count(self) -> int:
        """Return how many projects there are."""
        row = self._work.row(select(func.count().label("total")).select_from(PROJECTS))
        return row.total if row else 0


def _membership(row: Row[Any]) -> Membership:
    return Membership(**{name: getattr(row, name) for name in Membership.__slots__})

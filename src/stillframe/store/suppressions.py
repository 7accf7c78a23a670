"""Suppressions: which findings of a project somebody answers for; lifted once, never changed, never removed."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Text, and_, bindparam, select, tuple_, update

from stillframe.errors import Conflict, NotFound
from stillframe.model.gate import Suppression
from stillframe.model.times import time_text
from stillframe.store.answers import Page
from stillframe.store.tables import SUPPRESSIONS
from stillframe.store.types import TimeText
from stillframe.store.work import Work, bounded, page_of, pair_cursor

_ALL: Select[Any] = select(SUPPRESSIONS)
_BY_ID = _ALL.where(SUPPRESSIONS.c.id == bindparam("wanted"))
_ORDER = (SUPPRESSIONS.c.created_at, SUPPRESSIONS.c.id)
_ACTIVE = and_(SUPPRESSIONS.c.lifted_at.is_(None), SUPPRESSIONS.c.expires_at > bindparam("active_at", type_=TimeText()))
_OF_PROJECTS = _ALL.where(SUPPRESSIONS.c.project_name.in_(bindparam("projects", expanding=True)))


class Suppressions:
    """Who answers for which finding, and until when. They are few, so one alone is looked for among all."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, suppression: Suppression) -> None:
        """Keep a suppression."""
        self._work.run(SUPPRESSIONS.insert(), {name: getattr(suppression, name) for name in Suppression.__slots__})

    def get(self, suppression_id: str) -> Suppression | None:
        """Return a suppression in whatever state it is."""
        row = self._work.row(_BY_ID, {"wanted": suppression_id})
        return None if row is None else _suppression(row)

    def list(
        self, projects: Sequence[str], *, limit: int, cursor: str | None = None, active_at: datetime | None = None
    ) -> Page[Suppression]:
        """
        Return the suppressions of some projects, newest first.

        Shape   `active_at`: only those that hold at this time; without it also those that have ended.
        Errors  InvalidInput for a cursor that no list gave out.
        """
        last, most = pair_cursor(cursor), bounded(limit)
        wanted = _OF_PROJECTS.order_by(*(found.desc() for found in _ORDER)).limit(most + 1)
        values: dict[str, Any] = {"projects": builtins.list(projects)}
        if last is not None:
            wanted = wanted.where(tuple_(*_ORDER) < tuple_(*last, types=[Text(), Text()]))
        if active_at is not None:
            wanted, values = wanted.where(_ACTIVE), values | {"active_at": active_at}
        found = [_suppression(row) for row in self._work.rows(wanted, values)]
        return page_of(found, limit=most, cursor=lambda each: f"{time_text(each.created_at)}~{each.id}")

    def active(self, project_name: str, now: datetime) -> builtins.list[Suppression]:
        """Return the suppressions of a project that hold now, oldest first."""
        wanted = _OF_PROJECTS.where(_ACTIVE).order_by(*_ORDER)
        return [_suppression(row) for row in self._work.rows(wanted, {"projects": [project_name], "active_at": now})]

    def lift(self, suppression_id: str, *, by: str, at: datetime) -> Suppression:
        """
        Take a suppression back before it expires, and return it as it is now.

        Errors  NotFound; Conflict if it was lifted before.
        """
        mine = and_(SUPPRESSIONS.c.id == suppression_id, SUPPRESSIONS.c.lifted_at.is_(None))
        lifted = self._work.run(update(SUPPRESSIONS).where(mine).values(lifted_at=at, lifted_by=by))
        found = self.get(suppression_id)
        if found is None:
            raise NotFound
        if not lifted:
            raise Conflict("this suppression was lifted already")
        return found


def _suppression(row: Row[Any]) -> Suppression:
    return Suppression(**row._asdict())

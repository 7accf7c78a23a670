"""Heads: where each dashboard stands, in one row that every capture reads and moves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, bindparam, select, update

from stillframe.errors import NotFound
from stillframe.model.dashboard import Head
from stillframe.store.tables import DASHBOARDS, HEADS
from stillframe.store.work import Work

_PUBLIC = tuple(HEADS.c[name] for name in Head.__slots__ if name != "dashboard_id")
_HEAD: Select[Any] = (
    select(*_PUBLIC)
    .join(DASHBOARDS, DASHBOARDS.c.key == HEADS.c.dashboard)
    .where(DASHBOARDS.c.id == bindparam("dashboard_id"))
)
_LOCKED = _HEAD.with_for_update(of=HEADS)
_NEXT_RULES = (
    update(HEADS).where(HEADS.c.dashboard == bindparam("dashboard_key")).values(rules_version=HEADS.c.rules_version + 1)
)


class Heads:
    """Where dashboards stand."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, dashboard_id: str) -> Head:
        """
        Return a dashboard's head.

        Errors  NotFound if there is no such dashboard.
        """
        return self._read(_HEAD, dashboard_id)

    def lock(self, dashboard_id: str) -> Head:
        """
        Return a dashboard's head, which nobody else moves until this unit ends.

        In SQLite a writing unit holds the lock of the whole file already; in PostgreSQL the row is locked.

        Errors  NotFound if there is no such dashboard.
        """
        return self._read(_LOCKED, dashboard_id)

    def _read(self, statement: Select[Any], dashboard_id: str) -> Head:
        row = self._work.row(statement, {"dashboard_id": dashboard_id})
        if row is None:
            raise NotFound
        return _head(row, dashboard_id)


def rules_changed(work: Work, dashboard_key: int) -> None:
    """Move a dashboard's rules version: its groups are another set now."""
    work.run(_NEXT_RULES, {"dashboard_key": dashboard_key})


def _head(row: Row[Any], dashboard_id: str) -> Head:
    return Head(dashboard_id=dashboard_id, **row._asdict())

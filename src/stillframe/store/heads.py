"""Heads: where each dashboard stands, in one row that every capture reads and moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, Select, bindparam, select, update

from stillframe.errors import NotFound
from stillframe.model.dashboard import Head
from stillframe.store.tables import HEADS, PAYLOADS, SNAPSHOTS
from stillframe.store.work import Work

_NAMES = tuple(name for name in Head.__slots__ if name != "dashboard_id")
_PUBLIC = tuple(HEADS.c[name] for name in _NAMES)
_PRIVATE = tuple(column for column in HEADS.c if column.name not in _NAMES)
_OF_DASHBOARD = HEADS.c.dashboard == bindparam("dashboard_key")
_PAYLOAD = (
    select(PAYLOADS.c.content)
    .join(SNAPSHOTS, SNAPSHOTS.c.content == PAYLOADS.c.content)
    .where(SNAPSHOTS.c.dashboard == HEADS.c.dashboard, SNAPSHOTS.c.sequence == HEADS.c.head_sequence)
    .scalar_subquery()
)
_READ: Select[Any] = select(*_PUBLIC, _PAYLOAD.label("payload")).where(_OF_DASHBOARD)
_LOCKED: Select[Any] = select(*_PUBLIC, *_PRIVATE).where(_OF_DASHBOARD).with_for_update()
_MOVED = update(HEADS).where(_OF_DASHBOARD)
_NEXT_RULES = _MOVED.values(rules_version=HEADS.c.rules_version + 1)


class Heads:
    """Where dashboards stand."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, dashboard_id: str) -> Head:
        """
        Return a dashboard's head.

        Errors  NotFound if there is no such dashboard.
        """
        work = self._work
        row = work.row(_READ, {"dashboard_key": work.dashboard_key(dashboard_id)})
        if row is None:
            raise NotFound
        if not work.writes and row.head_snapshot_id is not None:
            work.heads_payloads[row.head_snapshot_id] = row.payload is not None
        return _head(row, dashboard_id)

    def lock(self, dashboard_id: str) -> Head:
        """
        Return a dashboard's head, which nobody else moves until this unit ends.

        In SQLite a writing unit holds the lock of the whole file already; in PostgreSQL the row is locked.

        Errors  NotFound if there is no such dashboard.
        """
        return _head(locked_head(self._work, self._work.dashboard_key(dashboard_id)), dashboard_id)


def locked_head(work: Work, dashboard_key: int) -> Row[Any]:
    """
    Return the whole row of a head, locked; it is read once in a unit unless the unit moves it.

    Errors  NotFound if there is no such dashboard.
    """
    row = work.heads.get(dashboard_key)
    if row is None:
        row = work.row(_LOCKED, {"dashboard_key": dashboard_key})
        if row is None:
            raise NotFound
        if work.writes:
            work.heads[dashboard_key] = row
    return row


def move_head(work: Work, dashboard_key: int, values: Mapping[str, Any]) -> None:
    """Write columns of a head."""
    work.heads.pop(dashboard_key, None)
    work.run(_MOVED, {"dashboard_key": dashboard_key, **values})


def rules_changed(work: Work, dashboard_key: int) -> None:
    """Move a dashboard's rules version: its groups are another set now."""
    work.heads.pop(dashboard_key, None)
    work.run(_NEXT_RULES, {"dashboard_key": dashboard_key})


def _head(row: Row[Any], dashboard_id: str) -> Head:
    return Head(dashboard_id=dashboard_id, **dict(zip(_NAMES, row, strict=False)))

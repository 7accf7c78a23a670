"""Captures that failed: kept as evidence of what was tried."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Text, tuple_

from stillframe.model.dashboard import Attempt
from stillframe.model.times import time_text
from stillframe.store.answers import Page
from stillframe.store.tables import ATTEMPTS
from stillframe.store.work import Work, bounded, page_of, pair_cursor


class Attempts:
    """What was tried, when, and why it did not become a snapshot."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, attempt: Attempt) -> None:
        row = {name: getattr(attempt, name) for name in Attempt.__slots__ if name != "dashboard_id"}
        row |= {"dashboard": self._work.dashboard_key(attempt.dashboard_id), "faults": list(attempt.faults)}
        self._work.run(ATTEMPTS.insert(), row)

    def list(self, dashboard_id: str, *, limit: int, cursor: str | None = None) -> Page[Attempt]:
        """
        Return a dashboard's failed captures, newest first.

        Errors  InvalidInput for a cursor that no list gave out.
        """
        before, most = pair_cursor(cursor), bounded(limit)
        order = (ATTEMPTS.c.started_at, ATTEMPTS.c.id)
        wanted = ATTEMPTS.select().where(ATTEMPTS.c.dashboard == self._work.dashboard_key(dashboard_id))
        if before is not None:
            wanted = wanted.where(tuple_(*order) < tuple_(*before, types=[Text(), Text()]))
        rows = self._work.rows(wanted.order_by(*(column.desc() for column in order)).limit(most + 1))
        page = page_of(rows, limit=most, cursor=lambda row: f"{time_text(row.started_at)}~{row.id}")
        return Page([_attempt(row, dashboard_id) for row in page.items], page.next_cursor)


def _attempt(row: Row[Any], dashboard_id: str) -> Attempt:
    values = {name: getattr(row, name) for name in Attempt.__slots__ if name != "dashboard_id"}
    return Attempt(dashboard_id=dashboard_id, **values | {"faults": tuple(row.faults)})

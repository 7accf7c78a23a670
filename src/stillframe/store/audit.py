"""The audit log, a line for each change and each refusal, newest last."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from stillframe.model.audit import AuditEntry
from stillframe.store.answers import Page
from stillframe.store.tables import AUDIT
from stillframe.store.work import Work, bounded, number_cursor, page_of

_INSERT = AUDIT.insert()
_WRITTEN = tuple(name for name in AuditEntry.__slots__ if name != "key")


class Audit:
    """Who did, or wanted to do, what."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, entry: AuditEntry) -> None:
        self._work.run(_INSERT, {name: getattr(entry, name) for name in _WRITTEN} | {"detail": dict(entry.detail)})

    def list(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        actor: str | None = None,
        object: str | None = None,  # noqa: A002  # because the column is called so
        since: datetime | None = None,
    ) -> Page[AuditEntry]:
        """
        Return lines, newest first: all, or those of one actor, one object, or from a time on.

        Errors  InvalidInput for a cursor that no list gave out.
        """
        before, most = number_cursor(cursor), bounded(limit)
        wanted = AUDIT.select().order_by(AUDIT.c.key.desc()).limit(most + 1)
        wanted = wanted if before is None else wanted.where(AUDIT.c.key < before)
        wanted = wanted if actor is None else wanted.where(AUDIT.c.actor == actor)
        wanted = wanted if object is None else wanted.where(AUDIT.c.object == object)
        wanted = wanted if since is None else wanted.where(AUDIT.c.at >= since)
        page = page_of(self._work.rows(wanted), limit=most, cursor=lambda row: str(row.key))
        return Page([_entry(row) for row in page.items], page.next_cursor)


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(**{name: getattr(row, name) for name in AuditEntry.__slots__})

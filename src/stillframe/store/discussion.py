"""Comments under dashboards, and the inboxes that mentions and notices land in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Text, bindparam, select, tuple_, update

from stillframe.model.discussion import Comment, Notification
from stillframe.model.times import time_text
from stillframe.store.answers import Page
from stillframe.store.tables import COMMENTS, NOTIFICATIONS
from stillframe.store.work import Work, bounded, page_of, pair_cursor

_LINKS = (COMMENTS.c.id, COMMENTS.c.parent_comment_id, COMMENTS.c.comment_type)
_BELOW = select(*_LINKS).where(COMMENTS.c.id == bindparam("below")).cte("above", recursive=True)
_ABOVE = _BELOW.union_all(
    # Not past the first alert.
    select(*_LINKS).where(COMMENTS.c.id == _BELOW.c.parent_comment_id, _BELOW.c.comment_type != "snapshot_alert")
)
_ALERT_ABOVE = COMMENTS.select().where(
    COMMENTS.c.id.in_(select(_ABOVE.c.id).where(_ABOVE.c.comment_type == "snapshot_alert"))
)


class Comments:
    """The thread of each dashboard."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, comment: Comment) -> None:
        self._work.run(COMMENTS.insert(), {name: getattr(comment, name) for name in Comment.__slots__})

    def get(self, comment_id: str) -> Comment | None:
        row = self._work.row(COMMENTS.select().where(COMMENTS.c.id == comment_id))
        return row and _comment(row)

    def alert_above(self, comment_id: str) -> Comment | None:
        """Return the alert that a thread answers: the nearest one at or above a comment, None where there is none."""
        row = self._work.row(_ALERT_ABOVE, {"below": comment_id})
        return row and _comment(row)

    def list(self, artifact_id: str, *, limit: int, cursor: str | None = None) -> Page[Comment]:
        """
        Return a thread, oldest first.

        Errors  InvalidInput for a cursor that no list gave out.
        """
        wanted = COMMENTS.select().where(COMMENTS.c.artifact_id == artifact_id)
        page = _page(self._work, wanted, limit=limit, cursor=cursor, newest_first=False)
        return Page([_comment(row) for row in page.items], page.next_cursor)

    def resolve(self, comment_id: str, *, by: str, at: datetime) -> None:
        """Note who resolved a comment; the first one stays."""
        open_one = update(COMMENTS).where(COMMENTS.c.id == comment_id, COMMENTS.c.resolved_at.is_(None))
        self._work.run(open_one.values(resolved_at=at, resolved_by=by))


class Notifications:
    """Inbox lines of users, some of them for a persona of theirs."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add_many(self, notifications: Iterable[Notification]) -> int:
        """Keep inbox lines, and return how many are new: a `once_key` that the inbox has already is passed over."""
        rows = [{name: getattr(line, name) for name in Notification.__slots__} for line in notifications]
        insert = self._work.insert(NOTIFICATIONS).on_conflict_do_nothing(
            index_elements=["user_id", "once_key"], index_where=NOTIFICATIONS.c.once_key.is_not(None)
        )
        return sum(self._work.run(insert, row) for row in rows)

    def open_keys(self, dashboard_id: str, kind: str) -> set[str]:
        """Return the once-keys of lines about a dashboard that begin with a kind: what was told and is not over."""
        column = NOTIFICATIONS.c.once_key
        mine = (NOTIFICATIONS.c.dashboard_id == dashboard_id, column >= f"{kind}:", column < f"{kind};")
        return {row.once_key for row in self._work.rows(select(column).where(*mine))}

    def let_go(self, dashboard_id: str, keys: Iterable[str]) -> None:
        """Let the same be told again: the lines stay, their once-keys do not."""
        mine = (NOTIFICATIONS.c.dashboard_id == dashboard_id, NOTIFICATIONS.c.once_key.in_(list(keys)))
        self._work.run(update(NOTIFICATIONS).where(*mine).values(once_key=None))

    def get(self, notification_id: str) -> Notification | None:
        row = self._work.row(NOTIFICATIONS.select().where(NOTIFICATIONS.c.id == notification_id))
        return row and _notification(row)

    def list(
        self,
        user_id: str,
        *,
        persona: str | None = None,
        unread_only: bool = False,
        limit: int,
        cursor: str | None = None,
    ) -> Page[Notification]:
        """
        Return a user's inbox, newest first; with `persona`, only what is for it.

        Errors  InvalidInput for a cursor that no list gave out.
        """
        wanted = NOTIFICATIONS.select().where(NOTIFICATIONS.c.user_id == user_id)
        wanted = wanted if persona is None else wanted.where(NOTIFICATIONS.c.persona == persona)
        wanted = wanted.where(NOTIFICATIONS.c.read_at.is_(None)) if unread_only else wanted
        page = _page(self._work, wanted, limit=limit, cursor=cursor, newest_first=True)
        return Page([_notification(row) for row in page.items], page.next_cursor)

    def mark_read(self, notification_id: str, at: datetime) -> None:
        """Note when a line was read; the first time stays."""
        unread = update(NOTIFICATIONS).where(NOTIFICATIONS.c.id == notification_id, NOTIFICATIONS.c.read_at.is_(None))
        self._work.run(unread.values(read_at=at))


def _page(work: Work, wanted: Select[Any], *, limit: int, cursor: str | None, newest_first: bool) -> Page[Row[Any]]:
    table = wanted.get_final_froms()[0]
    order = (table.c.created_at, table.c.id)
    last, most = pair_cursor(cursor), bounded(limit)
    if last is not None:
        here, end = tuple_(*order), tuple_(*last, types=[Text(), Text()])
        wanted = wanted.where(here < end if newest_first else here > end)
    directed = (column.desc() if newest_first else column.asc() for column in order)
    rows = work.rows(wanted.order_by(*directed).limit(most + 1))
    return page_of(rows, limit=most, cursor=lambda row: f"{time_text(row.created_at)}~{row.id}")


def _comment(row: Row[Any]) -> Comment:
    return Comment(**{name: getattr(row, name) for name in Comment.__slots__})


def _notification(row: Row[Any]) -> Notification:
    return Notification(**{name: getattr(row, name) for name in Notification.__slots__})

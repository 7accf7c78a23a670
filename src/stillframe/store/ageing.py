"""The age of logs: deliveries, verdicts, failed captures and the audit log go in small bites, oldest first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, TypeAlias, get_args

from sqlalchemy import BindParameter, Select, bindparam, delete, literal_column, select, union_all

from stillframe.store.subscriptions import PENDING
from stillframe.store.tables import (
    ATTEMPTS,
    AUDIT,
    EVALUATIONS,
    NOTICES,
    OUTBOX,
    SNAPSHOTS,
    SUBSCRIPTIONS,
    TRIES,
    VERDICTS,
)
from stillframe.store.waiting import STUCK
from stillframe.store.work import Work

LogName: TypeAlias = Literal["deliveries", "verdicts", "attempts", "audit"]
LOG_NAMES: tuple[LogName, ...] = get_args(LogName)

_KEYS: BindParameter[int] = bindparam("keys", expanding=True, literal_execute=True)

_ALL = 2**31 - 1
SAYABLE = union_all(
    select(OUTBOX.c.cause, OUTBOX.c.baseline_snapshot_id).where(PENDING),
    select(OUTBOX.c.cause, OUTBOX.c.baseline_snapshot_id)
    .join(SUBSCRIPTIONS, SUBSCRIPTIONS.c.id == OUTBOX.c.subscription_id)
    .where(
        STUCK,
        OUTBOX.c.state != literal_column("'gave_up'"),
        SUBSCRIPTIONS.c.state != literal_column("'removed'"),
    ),
)
"""What deliveries speak of that are to be sent, or would be sent on request or when something is set up; for a
subscription that was removed nothing is."""


class Ageing:
    """What is old in each log. A delivery that is still to be sent is not, whenever it was promised."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._logs: dict[LogName, Callable[[datetime, int, bool], int]] = {
            "deliveries": self._deliveries,
            "verdicts": self._verdicts,
            "attempts": self._attempts,
            "audit": self._audit,
        }

    def remove(self, log: LogName, *, before: datetime, most: int) -> int:
        """Remove at most so many rows of a log that are older, and return how many there were."""
        return self._logs[log](before, most, True)

    def count(self, log: LogName, *, before: datetime) -> int:
        """Return how many rows of a log are older."""
        return self._logs[log](before, _ALL, False)

    def _deliveries(self, before: datetime, most: int, removing: bool) -> int:
        old = select(OUTBOX.c.key).where(OUTBOX.c.state != "pending", OUTBOX.c.created_at < before)
        keys = [row.key for row in self._work.rows(old.order_by(OUTBOX.c.key).limit(most))]
        if keys and removing:
            self._work.run(delete(TRIES).where(TRIES.c.delivery.in_(_KEYS)), {"keys": keys})
            self._work.run(delete(OUTBOX).where(OUTBOX.c.key.in_(_KEYS)), {"keys": keys})
        return len(keys)

    def _verdicts(self, before: datetime, most: int, removing: bool) -> int:
        """Verdicts, the diffs of notices, and what was held back; what a delivery may still have to say stays."""
        told = {(row.cause, row.baseline_snapshot_id) for row in self._work.rows(SAYABLE)}
        found = self._evaluations(before, most, removing)
        for table in (VERDICTS, NOTICES):
            pairs: Select[Any] = (
                select(table.c.snapshot_id, table.c.baseline_snapshot_id)
                .join(SNAPSHOTS, SNAPSHOTS.c.id == table.c.snapshot_id)
                .where(SNAPSHOTS.c.timestamp < before)
                .limit(most + len(told))
            )
            old = [pair for pair in dict.fromkeys(map(tuple, self._work.rows(pairs))) if pair not in told][:most]
            found += len(old)
            if old and removing:
                this = (table.c.snapshot_id == bindparam("a"), table.c.baseline_snapshot_id == bindparam("b"))
                self._work.run(delete(table).where(*this), [{"a": a, "b": b} for a, b in old])
        return found

    def _evaluations(self, before: datetime, most: int, removing: bool) -> int:
        key = (EVALUATIONS.c.subscription_id, EVALUATIONS.c.snapshot_id, EVALUATIONS.c.at)
        old = select(*key).where(EVALUATIONS.c.at < before).order_by(EVALUATIONS.c.at).limit(most)
        rows = self._work.rows(old)
        if rows and removing:
            this = [column == bindparam(f"the_{column.name}", type_=column.type) for column in key]
            these = [{f"the_{name}": value for name, value in row._asdict().items()} for row in rows]
            self._work.run(delete(EVALUATIONS).where(*this), these)
        return len(rows)

    def _attempts(self, before: datetime, most: int, removing: bool) -> int:
        key = (ATTEMPTS.c.dashboard, ATTEMPTS.c.started_at, ATTEMPTS.c.id)
        old = select(*key).where(ATTEMPTS.c.finished_at < before).order_by(*key).limit(most)
        rows = self._work.rows(old)
        if rows and removing:
            this = [column == bindparam(f"the_{column.name}") for column in key]
            these = [{f"the_{name}": value for name, value in row._asdict().items()} for row in rows]
            self._work.run(delete(ATTEMPTS).where(*this), these)
        return len(rows)

    def _audit(self, before: datetime, most: int, removing: bool) -> int:
        old = select(AUDIT.c.key).where(AUDIT.c.at < before).order_by(AUDIT.c.key).limit(most)
        keys = [row.key for row in self._work.rows(old)]
        if keys and removing:
            self._work.run(delete(AUDIT).where(AUDIT.c.key.in_(_KEYS)), {"keys": keys})
        return len(keys)

"""Test sends: a log of its own, beside the outbox, because a test is never evidence of a delivery."""

from __future__ import annotations

import builtins
from datetime import datetime

from sqlalchemy import func, select

from stillframe.model.delivery import Trial
from stillframe.store.tables import TEST_SENDS
from stillframe.store.work import Work

_NAMES = tuple(Trial.__slots__)


class Trials:
    """What was sent on trial, by whom, and how that ended."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, trial: Trial) -> None:
        """Keep how a test ended."""
        self._work.run(TEST_SENDS.insert(), {name: getattr(trial, name) for name in _NAMES})

    def count_since(self, subscription_id: str, since: datetime) -> int:
        """Return how many tests of a subscription there were since a time."""
        recent = (TEST_SENDS.c.subscription_id == subscription_id, TEST_SENDS.c.at > since)
        row = self._work.row(select(func.count().label("total")).select_from(TEST_SENDS).where(*recent))
        return row.total if row else 0

    def list(self, subscription_id: str, *, limit: int) -> builtins.list[Trial]:
        """Return the tests of a subscription, newest first."""
        mine = TEST_SENDS.select().where(TEST_SENDS.c.subscription_id == subscription_id)
        rows = self._work.rows(mine.order_by(TEST_SENDS.c.key.desc()).limit(limit))
        return [Trial(**{name: getattr(row, name) for name in _NAMES}) for row in rows]

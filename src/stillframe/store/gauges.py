"""How much waits, for how long, and who is there to do it: what is read at each scrape of the metrics, and cheaply."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, literal_column, select, text

from stillframe.store.answers import OutboxGauge
from stillframe.store.subscriptions import PENDING
from stillframe.store.tables import OUTBOX, WORKERS
from stillframe.store.work import Work

_PENDING = (
    select(
        OUTBOX.c.channel,
        literal_column("'pending'").label("state"),
        func.count().label("total"),
        func.min(OUTBOX.c.due_at).label("due_at"),
    )
    .where(PENDING)
    .group_by(OUTBOX.c.channel)
)
_STUCK = (
    select(OUTBOX.c.channel, OUTBOX.c.state, func.count().label("total"))
    # Word for word the condition of the index `outbox_stuck`: else SQLite would read every delivery there ever was.
    .where(text("state IN ('deferred','parked','unknown','withheld','gave_up')"))
    .group_by(OUTBOX.c.state, OUTBOX.c.channel)
)


class Gauges:
    """What an operator watches."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def outbox(self) -> list[OutboxGauge]:
        """Return how many deliveries wait or are stuck, by channel and state; what arrived or was given up by its
        subscriber is not among them."""
        waiting = [
            OutboxGauge(channel=row.channel, state=row.state, count=row.total, oldest_due_at=row.due_at)
            for row in self._work.rows(_PENDING)
        ]
        stuck = [OutboxGauge(channel=row.channel, state=row.state, count=row.total) for row in self._work.rows(_STUCK)]
        return waiting + stuck

    def beats(self, kind: str) -> list[datetime]:
        """Return when each worker of a kind was last alive; those that ended in order are not known any more."""
        return [row.beat_at for row in self._work.rows(select(WORKERS.c.beat_at).where(WORKERS.c.kind == kind))]

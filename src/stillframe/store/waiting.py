"""Deliveries that wait for something other than their time: a mail server, a resumed subscription, a worker."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, case, func, literal_column, select, text, update

from stillframe.model.delivery import SubscriberKind
from stillframe.store.claims import due_again
from stillframe.store.subscriptions import PENDING
from stillframe.store.tables import OUTBOX, SUBSCRIPTIONS, TRIES
from stillframe.store.work import Work

STUCK = text("outbox.state IN ('deferred','parked','unknown','withheld','gave_up')")
"""The condition of the index `outbox_stuck`: only if it is said does SQLite not read every delivery there ever was."""
_SUBSCRIPTION_STATE = (
    select(SUBSCRIPTIONS.c.state).where(SUBSCRIPTIONS.c.id == OUTBOX.c.subscription_id).scalar_subquery()
)
_NEWEST_TRY = select(TRIES.c.finished_at).order_by(TRIES.c.key.desc()).limit(1)


class Released(NamedTuple):
    """What became of deferred deliveries when there was a way to send them."""

    pending: int
    ended: int
    """Too old, or of a subscription that is not active any more."""


class Waiting:
    """
    What is not due by its time alone.

    Source  docs/reference/semantics.md, "What is promised".
    """

    def __init__(self, work: Work) -> None:
        self._work = work

    def release_deferred(self, channels: Collection[SubscriberKind], *, now: datetime, oldest: timedelta) -> Released:
        """
        Make deferred deliveries due that can be sent by now; what is older than `oldest` expires instead.

        What became of its subscription holds here too: cancelled where that was removed, parked where it is paused.
        """
        mine = and_(STUCK, OUTBOX.c.state == "deferred", OUTBOX.c.channel.in_(sorted(channels)))
        is_old = and_(mine, OUTBOX.c.created_at <= now - oldest)
        ended = self._work.run(update(OUTBOX).where(is_old).values(state="expired"))
        state = case(
            (_SUBSCRIPTION_STATE.in_(["active", "unconfirmed"]), literal_column("'pending'")),
            (_SUBSCRIPTION_STATE.in_(["paused"]), literal_column("'parked'")),
            else_=literal_column("'cancelled'"),
        )
        freed = update(OUTBOX).where(mine).values(state=state, due_at=now).returning(OUTBOX.c.state)
        states = [row.state for row in self._work.rows(freed)]
        return Released(pending=states.count("pending"), ended=ended + len(states) - states.count("pending"))

    def replay_parked(self, subscription_id: str, *, now: datetime) -> int:
        """Make every parked delivery of a subscription due, and return how many there were."""
        parked = and_(OUTBOX.c.subscription_id == subscription_id, OUTBOX.c.state == "parked")
        return self._work.run(update(OUTBOX).where(parked).values(due_again(now)))

    def park(self, delivery_ids: Collection[str]) -> None:
        """Keep deliveries that were given up together with their subscription, which was paused for the same reason."""
        given_up = and_(OUTBOX.c.id.in_(sorted(delivery_ids)), OUTBOX.c.state == "gave_up")
        self._work.run(update(OUTBOX).where(given_up).values(state="parked"))

    def is_stuck(self, *, now: datetime, patience: timedelta) -> bool:
        """
        Say whether a webhook has been due for longer than the patience while no try of anything has ended.

        Of a receiver that somebody is sending to now the others wait for their turn: they say nothing.
        """
        newest = self._work.row(_NEWEST_TRY)
        if newest is not None and newest.finished_at > now - patience:
            return False
        webhook = OUTBOX.c.channel == literal_column("'webhook'")
        being_sent = OUTBOX.alias("being_sent")
        busy = select(func.coalesce(being_sent.c.receiver, "")).where(
            being_sent.c.state == literal_column("'pending'"),
            being_sent.c.due_at > now,
            being_sent.c.unsettled > 0,
        )
        overdue = select(OUTBOX.c.key).where(
            PENDING,
            webhook,
            OUTBOX.c.due_at <= now - patience,
            func.coalesce(OUTBOX.c.receiver, "").not_in(busy),
        )
        return self._work.row(overdue.limit(1)) is not None

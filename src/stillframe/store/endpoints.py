"""Receivers that fail: since when nothing has reached them. Of those that take what they are sent there is no row."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, delete, func, or_, select

from stillframe.model.subscription import Subscription
from stillframe.store.subscriptions import ACTIVE, SUBSCRIPTION_COLUMNS
from stillframe.store.tables import ENDPOINTS, SUBSCRIPTIONS
from stillframe.store.work import Work

_FAILING = select(ENDPOINTS.c.receiver, ENDPOINTS.c.failing_since).where(ENDPOINTS.c.failing_since.is_not(None))
_WITH_RECEIVER: Select[Any] = select(
    SUBSCRIPTIONS.c.receiver, *(column.label(name) for name, column in SUBSCRIPTION_COLUMNS.items())
)


class Endpoints:
    """How receivers of webhooks fare, in at most two statements for a settled batch."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def note(
        self, *, succeeded: Mapping[str, datetime], failed: Mapping[str, datetime], before: datetime
    ) -> dict[str, datetime]:
        """
        Note how tries ended, and return which receivers have failed without a success since `before` or earlier.

        Shape   `succeeded`, `failed`: receivers, and when their newest try of the kind ended. The newer word counts.
                Result: since when they fail.
        """
        failing = {row.receiver: row.failing_since for row in self._work.rows(_FAILING)}
        recovered = {name: at for name, at in succeeded.items() if name in failing and at >= failed.get(name, at)}
        down = {name: at for name, at in failed.items() if name not in recovered}
        new = {name: at for name, at in down.items() if name not in failing and at >= succeeded.get(name, at)}
        rows: list[dict[str, Any]] = [
            {"receiver": name, "failing_since": None, "last_success_at": at} for name, at in recovered.items()
        ]
        rows += [{"receiver": name, "failing_since": at, "last_success_at": None} for name, at in new.items()]
        if rows:
            self._work.run(self._noted(), sorted(rows, key=lambda row: row["receiver"]))
        return {name: failing[name] for name in down if name in failing and failing[name] <= before}

    def forget_of(self, subscription_id: str) -> None:
        """Let the receiver of a subscription begin anew."""
        theirs = select(SUBSCRIPTIONS.c.receiver).where(SUBSCRIPTIONS.c.id == subscription_id)
        self._work.run(delete(ENDPOINTS).where(ENDPOINTS.c.receiver.in_(theirs)))

    def prune(self) -> int:
        """Forget receivers that have recovered or have no active subscription any more; return how many those were."""
        theirs = select(SUBSCRIPTIONS.c.receiver).where(ACTIVE, SUBSCRIPTIONS.c.receiver.is_not(None))
        idle = or_(ENDPOINTS.c.failing_since.is_(None), ENDPOINTS.c.receiver.not_in(theirs))
        return self._work.run(delete(ENDPOINTS).where(idle))

    def failing_since(self, receiver: str) -> datetime | None:
        """Return since when nothing has reached a receiver that was sent something; None if the last thing did."""
        row = self._work.row(_FAILING.where(ENDPOINTS.c.receiver == receiver))
        return None if row is None else row.failing_since

    def subscriptions(self, receivers: Collection[str]) -> dict[str, list[Subscription]]:
        """Return the active subscriptions of receivers, by receiver."""
        mine = (ACTIVE, SUBSCRIPTIONS.c.subscriber_kind == "webhook", SUBSCRIPTIONS.c.receiver.in_(sorted(receivers)))
        found: dict[str, list[Subscription]] = {}
        for row in self._work.rows(_WITH_RECEIVER.where(*mine)):
            subscription = Subscription(**{name: getattr(row, name) for name in SUBSCRIPTION_COLUMNS})
            found.setdefault(row.receiver, []).append(subscription)
        return found

    def _noted(self) -> Any:  # noqa: ANN401  # because the two dialects' inserts share no type that has on_conflict
        insert = self._work.insert(ENDPOINTS)
        given = insert.excluded
        since = func.coalesce(ENDPOINTS.c.failing_since, given.failing_since)
        return insert.on_conflict_do_update(
            index_elements=["receiver"],
            set_={
                "failing_since": case((given.failing_since.is_(None), None), else_=since),
                "last_success_at": func.coalesce(given.last_success_at, ENDPOINTS.c.last_success_at),
            },
        )

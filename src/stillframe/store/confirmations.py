"""Confirmations: the deliveries that ask an address whether it wants to be told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column, select

from stillframe.model.subscription import Subscription
from stillframe.store.tables import OUTBOX, SUBSCRIPTIONS
from stillframe.store.work import Work

_CONFIRM = "confirm"


class Confirmations:
    """
    What was asked of addresses. A confirmation is a delivery whose cause is its own subscription.

    Source  docs/reference/semantics.md, "Who is told how".
    """

    def __init__(self, work: Work) -> None:
        self._work = work

    def ask(self, subscription: Subscription, *, receiver: str, sendable: bool, now: datetime) -> None:
        """
        Promise the mail that asks, in the caller's transaction; asking twice for one subscription promises nothing.

        Shape   `receiver`: the digest of the address. `sendable`: whether there is a way to send it; else it is
                deferred.
        """
        row = {
            "subscription_id": subscription.id,
            "cause": subscription.id,
            "kind": _CONFIRM,
            "dashboard": self._work.dashboard_key(subscription.dashboard_id),
            "baseline_snapshot_id": "",
            "rule_id": subscription.rule_id,
            "channel": subscription.subscriber_kind,
            "receiver": receiver,
            "state": "pending" if sendable else "deferred",
            "due_at": now if sendable else None,
            "lease_token": 0,
            "attempts": 0,
            "unsettled": 0,
            "created_at": now,
        }
        self._work.run(self._work.insert_once(OUTBOX), row)

    def asked_since(self, receiver: str, since: datetime) -> int:
        """Return how often an address was asked since then, whoever had it asked."""
        return self._asked(SUBSCRIPTIONS.c.receiver == receiver, since)

    def asked_by(self, owner_id: str, since: datetime) -> int:
        """Return how many addresses somebody had asked since then."""
        return self._asked(SUBSCRIPTIONS.c.owner_id == owner_id, since)

    def _asked(self, whose: ColumnElement[bool], since: datetime) -> int:
        counted = select(func.count().label("total")).where(
            OUTBOX.c.subscription_id.in_(select(SUBSCRIPTIONS.c.id).where(whose)),
            OUTBOX.c.kind == literal_column(f"'{_CONFIRM}'"),
            OUTBOX.c.created_at >= since,
        )
        row = self._work.row(counted)
        return row.total if row else 0

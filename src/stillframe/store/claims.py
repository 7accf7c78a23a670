"""Claims between their beginning and their settle: kept by renewing them, and given back when nothing was begun."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Integer, bindparam, case, literal, literal_column, select, tuple_, update

from stillframe.store.answers import Lease
from stillframe.store.subscriptions import PENDING
from stillframe.store.tables import OUTBOX
from stillframe.store.types import TimeMillis
from stillframe.store.work import Work

POISON_CLAIMS = 3
"""A delivery that was claimed so often and never settled kills its workers: it is parked."""
_STILL_RUNNING_SECONDS = 10.0
_AT_ONCE = 500
_LEASES: BindParameter[tuple[int, int]] = bindparam("leases", expanding=True)
_HELD = tuple_(OUTBOX.c.key, OUTBOX.c.lease_token, types=[Integer(), Integer()]).in_(_LEASES)
_STILL_MINE = (
    # In order, as settling locks them: two that take the same rows in two orders would wait for each other.
    select(OUTBOX.c.key).where(_HELD, PENDING, OUTBOX.c.unsettled > 0).order_by(OUTBOX.c.key).with_for_update()
)
_RENEW = (
    update(OUTBOX)
    .where(OUTBOX.c.key.in_(_STILL_MINE))
    .values(due_at=bindparam("until", type_=TimeMillis()))
    .returning(OUTBOX.c.key)
)
_GIVE_BACK = (
    update(OUTBOX)
    .where(OUTBOX.c.key.in_(_STILL_MINE))
    .values(
        due_at=bindparam("at", type_=TimeMillis()),
        attempts=OUTBOX.c.attempts - literal_column("1"),
        unsettled=OUTBOX.c.unsettled - literal_column("1"),
    )
)


def due_again(now: datetime) -> dict[str, Any]:
    """
    Return the values of a delivery that is replayed: due now, and no longer poison.

    One that was parked in the middle of a send may still be on its way: it is due when its lease would have ended, so
    that an outcome which comes in time is accepted, and is not sent beside itself.
    """
    later = now + timedelta(seconds=_STILL_RUNNING_SECONDS)
    running = OUTBOX.c.unsettled.between(1, POISON_CLAIMS - 1)
    return {
        "state": "pending",
        "due_at": case((running, literal(later, TimeMillis())), else_=literal(now, TimeMillis())),
        "unsettled": case((running, OUTBOX.c.unsettled), else_=0),
    }


class Claims:
    """
    What was claimed and is not settled yet.

    Source  docs/discussions/the-life-of-a-delivery.md.
    """

    def __init__(self, work: Work) -> None:
        self._work = work

    def renew(self, leases: Sequence[Lease], *, until: datetime) -> set[str]:
        """
        Hold on to claims, and return the ids of those that are still the caller's.

        The others were settled, claimed by somebody else since, or ended: removed, or parked with their subscription.
        """
        kept = {row.key for part in _parts(leases) for row in self._work.rows(_RENEW, {"leases": part, "until": until})}
        return {lease.delivery_id for lease in leases if lease.key in kept}

    def give_back(self, leases: Sequence[Lease], *, at: datetime) -> int:
        """
        Let others have what was claimed and not begun, as if it had not been claimed; return how many it was.

        The token stays risen, so the claim that is given back settles nothing any more once somebody else has one.
        """
        return sum(self._work.run(_GIVE_BACK, {"leases": part, "at": at}) for part in _parts(leases))


def _parts(leases: Sequence[Lease]) -> Iterator[list[tuple[Any, ...]]]:
    for start in range(0, len(leases), _AT_ONCE):
        yield [(lease.key, lease.token) for lease in leases[start : start + _AT_ONCE]]

"""Reading what an installation holds, for the oracle: pictures, deliveries, comments; and sending what was left."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chaos.installation import deliveries_of
from chaos.oracle import Picture, Promised, Settled
from stillframe.flows.dispatch import deliver_due, left_behind
from stillframe.flows.services import Services
from stillframe.model.times import time_from_text

_ROUNDS = 8
_ROUND_SECONDS = 30.0


def pictures(services: Services, dashboard_id: str) -> list[Picture]:
    """Return a board's snapshots, oldest first."""
    records: list[Any] = []
    cursor: str | None = None
    with services.store.read() as unit:
        while True:
            page = unit.snapshots.list(dashboard_id, limit=500, cursor=cursor)
            records += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        return [_picture(unit.snapshots.get(record.id)) for record in reversed(records)]


def promised(services: Services, subscription_id: str) -> list[Promised]:
    """Return a subscription's deliveries with their tries."""
    return [
        Promised(
            id=entry.id,
            subject=entry.cause,
            state=entry.state,
            attempts=entry.attempts,
            tries=tuple(_settled(one) for one in entry.tries),
        )
        for entry in deliveries_of(services, subscription_id).values()
    ]


def comments(services: Services, dashboard_id: str) -> list[str]:
    """Return the snapshots that a board's comments tell of, with repeats."""
    found: list[str] = []
    cursor: str | None = None
    with services.store.read() as unit:
        while True:
            page = unit.comments.list(dashboard_id, limit=1_000, cursor=cursor)
            found += [comment.snapshot_b or "" for comment in page.items if comment.delivery_id]
            cursor = page.next_cursor
            if cursor is None:
                return found


def deliver_the_rest(services: Services, subscription_ids: Sequence[str]) -> int:
    """
    Replay what was parked, as its owner would, and send until nothing waits; return how many were replayed.

    Shape   `services`: with a clock that is ahead of every lease and every retry; it is put a day further each round.
            What never goes out is lost, which others will say.
    """
    replayed = 0
    for subscription_id in subscription_ids:
        parked = [entry.id for entry in promised(services, subscription_id) if entry.state == "parked"]
        for name in parked:
            with services.store.write() as unit:
                unit.outbox.replay(name, services.clock())
        replayed += len(parked)
    for number in range(_ROUNDS):
        ahead = timedelta(days=number)
        deliver_due(replace(services, clock=lambda ahead=ahead: services.clock() + ahead), seconds=_ROUND_SECONDS)
        if not left_behind(services).pending:
            break
        time.sleep(0.5)
    return replayed


def _picture(snapshot: Any) -> Picture:
    rows = snapshot.payload.as_dict()["materialized_data"]["board"]["rows"]
    return Picture(
        id=snapshot.record.id,
        sequence=snapshot.record.sequence,
        key=snapshot.record.reason or "",
        scores={row["id"]: row["score"] for row in rows},
    )


def _settled(one: Any) -> Settled:
    return Settled(
        attempt=one["attempt"],
        started_at=time_from_text(one["started_at"]).timestamp(),
        finished_at=time_from_text(one["finished_at"]).timestamp(),
        outcome=one["outcome"],
    )

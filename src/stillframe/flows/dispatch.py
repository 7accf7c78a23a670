"""Sending what was promised: letters out, outcomes settled, what is left given to a worker."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillframe.flows.letters import Evidence, EvidenceKey, letters_for
from stillframe.flows.services import Services
from stillframe.model.delivery import Outcome, Sent
from stillframe.notify import Batch
from stillframe.rules.retry import after_try
from stillframe.store import Claimed, Settlement

WORKER_ALIVE_SECONDS = 60
CLAIM_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchReport:
    """How many subscriptions matched, and what had become of each when the answer was given. `matched` is the sum of
    the others."""

    matched: int = 0
    delivered: int = 0
    queued: int = 0
    failed: int = 0
    deferred: int = 0
    suppressed: int = 0
    budget_ms: int | None = None

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """What still waits to be delivered, and whether anybody is there to do it."""

    pending: int
    worker_alive: bool


def send(
    services: Services,
    claimed: Sequence[Claimed],
    *,
    known: Mapping[EvidenceKey, Evidence] | None = None,
    until: float | None,
) -> Counter[str]:
    """
    Send claimed deliveries and wait; a send still running then is detached, not cancelled, and settles itself.

    Units   `until`: on the monotonic clock; None waits until every send has ended and is settled.
    Shape   The result counts `delivered`, `failed` and `queued` (still running).
    """
    if not claimed:
        return Counter()
    batch = start(services, claimed, known=known or {})
    if until is None:
        services.notifier.drain(services.limits.lease_seconds * 2)
    outcomes = batch.wait(0.0 if until is None else max(0.0, until - time.monotonic()))
    ended = Counter("delivered" if isinstance(outcome.result, Sent) else "failed" for outcome in outcomes)
    ended["queued"] = len(claimed) - len(outcomes)
    return ended


def start(services: Services, claimed: Sequence[Claimed], *, known: Mapping[EvidenceKey, Evidence]) -> Batch:
    """Start sending claimed deliveries and return without waiting."""
    return services.notifier.start(letters_for(services, claimed, known), _Settle(services))


@dataclass(frozen=True, slots=True)
class _Settle:
    """What the notifier calls with outcomes; equal for the same services, so that batches of all requests settle
    together."""

    services: Services

    def __call__(self, outcomes: Sequence[Outcome]) -> None:
        settlements = [_settlement(self.services, outcome) for outcome in outcomes]
        with self.services.store.write() as unit:
            unit.outbox.settle(settlements)
        self.services.work_waiting.set()


def _settlement(services: Services, outcome: Outcome) -> Settlement:
    step = after_try(outcome, jitter=services.jitter())
    result = outcome.result
    unknown = not isinstance(result, Sent) and result.unknown
    ended = "sent" if isinstance(result, Sent) else "unknown" if unknown else "failed"
    return Settlement(
        delivery_id=outcome.letter.delivery_id,
        lease_token=outcome.letter.lease_token,
        attempt=outcome.letter.attempt,
        state="pending" if step.ending == "again" else step.ending,
        due_at=step.due_at,
        outcome=ended,
        status=result.status,
        detail=step.reason,
        started_at=outcome.started_at,
        finished_at=outcome.finished_at,
    )


def claim(services: Services) -> list[Claimed]:
    """Claim what is due and what this process has room for; receivers with a send still open wait their turn."""
    room = min(CLAIM_AT_ONCE, services.notifier.free_capacity())
    if room <= 0:
        return []
    with services.store.write() as unit:
        return unit.outbox.claim_due(
            now=services.clock(),
            lease_seconds=services.limits.lease_seconds,
            limit=room,
            busy=services.notifier.busy_receivers(),
        )


def deliver_due(services: Services, *, seconds: float) -> Counter[str]:
    """
    Deliver what is due until nothing is, or the time is spent, and wait for what was started.

    Units   `seconds`: after which nothing more is claimed.
    """
    total: Counter[str] = Counter()
    stop_at = time.monotonic() + seconds
    while time.monotonic() < stop_at:
        claimed = claim(services)
        if not claimed:
            break
        total += send(services, claimed, until=None)
    return total


def left_behind(services: Services) -> LeftBehind:
    """Return what waits in the outbox, and whether a worker was seen in the last minute."""
    with services.store.read() as unit:
        beat = unit.workers.youngest_beat("worker")
        pending = unit.outbox.pending_count()
    alive = beat is not None and (services.clock() - beat).total_seconds() <= WORKER_ALIVE_SECONDS
    return LeftBehind(pending=pending, worker_alive=alive)

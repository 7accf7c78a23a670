"""Sending what was promised: letters out, outcomes settled, what is left given to a worker."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from stillframe.flows.endpoints import noted_endpoints, pause_endpoints
from stillframe.flows.letters import Evidence, EvidenceKey, letters_for
from stillframe.flows.services import Services
from stillframe.flows.settled import note_settled
from stillframe.flows.withholding import permitted
from stillframe.model.delivery import DeliveryState, Letter, Outcome, Sent, SubscriberKind
from stillframe.notify import Batch
from stillframe.rules.retry import Ending, after_try
from stillframe.store import Claimed, Lease, Settlement

WORKER_ALIVE_SECONDS = 60
CLAIM_AT_ONCE = 500
IN_REQUEST_MOST = 128
"""So many of a snapshot's webhooks its request sends itself: what its budget of 100 ms has time for."""
AT_ONCE: frozenset[SubscriberKind] = frozenset({"webhook"})
"""Sent in the request that promised them, and by a worker's first round."""
AFTERWARDS: frozenset[SubscriberKind] = frozenset({"email", "channel"})
"""Sent in a round of their own: their letters hold pictures, and their servers are slow."""
AFTERWARDS_AT_ONCE = 32
"""So many of those are on their way at once, so that they take no room from the others."""
_SHARE = 8
"""What waits for one channel or address takes no more of that room: a chat that hangs holds up no mail."""
DEFERRED_MOST = timedelta(hours=48)
STUCK_SECONDS = 6.0
"""A process whose sending or settling stands for so long keeps nothing for itself any more."""
_TURN_SECONDS = 15.0
_log = structlog.get_logger(__name__)


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


def claim_in_request(services: Services) -> int:
    """Return how many of what a transaction promises its own process should claim and send."""
    return min(IN_REQUEST_MOST, services.notifier.free_capacity())


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
        services.notifier.drain(services.limits.send_seconds + _TURN_SECONDS)
    outcomes = batch.wait(0.0 if until is None else max(0.0, until - time.monotonic()))
    begun = [outcome for outcome in outcomes if outcome.begun]
    ended = Counter("delivered" if isinstance(outcome.result, Sent) else "failed" for outcome in begun)
    ended["queued"] = len(claimed) - len(begun)
    return ended


def start(services: Services, claimed: Sequence[Claimed], *, known: Mapping[EvidenceKey, Evidence]) -> Batch:
    """
    Start sending claimed deliveries and return without waiting.

    From here on their leases are renewed, until each is settled. What its owner may no longer see is not sent.
    """
    holdings = services.holdings
    holdings.take(claimed, now=services.clock(), lease_seconds=services.limits.lease_seconds, renew=_Renew(services))
    try:
        letters = letters_for(services, permitted(services, claimed, known), known)
        batch = services.notifier.start(letters, _Settle(services), is_held=holdings.has)
    except BaseException:
        holdings.let_go((entry.delivery_id, entry.lease_token) for entry in claimed)
        raise
    begun = {letter.delivery_id for letter in letters} if batch.size else set()
    holdings.let_go((entry.delivery_id, entry.lease_token) for entry in claimed if entry.delivery_id not in begun)
    if letters and not batch.size:
        _give_back(services, letters)
    return batch


def _give_back(services: Services, letters: Sequence[Letter]) -> None:
    """Let somebody else send at once what this process, which ends, will not begin."""
    with services.store.write() as unit:
        unit.claims.give_back([_lease(letter) for letter in letters], at=services.clock())


def _lease(letter: Letter) -> Lease:
    return Lease(key=letter.key, delivery_id=letter.delivery_id, token=letter.lease_token)


@dataclass(frozen=True, slots=True)
class _Renew:
    """What extends the leases of this process."""

    services: Services

    def __call__(self, leases: Sequence[Lease]) -> set[str]:
        if self.services.notifier.stuck_seconds() > STUCK_SECONDS:
            # Somebody else shall send what waits here, as if this process had died.
            _log.error("sending_is_stuck", leases_let_go=len(leases))
            return set()
        until = self.services.clock() + timedelta(seconds=self.services.limits.lease_seconds)
        with self.services.store.write() as unit:
            return unit.claims.renew(leases, until=until)


@dataclass(frozen=True, slots=True)
class _Settle:
    """What the notifier calls with outcomes; equal for the same services, so that batches of all requests settle
    together."""

    services: Services

    def __call__(self, outcomes: Sequence[Outcome]) -> None:
        services = self.services
        # Let go first: should the store refuse every settle, these leases end, and the letters are sent again.
        services.holdings.let_go((outcome.letter.delivery_id, outcome.letter.lease_token) for outcome in outcomes)
        begun = [outcome for outcome in outcomes if outcome.begun]
        unbegun = [_lease(outcome.letter) for outcome in outcomes if not outcome.begun]
        settlements = [_settlement(services, outcome) for outcome in begun]
        with services.store.write() as unit:
            accepted = unit.outbox.settle(settlements) if settlements else set()
            unit.claims.give_back(unbegun, at=services.clock())
            down = noted_endpoints(services, unit, outcomes=begun, settlements=settlements)
        note_settled(services, begun, settlements, accepted=accepted)
        if down:
            pause_endpoints(services, down)
        services.work_waiting.set()


def _settlement(services: Services, outcome: Outcome) -> Settlement:
    held = outcome.letter.channel in services.hold_unknown
    step = after_try(outcome, jitter=services.jitter(), hold_unknown=held)
    result = outcome.result
    unknown = not isinstance(result, Sent) and result.unknown
    ended = "sent" if isinstance(result, Sent) else "unknown" if unknown else "failed"
    return Settlement(
        delivery_id=outcome.letter.delivery_id,
        lease_token=outcome.letter.lease_token,
        attempt=outcome.letter.attempt,
        state=_STATES[step.ending],
        due_at=step.due_at,
        outcome=ended,
        status=result.status,
        detail=step.reason,
        started_at=outcome.started_at,
        finished_at=outcome.finished_at,
    )


_STATES: Mapping[Ending, DeliveryState] = {
    "sent": "sent",
    "again": "pending",
    "gave_up": "gave_up",
    # Its subscription is paused for it, and what that keeps can be sent again by one action.
    "gone": "parked",
    "unknown": "unknown",
}


def claim(services: Services, channels: frozenset[SubscriberKind] = AT_ONCE | AFTERWARDS) -> list[Claimed]:
    """
    Claim what is due and what this process has room for; receivers with a send still open wait their turn.

    Shape   `channels`: by which of them; of these, those that this process can send by.
    """
    can = channels & services.sendable
    room = min(CLAIM_AT_ONCE, services.notifier.free_capacity())
    if not can & AT_ONCE:
        room = min(room, AFTERWARDS_AT_ONCE - services.holdings.count(AFTERWARDS, share=_SHARE))
    if room <= 0 or not can:
        return []
    with services.store.write() as unit:
        return unit.outbox.claim_due(
            now=services.clock(),
            lease_seconds=services.limits.lease_seconds,
            limit=room,
            busy=services.notifier.busy_receivers(),
            channels=can,
            hold=services.hold_unknown,
        )


def release_deferred(services: Services) -> int:
    """
    Make due what was promised when there was no way to send it, now that there is one; what is older than two days
    expires, and stays listed.

    Shape   Result: how many are due.
    """
    can = services.sendable - AT_ONCE
    if not can:
        return 0
    with services.store.write() as unit:
        released = unit.waiting.release_deferred(can, now=services.clock(), oldest=DEFERRED_MOST)
    if any(released):
        _log.info("deferred_released", due=released.pending, not_sent=released.ended)
    return released.pending


def deliver_due(services: Services, *, seconds: float) -> Counter[str]:
    """
    Deliver what is due until nothing is, or the time is spent, and wait for what was started.

    Units   `seconds`: after which nothing more is claimed.
    """
    release_deferred(services)
    total: Counter[str] = Counter()
    stop_at = time.monotonic() + seconds
    while time.monotonic() < stop_at:
        # Webhooks first: they wait for no picture, and mail is claimed in small parts.
        claimed = claim(services, AT_ONCE) or claim(services, AFTERWARDS)
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

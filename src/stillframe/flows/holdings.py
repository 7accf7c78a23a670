"""What this process has claimed and not yet settled: a thread renews its leases, so that they can be short."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

import structlog

from stillframe.errors import StillframeError
from stillframe.model.delivery import Letter, SubscriberKind
from stillframe.store import Claimed, Lease

RENEW_EVERY_SECONDS = 3.0
HELD_MOST_SECONDS = 240.0
"""A lease is renewed for no longer: a send takes at most two minutes, so whatever holds it by then will not end."""
_AGAIN_SECONDS = 0.5
_LAST_STEPS_SECONDS = 3.0
_log = structlog.get_logger(__name__)

Renew: TypeAlias = Callable[[Sequence[Lease]], set[str]]
"""Extends leases in the store, and returns the ids of the deliveries that are still this process's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holding:
    """
    One claim.

    Units   Times are on the monotonic clock.
    """

    lease: Lease
    channel: SubscriberKind
    receiver: str
    since: float
    renewed_at: float
    until: float


class Holdings:
    """
    The claims of one process. Thread safe; its thread starts with the first claim.

    Units   `renew_every_seconds`: much shorter than a lease, so that a busy store may fail once or twice.

    A claim that could not be renewed is not this process's any more once its lease has ended: what has not begun under
    it is not sent. So a process that was suspended sends nothing that somebody else may have sent meanwhile.

    Source  docs/discussions/the-life-of-a-delivery.md.
    """

    def __init__(self, *, renew_every_seconds: float = RENEW_EVERY_SECONDS) -> None:
        self._every_seconds = renew_every_seconds
        self._changed = threading.Condition()
        self._held: dict[str, _Holding] = {}
        self._renew: Renew | None = None
        self._lease_seconds = 0.0
        self._closed = False
        self._thread: threading.Thread | None = None

    def take(self, claimed: Iterable[Claimed], *, now: datetime, lease_seconds: float, renew: Renew) -> None:
        """Note claims, which are renewed from now on until they are let go."""
        at = time.monotonic()
        with self._changed:
            was_idle = not self._held
            self._renew, self._lease_seconds = renew, lease_seconds
            for entry in claimed:
                left = lease_seconds if entry.leased_until is None else (entry.leased_until - now).total_seconds()
                self._held[entry.delivery_id] = _Holding(
                    lease=entry.lease,
                    channel=entry.channel,
                    receiver=entry.receiver,
                    since=at,
                    renewed_at=at + min(0.0, left - lease_seconds),
                    until=at + left,
                )
            if self._thread is None and self._held:
                self._thread = threading.Thread(target=self._run, name="stillframe-renew", daemon=True)
                self._thread.start()
            elif was_idle:
                self._changed.notify_all()

    def has(self, letter: Letter) -> bool:
        """Say whether a letter may begin: its lease is this process's, and has not ended."""
        with self._changed:
            found = self._held.get(letter.delivery_id)
            return found is not None and found.lease.token == letter.lease_token and time.monotonic() < found.until

    def let_go(self, leases: Iterable[tuple[str, int]]) -> None:
        """
        Renew these no more.

        Shape   Each a delivery's id and the token of its lease; under another token nothing happens.
        """
        with self._changed:
            for delivery_id, token in leases:
                found = self._held.get(delivery_id)
                if found is not None and found.lease.token == token:
                    del self._held[delivery_id]

    def count(self, channels: Collection[SubscriberKind], *, share: int = sys.maxsize) -> int:
        """Return how many deliveries by these channels are held, of what goes to one receiver no more than `share`."""
        with self._changed:
            held = Counter(found.receiver for found in self._held.values() if found.channel in channels)
        return sum(min(count, share) for count in held.values())

    def close(self) -> None:
        """Renew nothing any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(_LAST_STEPS_SECONDS)

    def _run(self) -> None:
        while True:
            with self._changed:
                due = self._await_due()
                renew, lease_seconds = self._renew, self._lease_seconds
            if due is None or renew is None:
                return
            asked_at = time.monotonic()
            try:
                kept = renew([found.lease for found in due])
            except StillframeError as error:
                _log.warning("leases_not_renewed", leases=len(due), error=error.message)
                self._sleep(_AGAIN_SECONDS)
                continue
            except Exception:  # noqa: BLE001  # because without this thread every send would lose its lease
                _log.exception("leases_not_renewed", leases=len(due))
                self._sleep(_AGAIN_SECONDS)
                continue
            self._renewed(due, kept, renewed_at=asked_at, until=asked_at + lease_seconds)

    def _await_due(self) -> list[_Holding] | None:
        """Return what must be renewed now, as soon as there is something; None at the end."""
        while not self._closed:
            now = time.monotonic()
            living = [found for found in self._held.values() if now - found.since < HELD_MOST_SECONDS]
            first = min((found.renewed_at for found in living), default=None)
            if first is None:
                self._changed.wait()
            elif first + self._every_seconds > now:
                self._changed.wait(first + self._every_seconds - now)
            else:
                # What is nearly due goes with it: a statement costs the same for one and for a hundred.
                return [found for found in living if found.renewed_at + self._every_seconds / 2 <= now]
        return None

    def _renewed(self, due: Sequence[_Holding], kept: Collection[str], *, renewed_at: float, until: float) -> None:
        with self._changed:
            for old in due:
                delivery_id = old.lease.delivery_id
                if self._held.get(delivery_id) is not old:
                    continue
                if delivery_id in kept:
                    self._held[delivery_id] = replace(old, renewed_at=renewed_at, until=until)
                else:
                    del self._held[delivery_id]

    def _sleep(self, seconds: float) -> None:
        with self._changed:
            if not self._closed:
                self._changed.wait(seconds)

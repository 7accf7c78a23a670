"""The settling thread: outcomes are written down in batches, never on the loop that sends."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

import structlog

from stillframe.model.delivery import Outcome

OnSettled: TypeAlias = Callable[[Sequence[Outcome]], None]

LARGEST_BATCH: Final = 500
GATHER_SECONDS: Final = 0.03
"""After a call with fewer: a transaction costs the same for one outcome and for a hundred."""
RETRY_DELAYS_SECONDS: Final[Sequence[float]] = (0.1, 0.5, 2.0)

_log = structlog.get_logger(__name__)


class Settler:
    """
    Hands outcomes to whoever started their letters, on a thread of its own.

    What ended while the last call ran, and shortly after it, goes into the next one, so a slow store makes batches
    larger and not the queue longer. A call that raises is made again a few times; then its outcomes are left, their
    leases expire and the letters are sent again: at least once.
    """

    def __init__(self, *, retry_delays_seconds: Sequence[float] = RETRY_DELAYS_SECONDS) -> None:
        self._retry_delays_seconds = retry_delays_seconds
        self._changed = threading.Condition()
        self._queue: deque[tuple[OnSettled, Outcome]] = deque()
        self._unsettled = 0
        self._stopping = False
        self._busy_since: float | None = None
        self._hurry = threading.Event()
        self._thread: threading.Thread | None = None

    def put(self, outcome: Outcome, on_settled: OnSettled) -> None:
        """Queue one outcome; never waits for a call."""
        with self._changed:
            self._queue.append((on_settled, outcome))
            self._unsettled += 1
            if self._busy_since is None:
                self._busy_since = time.monotonic()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="stillframe-settle", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def drain(self, timeout_seconds: float) -> bool:
        """Wait until nothing is left to settle; return whether that came true in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._unsettled == 0, timeout_seconds)

    def lively_at(self) -> float:
        """
        Return until when settling was seen to go on: since then it waits for one call, or its thread is gone.

        Units   On the monotonic clock.
        """
        with self._changed:
            return time.monotonic() if self._busy_since is None else self._busy_since

    def stop(self, timeout_seconds: float) -> None:
        """Settle what is queued, without pauses between tries, then end the thread."""
        self._hurry.set()
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._stopping)
                taken, self._queue = self._queue, deque()
            if not taken:
                return
            for on_settled, outcomes in _by_caller(taken):
                for start in range(0, len(outcomes), LARGEST_BATCH):
                    self._settle(outcomes[start : start + LARGEST_BATCH], on_settled)
            if len(taken) < LARGEST_BATCH:
                self._hurry.wait(GATHER_SECONDS)

    def _settle(self, outcomes: Sequence[Outcome], on_settled: OnSettled) -> None:
        for delay_seconds in (*self._retry_delays_seconds, None):
            try:
                on_settled(outcomes)
                break
            except Exception:  # noqa: BLE001  # because one bad settle must not end the thread that settles the rest
                _log.exception("settle_failed", outcomes=len(outcomes), again_in_seconds=delay_seconds)
            if delay_seconds is not None:
                self._hurry.wait(delay_seconds)
        with self._changed:
            self._unsettled -= len(outcomes)
            self._busy_since = time.monotonic() if self._unsettled else None
            self._changed.notify_all()


def _by_caller(taken: Iterable[tuple[OnSettled, Outcome]]) -> list[tuple[OnSettled, list[Outcome]]]:
    """Group outcomes by equal functions; found by `==`, since a callable object need not be hashable."""
    groups: list[tuple[OnSettled, list[Outcome]]] = []
    for on_settled, outcome in taken:
        for known, outcomes in groups:
            if known is on_settled or known == on_settled:
                outcomes.append(outcome)
                break
        else:
            groups.append((on_settled, [outcome]))
    return groups

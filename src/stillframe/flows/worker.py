"""The worker and the scheduler: threads that deliver what is due and capture what is due, until told to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from stillframe.flows.autosnapshot import autosnapshot
from stillframe.flows.cleanup import clean_by_itself
from stillframe.flows.dispatch import AFTERWARDS, AT_ONCE, claim, release_deferred, start
from stillframe.flows.scope_timer import autosnapshot_scopes
from stillframe.flows.services import Services
from stillframe.flows.waking import wake_due
from stillframe.model.delivery import SubscriberKind

BEAT_EVERY_SECONDS = 1.5
POLL_SECONDS = 1.0
SCHEDULE_EVERY_SECONDS = 5.0
WAKE_EVERY_SECONDS = 1.0
PRUNE_EVERY_SECONDS = 3_600.0
_FAULT_PAUSE_SECONDS = 1.0
_MANY_CLAIMED = 250
_GATHER_SECONDS = 0.04
"""After a claim of fewer: a claim costs the same for one delivery and for a hundred, and takes the write lock."""
_SHORTEST_REST_SECONDS = 0.2
"""Work that is due and cannot be claimed waits for a slow receiver; its end wakes the worker at once."""
_log = structlog.get_logger(__name__)


class Worker:
    """
    Delivers and captures in the background of `serve`, or alone in `stillframe worker`.

    Five threads: one claims and starts webhooks, and says that this worker is alive; one does the same for mail and
    channels, whose letters take longer to write; one wakes subscriptions whose quiet time has ended; one runs the
    timer; one lets go what has had its time: Idempotency-Keys each hour, payloads and logs each day. A fault in a round
    is logged and the next round comes all the same.

    A heartbeat says until when sending and settling were seen to go on. So a worker whose loop is stuck looks dead.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._clean_since: datetime | None = None
        self._beat_at = 0.0

    def start(self) -> None:
        """Start the threads; the first heartbeat is written before this returns."""
        self._beat()
        rounds: tuple[tuple[str, Callable[[], object], Callable[[], None]], ...] = (
            ("deliver", lambda: self._deliver(AT_ONCE), self._wait_for_work),
            ("post", lambda: self._deliver(AFTERWARDS), lambda: self._sleep(self._until_due(AFTERWARDS))),
            ("wake", lambda: wake_due(self._services), lambda: self._sleep(WAKE_EVERY_SECONDS)),
            ("schedule", self._schedule, lambda: self._sleep(SCHEDULE_EVERY_SECONDS)),
            ("prune", self._prune, lambda: self._sleep(PRUNE_EVERY_SECONDS)),
        )
        for name, act, rest in rounds:
            thread = threading.Thread(
                target=self._repeat, args=(name, act, rest), name=f"stillframe-{name}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def stop(self, *, timeout_seconds: float) -> None:
        """End the threads after their running round, and say that this worker is gone."""
        self._stopping.set()
        self._services.work_waiting.set()
        for thread in self._threads:
            thread.join(timeout_seconds)
        with self._services.store.write() as unit:
            unit.workers.forget(self._services.holder)

    def _repeat(self, name: str, act: Callable[[], object], rest: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            try:
                act()
                rest()
            except Exception:  # noqa: BLE001  # because a fault of one round must not end a worker
                _log.exception("worker_round_failed", round=name)
                self._sleep(_FAULT_PAUSE_SECONDS)

    def _beat(self) -> None:
        now = time.monotonic()
        seen = self._services.clock() - timedelta(seconds=max(0.0, now - self._services.notifier.lively_at()))
        with self._services.store.write() as unit:
            unit.workers.beat(self._services.holder, kind="worker", now=seen)
        self._beat_at = now

    def _beat_if_due(self) -> None:
        self._services.notifier.lively_at()  # asks the loop, which answers before the next round
        if time.monotonic() - self._beat_at >= BEAT_EVERY_SECONDS:
            self._beat()

    def _deliver(self, channels: frozenset[SubscriberKind]) -> None:
        while not self._stopping.is_set():
            if channels is AT_ONCE:
                self._beat_if_due()
            claimed = claim(self._services, channels)
            if not claimed:
                return
            start(self._services, claimed, known={})
            if len(claimed) < _MANY_CLAIMED:
                self._sleep(_GATHER_SECONDS)

    def _schedule(self) -> None:
        autosnapshot(self._services, wait_for_sends=False, retry_failed=False)
        autosnapshot_scopes(self._services, wait_for_sends=False)

    def _prune(self) -> None:
        release_deferred(self._services)
        now = self._services.clock()
        with self._services.store.write() as unit:
            unit.idempotency.prune(now)
            unit.endpoints.prune()
            unit.workers.forget_older(now - timedelta(seconds=PRUNE_EVERY_SECONDS))
        self._clean_up(now.replace(hour=0, minute=0, second=0, microsecond=0))

    def _clean_up(self, midnight: datetime) -> None:
        """Let go what had had its time when the day began, so that one round of a day does the work of all."""
        if self._clean_since == midnight:
            return
        if clean_by_itself(self._services, now=midnight, stopped=self._stopping.is_set) is not None:
            self._clean_since = midnight

    def _wait_for_work(self) -> None:
        self._services.work_waiting.wait(self._until_due(AT_ONCE))
        self._services.work_waiting.clear()

    def _until_due(self, channels: frozenset[SubscriberKind]) -> float:
        can = channels & self._services.sendable
        if not can:
            return POLL_SECONDS
        with self._services.store.read() as unit:
            due = unit.outbox.next_due_at(self._services.clock(), can)
        if due is None:
            return POLL_SECONDS
        return min(POLL_SECONDS, max(_SHORTEST_REST_SECONDS, (due - self._services.clock()) / timedelta(seconds=1)))

    def _sleep(self, seconds: float) -> None:
        self._stopping.wait(seconds)

"""The worker and the scheduler: threads that deliver what is due and capture what is due, until told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from stillframe.flows.autosnapshot import autosnapshot
from stillframe.flows.cleanup import clean_by_itself
from stillframe.flows.dispatch import claim, start
from stillframe.flows.scope_timer import autosnapshot_scopes
from stillframe.flows.services import Services

BEAT_EVERY_SECONDS = 10.0
POLL_SECONDS = 1.0
SCHEDULE_EVERY_SECONDS = 5.0
PRUNE_EVERY_SECONDS = 3_600.0
_FAULT_PAUSE_SECONDS = 1.0
_SHORTEST_REST_SECONDS = 0.2
"""Work that is due and cannot be claimed waits for a slow receiver; its end wakes the worker at once."""
_log = structlog.get_logger(__name__)


class Worker:
    """
    Delivers and captures in the background of `serve`, or alone in `stillframe worker`.

    Four threads: one claims and starts deliveries, one beats, one runs the timer, one lets go what has had its time:
    Idempotency-Keys each hour, payloads and logs each day. A fault in a round is logged and the next round comes all
    the same.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._clean_since: datetime | None = None

    def start(self) -> None:
        """Start the threads; the first heartbeat is written before this returns."""
        self._beat()
        rounds: tuple[tuple[str, Callable[[], None], Callable[[], None]], ...] = (
            ("deliver", self._deliver, self._wait_for_work),
            ("beat", self._beat, lambda: self._sleep(BEAT_EVERY_SECONDS)),
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

    def _repeat(self, name: str, act: Callable[[], None], rest: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            try:
                act()
                rest()
            except Exception:  # noqa: BLE001  # because a fault of one round must not end a worker
                _log.exception("worker_round_failed", round=name)
                self._sleep(_FAULT_PAUSE_SECONDS)

    def _beat(self) -> None:
        with self._services.store.write() as unit:
            unit.workers.beat(self._services.holder, kind="worker", now=self._services.clock())

    def _deliver(self) -> None:
        while not self._stopping.is_set():
            claimed = claim(self._services)
            if not claimed:
                return
            start(self._services, claimed, known={})

    def _schedule(self) -> None:
        autosnapshot(self._services, wait_for_sends=False, retry_failed=False)
        autosnapshot_scopes(self._services, wait_for_sends=False)

    def _prune(self) -> None:
        now = self._services.clock()
        with self._services.store.write() as unit:
            unit.idempotency.prune(now)
        self._clean_up(now.replace(hour=0, minute=0, second=0, microsecond=0))

    def _clean_up(self, midnight: datetime) -> None:
        """Let go what had had its time when the day began, so that one round of a day does the work of all."""
        if self._clean_since == midnight:
            return
        if clean_by_itself(self._services, now=midnight, stopped=self._stopping.is_set) is not None:
            self._clean_since = midnight

    def _wait_for_work(self) -> None:
        self._services.work_waiting.wait(self._until_due())
        self._services.work_waiting.clear()

    def _until_due(self) -> float:
        with self._services.store.read() as unit:
            due = unit.outbox.next_due_at(self._services.clock())
        if due is None:
            return POLL_SECONDS
        return min(POLL_SECONDS, max(_SHORTEST_REST_SECONDS, (due - self._services.clock()) / timedelta(seconds=1)))

    def _sleep(self, seconds: float) -> None:
        self._stopping.wait(seconds)

"""The notifier: one asyncio loop in a thread of its own, where letters are sent while everybody else is synchronous."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

import structlog

from stillframe.model.delivery import Failed, Letter, Outcome, Result
from stillframe.notify.interface import Channel
from stillframe.notify.lanes import Lanes
from stillframe.notify.settling import OnSettled, Settler

IN_FLIGHT: Final = 256
PER_RECEIVER: Final = 4
TURN_SECONDS: Final = 30.0
LOOKUP_THREADS: Final = 32
"""Names are looked up in threads; the default of a small machine is six, and six dead names would stop all."""
_LAST_STEPS_SECONDS: Final = 2.0

_log = structlog.get_logger(__name__)


class Batch:
    """The letters of one `Notifier.start`, and what became of them so far."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._outcomes: list[Outcome] = []
        self._changed = threading.Condition()

    def wait(self, seconds: float) -> list[Outcome]:
        """
        Return the outcomes so far: as soon as all have ended, and at the latest after `seconds`.

        An outcome is here when its send has ended; whether it is settled is not said. A send still running is not
        cancelled by this: it goes on and settles itself.
        """
        with self._changed:
            self._changed.wait_for(lambda: len(self._outcomes) >= self._size, max(seconds, 0.0))
            return list(self._outcomes)

    def add(self, outcome: Outcome) -> None:
        """Note that one of the letters has ended."""
        with self._changed:
            self._outcomes.append(outcome)
            if len(self._outcomes) >= self._size:
                self._changed.notify_all()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    letter: Letter
    batch: Batch
    on_settled: OnSettled
    queued_at: float


class Notifier:
    """
    Sends letters through a channel, many at once, and reports each outcome to whoever started it.

    The loop's thread starts with the first letter. One receiver has at most `per_receiver` sends open; the rest of its
    letters wait, and delay nobody else's. A letter whose turn does not come within `turn_seconds` is not sent: it ends
    as failed, so that it cannot go out after its lease. So a lease must be longer than `turn_seconds` and the channel's
    timeout together, with time to settle.

    Shape   `clock` dates the outcomes.
    """

    def __init__(
        self,
        *,
        channel: Channel,
        clock: Callable[[], datetime],
        in_flight: int = IN_FLIGHT,
        per_receiver: int = PER_RECEIVER,
        turn_seconds: float = TURN_SECONDS,
    ) -> None:
        self._channel = channel
        self._clock = clock
        self._in_flight = in_flight
        self._per_receiver = per_receiver
        self._turn_seconds = turn_seconds
        self._settler = Settler()
        self._changed = threading.Condition()
        self._open: Counter[str] = Counter()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        # What follows belongs to the loop's thread alone.
        self._lanes: Lanes[_Job] = Lanes(width=per_receiver)
        self._running: set[asyncio.Task[None]] = set()
        self._ending = False

    def start(self, letters: Sequence[Letter], on_settled: OnSettled) -> Batch:
        """
        Begin to send letters, and return at once.

        Shape   `on_settled` gets outcomes of this and other batches started with the same function, at most 500 a call,
                on the settling thread. If it raises it is called again with the same outcomes. After `close` nothing is
                sent and the batch is empty: the promise stands, the leases expire and a worker sends the letters. A
                request that committed while the process ends must not fail for it.
        """
        if not letters:
            return Batch(0)
        batch = Batch(len(letters))
        queued_at = time.monotonic()
        jobs = [_Job(letter=letter, batch=batch, on_settled=on_settled, queued_at=queued_at) for letter in letters]
        with self._changed:
            if self._closed:
                return Batch(0)
            self._open.update(letter.receiver for letter in letters)
            self._ready_loop().call_soon_threadsafe(self._admit, jobs)
        return batch

    def busy_receivers(self) -> frozenset[str]:
        """Return the receivers with a send open or waiting: no request waits for one of these."""
        with self._changed:
            return frozenset(self._open)

    def free_capacity(self) -> int:
        """
        Return how many more letters can be on their way soon: what a worker should claim next.

        Letters that wait for a slow receiver take up no more than that receiver's share.
        """
        share = self._per_receiver * 2
        with self._changed:
            taken = sum(min(count, share) for count in self._open.values())
        return max(0, self._in_flight * 2 - taken)

    def drain(self, timeout_seconds: float) -> bool:
        """Wait until every letter has ended and is settled; return whether that came true in time."""
        until = time.monotonic() + timeout_seconds
        with self._changed:
            ended = self._changed.wait_for(lambda: not self._open, timeout_seconds)
        return ended and self._settler.drain(max(0.0, until - time.monotonic()))

    def close(self, timeout_seconds: float) -> int:
        """
        Take no more letters, wait for those that are under way and settle them, then stop the threads.

        Shape   Result: how many letters were left; their leases expire and a worker sends them again.
        """
        with self._changed:
            self._closed = True
        self.drain(timeout_seconds)
        if self._loop is not None and self._thread is not None and self._thread.is_alive():
            loop = self._loop
            ended = asyncio.run_coroutine_threadsafe(self._end(), loop)
            # The callback runs in this thread when the end came first, and a bare stop() from here would wake nobody.
            ended.add_done_callback(lambda _: loop.call_soon_threadsafe(loop.stop))
            self._thread.join(_LAST_STEPS_SECONDS)
        self._settler.stop(_LAST_STEPS_SECONDS)
        with self._changed:
            return self._open.total()

    def _ready_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._run, name="stillframe-notify", daemon=True, args=(self._loop,))
            self._thread.start()
        return self._loop

    @staticmethod
    def _run(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.set_default_executor(ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix="stillframe-lookup"))
        try:
            loop.run_forever()
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    async def _end(self) -> None:
        """Cut what still runs: no outcome is noted for it, since nobody knows it."""
        self._ending = True
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._channel.close()

    def _admit(self, jobs: Sequence[_Job]) -> None:
        for job in jobs:
            self._lanes.add(job.letter.receiver, job)
        self._fill()

    def _fill(self) -> None:
        """Start what may start."""
        while len(self._running) < self._in_flight and not self._ending:
            job = self._lanes.take()
            if job is None:
                return
            if time.monotonic() - job.queued_at > self._turn_seconds:
                now = self._clock()
                self._finish(job, _TOO_LATE, started_at=now)
                self._lanes.done(job.letter.receiver)
                continue
            task = asyncio.get_running_loop().create_task(self._send(job))
            self._running.add(task)
            task.add_done_callback(partial(self._ended, job.letter.receiver))

    async def _send(self, job: _Job) -> None:
        started_at = self._clock()
        try:
            result = await self._channel.send(job.letter)
        except Exception as error:  # noqa: BLE001  # because a channel's defect must end this letter and no other
            # The error's own text stays out of the log: it may hold the address.
            _log.error("channel_failed", delivery_id=job.letter.delivery_id, error=type(error).__name__)
            result = Failed(detail=f"the channel failed: {type(error).__name__}", unknown=True)
        self._finish(job, result, started_at=started_at)

    def _ended(self, receiver: str, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._lanes.done(receiver)
        self._fill()

    def _finish(self, job: _Job, result: Result, *, started_at: datetime) -> None:
        outcome = Outcome(letter=job.letter, result=result, started_at=started_at, finished_at=self._clock())
        self._settler.put(outcome, job.on_settled)
        receiver = job.letter.receiver
        with self._changed:
            self._open[receiver] -= 1
            if not self._open[receiver]:
                del self._open[receiver]
            if not self._open:
                self._changed.notify_all()
        job.batch.add(outcome)


_TOO_LATE: Final = Failed(detail="not sent: its turn did not come, the receiver is slow")

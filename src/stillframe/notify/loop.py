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
from typing import Final, TypeAlias

import structlog

from stillframe.model.delivery import Failed, Letter, Outcome, Result
from stillframe.notify.interface import Channel
from stillframe.notify.lanes import Lanes
from stillframe.notify.settling import OnSettled, Settler

IN_FLIGHT: Final = 256
PER_RECEIVER: Final = 4
QUICK_AT_ONCE: Final = 64
"""So many are on their way at once while receivers answer quickly: more are no faster, and cost more each."""
QUICK_SECONDS: Final = 0.05
"""A send that is open for longer waits for its receiver, and no longer counts among those."""
TURN_SECONDS: Final = 30.0
LOOKUP_THREADS: Final = 32
"""Names are looked up in threads; the default of a small machine is six, and six dead names would stop all."""
_LAST_STEPS_SECONDS: Final = 2.0

_log = structlog.get_logger(__name__)

IsHeld: TypeAlias = Callable[[Letter], bool]
"""Says whether this process still has the lease that a letter would be sent under."""


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

    @property
    def size(self) -> int:
        """How many letters it has; none, if the notifier takes no more."""
        return self._size

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
    is_held: IsHeld | None
    queued_at: float


class Notifier:
    """
    Sends letters through a channel, many at once, and reports each outcome to whoever started it.

    The loop's thread starts with the first letter. One receiver has at most `per_receiver` sends open; the rest of its
    letters wait, and delay nobody else's. A letter whose turn does not come within `turn_seconds`, or whose lease is
    gone when it comes, is not sent: its outcome says that it was not begun.

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
        self._asked_at: float | None = None
        self._lively_at = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        # What follows belongs to the loop's thread alone.
        self._lanes: Lanes[_Job] = Lanes(width=per_receiver)
        self._running: set[asyncio.Task[None]] = set()
        self._quick: dict[asyncio.Task[None], float] = {}
        self._next_look: asyncio.TimerHandle | None = None
        self._ending = False

    def start(self, letters: Sequence[Letter], on_settled: OnSettled, *, is_held: IsHeld | None = None) -> Batch:
        """
        Begin to send letters, and return at once.

        Shape   `on_settled` gets outcomes of this and other batches started with the same function, at most 500 a call,
                on the settling thread. If it raises it is called again with the same outcomes. `is_held` is asked on
                the loop, before a letter begins; without it every letter may. After `close` nothing is sent and the
                batch is empty: the promise stands, and a worker sends the letters. A request that committed while the
                process ends must not fail for it.
        """
        if not letters:
            return Batch(0)
        batch = Batch(len(letters))
        queued_at = time.monotonic()
        jobs = [
            _Job(letter=letter, batch=batch, on_settled=on_settled, is_held=is_held, queued_at=queued_at)
            for letter in letters
        ]
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

    def lively_at(self) -> float:
        """
        Return until when sending and settling were seen to go on; whoever asks often enough learns of a stop soon.

        Units   On the monotonic clock.
        """
        with self._changed:
            seen = self._lively_at if self._ask() else time.monotonic()
        return min(seen, self._settler.lively_at())

    def stuck_seconds(self) -> float:
        """Return for how long the loop has left a question open, or one call of settling has lasted."""
        with self._changed:
            now = time.monotonic()
            open_for = now - self._asked_at if self._ask() and self._asked_at is not None else 0.0
        return max(open_for, now - self._settler.lively_at())

    def close(self, timeout_seconds: float) -> int:
        """
        Take no more letters, give up those that have not begun, wait for the others and settle all, then stop the
        threads.

        Shape   Result: how many letters were left; their leases end and a worker sends them again.
        """
        with self._changed:
            was_open, self._closed = not self._closed, True
            if was_open and self._loop is not None:
                self._loop.call_soon_threadsafe(self._hand_back)
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
            self._lively_at = time.monotonic()
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

    def _ask(self) -> bool:
        """Ask the loop whether it turns, unless that is asked already; say whether there is one."""
        if self._loop is None or self._closed:
            return False
        if self._asked_at is None:
            self._asked_at = time.monotonic()
            self._loop.call_soon_threadsafe(self._answer)
        return True

    def _answer(self) -> None:
        with self._changed:
            self._asked_at = None
            self._lively_at = time.monotonic()

    def _hand_back(self) -> None:
        """End what waits for its turn, so that somebody else can send it at once."""
        for job in self._lanes.clear():
            self._finish_unbegun(job, _CLOSING)

    def _admit(self, jobs: Sequence[_Job]) -> None:
        for job in jobs:
            self._lanes.add(job.letter.receiver, job)
        self._fill()

    def _fill(self) -> None:
        """Start what may start."""
        now = time.monotonic()
        self._pass_over_slow(now)
        while len(self._running) < self._in_flight and len(self._quick) < QUICK_AT_ONCE and not self._ending:
            job = self._lanes.take()
            if job is None:
                return
            if now - job.queued_at > self._turn_seconds or (job.is_held is not None and not job.is_held(job.letter)):
                self._finish_unbegun(job, _TOO_LATE)
                self._lanes.done(job.letter.receiver)
                continue
            task = asyncio.get_running_loop().create_task(self._send(job))
            self._running.add(task)
            self._quick[task] = now
            task.add_done_callback(partial(self._ended, job.letter.receiver))
        if self._quick and self._next_look is None and not self._ending:
            # Nobody else would start the next ones while all that run wait for slow receivers.
            self._next_look = asyncio.get_running_loop().call_later(QUICK_SECONDS, self._look_again)

    def _pass_over_slow(self, now: float) -> None:
        """Let sends that are open for long no longer stand in the way of others; the oldest come first."""
        while self._quick:
            task, began = next(iter(self._quick.items()))
            if now - began < QUICK_SECONDS:
                return
            del self._quick[task]

    def _look_again(self) -> None:
        self._next_look = None
        self._fill()

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
        self._quick.pop(task, None)
        self._lanes.done(receiver)
        self._fill()

    def _finish_unbegun(self, job: _Job, why: Failed) -> None:
        now = self._clock()
        self._end_job(job, Outcome(letter=job.letter, result=why, started_at=now, finished_at=now, begun=False))

    def _finish(self, job: _Job, result: Result, *, started_at: datetime) -> None:
        self._end_job(job, Outcome(letter=job.letter, result=result, started_at=started_at, finished_at=self._clock()))

    def _end_job(self, job: _Job, outcome: Outcome) -> None:
        self._settler.put(outcome, job.on_settled)
        receiver = job.letter.receiver
        with self._changed:
            self._open[receiver] -= 1
            if not self._open[receiver]:
                del self._open[receiver]
            if not self._open:
                self._changed.notify_all()
        job.batch.add(outcome)


_TOO_LATE: Final = Failed(detail="not sent: its turn did not come in time")
_CLOSING: Final = Failed(detail="not sent: the process ends")

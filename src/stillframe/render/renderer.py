"""The renderer: a few child processes, one job at a time in each, every result kept by the digest of its input."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Final

from stillframe.errors import RenderFailed, TooManyRequests
from stillframe.render.cache import BytesCache, digest_of_parts
from stillframe.render.process import Child, ChildEnded

CHILDREN: Final = 2
JOB_SECONDS: Final = 20.0
CACHE_BYTES: Final = 64 * 1024 * 1024
MEMORY_BYTES: Final = 768 * 1024 * 1024
"""A child that has held so much is replaced: what a compiler took it does not give back."""
MOST_WAITING: Final = 16
_START_ANOTHER_SECONDS: Final = 0.3
"""So long a job waits for a warm child before another is started, which takes longer than most jobs do."""
_CLOSE_SECONDS: Final = 5.0
_CLOSED: Final = "nothing is compiled any more: this process is ending"


class Renderer:
    """
    Compiles chart specifications and PDF source in child processes, which start with the first job.

    The libraries that compile hold the interpreter's lock for the whole of a job; in this process every request would
    stand still for it.

    Units   `seconds`: how long one job may take, and how long it may wait for its turn.
    """

    def __init__(
        self,
        *,
        children: int = CHILDREN,
        seconds: float = JOB_SECONDS,
        cache_bytes: int = CACHE_BYTES,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._children_most = children
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._changed = threading.Condition()
        self._idle: list[Child] = []
        self._children: set[Child] = set()
        self._starting = 0
        self._waiting = 0
        self._closed = False
        self._cache = BytesCache(bytes_most=cache_bytes)
        self._running: dict[bytes, Future[bytes]] = {}

    @property
    def process_ids(self) -> list[int]:
        """The child processes that there are now."""
        with self._changed:
            return sorted(child.process_id for child in self._children)

    def chart_svg(self, spec: Mapping[str, Any]) -> bytes:
        """
        Return the SVG of a chart specification of ours, in UTF-8: the same bytes for the same specification.

        Errors  RenderFailed, TooManyRequests.
        """
        return self.run("chart_svg", _json(spec))

    def chart_png(self, spec: Mapping[str, Any], *, scale: float = 2.0) -> bytes:
        """
        Return the PNG of a chart specification of ours.

        Units   `scale`: pixels of the picture for one of the specification.
        Errors  RenderFailed, TooManyRequests.
        """
        return self.run("chart_png", _json(spec), str(scale).encode())

    def run(self, job: str, *parts: bytes) -> bytes:
        """
        Return what a job makes of its input, from the cache if it was made before; who asks while it is being made
        waits for the same result.

        Shape   `job`: a name in `render.jobs`.
        Errors  RenderFailed if the job failed, took too long, or its process died twice; TooManyRequests if too many
                jobs wait already.
        """
        key = digest_of_parts(job, parts)
        with self._changed:
            made = self._cache.get(key)
            if made is not None:
                return made
            others = self._running.get(key)
            if others is None:
                ours: Future[bytes] = Future()
                self._running[key] = ours
        if others is not None:
            return others.result()
        try:
            made = self._compiled(job, parts)
        except BaseException as error:
            self._settle(key, None)
            ours.set_exception(error)
            raise
        self._settle(key, made)
        ours.set_result(made)
        return made

    def warm_up(self) -> None:
        """
        Start a child and let it import and compile once, which takes a second, so that the first reader need not wait.

        Errors  RenderFailed, TooManyRequests.
        """
        self._compiled("warm_up", ())

    def close(self) -> None:
        """Take no more jobs, give those that run a few seconds to end, and end every child."""
        until = time.monotonic() + _CLOSE_SECONDS
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self._starting == 0 and len(self._idle) == len(self._children), _CLOSE_SECONDS
            )
            idle, busy = self._idle, self._children - set(self._idle)
            self._idle, self._children = [], set()
        for child in busy:
            child.kill()
        for child in idle:
            child.end(seconds=max(until - time.monotonic(), 0.5))

    def _settle(self, key: bytes, made: bytes | None) -> None:
        with self._changed:
            del self._running[key]
            if made is not None:
                self._cache.put(key, made)

    def _compiled(self, job: str, parts: Sequence[bytes]) -> bytes:
        try:
            return self._tried(job, parts)
        except ChildEnded:
            pass
        try:
            return self._tried(job, parts)
        except ChildEnded as error:
            raise RenderFailed(f"{job}: {error}, and so did the next one") from error

    def _tried(self, job: str, parts: Sequence[bytes]) -> bytes:
        with self._borrowed() as child:
            answer = child.ask(job, parts)
            if answer.memory_bytes > self._memory_bytes:
                child.end(seconds=0.0)
            return answer.made

    @contextmanager
    def _borrowed(self) -> Iterator[Child]:
        child = self._take()
        try:
            yield child
        finally:
            with self._changed:
                if child.is_usable and child in self._children:
                    self._idle.append(child)
                else:
                    self._children.discard(child)
                    child.end(seconds=0.0)
                self._changed.notify_all()

    def _take(self) -> Child:
        """Return a child that nobody else has: an idle one, else a new one where there is room."""
        begun = time.monotonic()
        with self._changed:
            if self._waiting >= MOST_WAITING:
                raise TooManyRequests("too many pictures and documents are waiting to be compiled; try again later")
            self._waiting += 1
            try:
                while True:
                    if self._closed:
                        raise RenderFailed(_CLOSED)
                    if self._idle:
                        return self._idle.pop()
                    waited = time.monotonic() - begun
                    count = len(self._children) + self._starting
                    if count == 0 or (count < self._children_most and waited >= _START_ANOTHER_SECONDS):
                        break
                    if waited >= self._seconds:
                        raise TooManyRequests("the compilers are busy; try again later")
                    self._changed.wait(_START_ANOTHER_SECONDS)
            finally:
                self._waiting -= 1
            self._starting += 1
        return self._started()

    def _started(self) -> Child:
        child: Child | None = None
        try:
            child = Child(seconds=self._seconds)
        except OSError as error:
            raise RenderFailed(f"the process that compiles cannot be started: {error}") from error
        finally:
            with self._changed:
                self._starting -= 1
                if child is not None:
                    self._children.add(child)
        return child


def _json(spec: Mapping[str, Any]) -> bytes:
    return json.dumps(spec, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

"""Who is next: letters queue in one lane per receiver, so that a slow receiver delays only itself."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Lane(Generic[T]):
    waiting: deque[T] = field(default_factory=deque)
    running: int = 0
    queued: bool = False
    """Whether the lane stands in the queue of lanes that may start one."""


class Lanes(Generic[T]):
    """
    A fair queue: lanes take turns, one item a turn, and a lane has at most `width` items running.

    Not thread-safe: it belongs to one loop.
    """

    __slots__ = ("_lanes", "_ready", "_width")

    def __init__(self, *, width: int) -> None:
        self._width = width
        self._lanes: dict[str, _Lane[T]] = {}
        self._ready: deque[str] = deque()

    def add(self, name: str, item: T) -> None:
        """Queue an item in its lane."""
        self._lanes.setdefault(name, _Lane()).waiting.append(item)
        self._queue(name)

    def take(self) -> T | None:
        """Return the next item that may run, now counted as running in its lane, or None."""
        if not self._ready:
            return None
        name = self._ready.popleft()
        lane = self._lanes[name]
        lane.queued = False
        item = lane.waiting.popleft()
        lane.running += 1
        self._queue(name)
        return item

    def done(self, name: str) -> None:
        """Count one item of a lane as no longer running."""
        lane = self._lanes[name]
        lane.running -= 1
        if not lane.running and not lane.waiting:
            del self._lanes[name]
        else:
            self._queue(name)

    def clear(self) -> list[T]:
        """Take out everything that waits, and return it; what runs goes on."""
        left = [item for lane in self._lanes.values() for item in lane.waiting]
        self._ready.clear()
        for name, lane in list(self._lanes.items()):
            lane.waiting.clear()
            lane.queued = False
            if not lane.running:
                del self._lanes[name]
        return left

    def _queue(self, name: str) -> None:
        lane = self._lanes[name]
        if lane.waiting and lane.running < self._width and not lane.queued:
            lane.queued = True
            self._ready.append(name)

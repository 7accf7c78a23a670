"""How every benchmark here measures: rivals warmed, shuffled anew in each round, medians, one Markdown table."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Contestant = Callable[[], Any]
_TARGET_SECONDS = 0.01
"""An inner loop is repeated until it takes about so long, so that the clock's own grain does not count."""
_LONG_SECONDS = 0.2
"""A call that takes so long warms itself."""


def medians(contestants: Mapping[str, Contestant], *, rounds: int, seed: int = 1) -> dict[str, float]:
    """
    Return the median time of each contestant.

    Shape   Each round runs all of them in a new order; each is called once untimed right before it is timed, unless a
            call takes so long that who ran before does not count.
    Units   Seconds a call.
    """
    order = random.Random(seed)
    tried = {name: _seconds(call) for name, call in contestants.items()}
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        names = list(contestants)
        order.shuffle(names)
        for name in names:
            times[name].append(_one(contestants[name], tried[name]))
    return {name: statistics.median(found) for name, found in times.items()}


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def milliseconds(seconds: float) -> str:
    """Return a time in milliseconds with three significant digits."""
    return f"{seconds * 1000:.3g}" if seconds < 1 else f"{seconds * 1000:,.0f}"


def _seconds(call: Contestant) -> float:
    """Return about how long a warm call takes."""
    call()
    started = time.perf_counter()
    call()
    return max(time.perf_counter() - started, 1e-9)


def _one(call: Contestant, tried_seconds: float) -> float:
    repeats = max(1, int(_TARGET_SECONDS / tried_seconds))
    if tried_seconds < _LONG_SECONDS:
        call()
    gc.collect()
    started = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - started) / repeats

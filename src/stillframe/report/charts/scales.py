"""Scales: where a number stands between two others, in pixels, and which round numbers to write beside it."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from stillframe.model.payload import Number

_LARGEST: Final = sys.float_info.max / 4
"""Differences of two such numbers, and a little more, are still finite."""
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_ROOM: Final = 0.06
_TICKS_MOST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """
    A straight scale from numbers to pixels.

    Units   `low` stands at `start` and `high` at `end`, in pixels; what is outside is drawn at the nearer end.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, number: Number) -> float:
        share = (clamped(number) - self.low) / (self.high - self.low)
        return self.start + (self.end - self.start) * min(max(share, 0.0), 1.0)


def scale_of(
    numbers: Iterable[Number], *, start: float, end: float, within: tuple[float, float] | None = None
) -> Scale:
    """
    Return the scale on which all of these numbers can be seen, with a little room at both ends.

    Shape   `numbers`: may be empty, one, or all the same. `within`: bounds that the room never exceeds, such as 0 and
            100 of a score, unless a number does.
    """
    found = [clamped(number) for number in numbers]
    low, high = (min(found), max(found)) if found else (within or (0.0, 1.0))
    if _too_near(low, high):
        room = max(abs(high) * _ROOM, 1.0)
    else:
        room = (high - low) * _ROOM
    lower, upper = low - room, high + room
    if within is not None:
        lower, upper = max(lower, min(within[0], low)), min(upper, max(within[1], high))
        if _too_near(lower, upper):
            lower, upper = lower - 1.0, upper + 1.0
    return Scale(low=lower, high=upper, start=start, end=end)


def ticks(low: float, high: float, *, most: int = 5) -> list[float]:
    """
    Return round numbers from `low` to `high`, about `most` of them.

    >>> ticks(0, 97), ticks(-0.3, 0.32, most=4)
    ([0.0, 20.0, 40.0, 60.0, 80.0], [-0.2, 0.0, 0.2])
    """
    raw = (high - low) / max(most, 1)
    if not math.isfinite(raw) or raw <= sys.float_info.min:
        return [low]
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((power * factor for factor in _STEPS if power * factor >= raw * 0.999), power * 10)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    decimals = max(0, 1 - math.floor(math.log10(step)))
    found = [round(number * step, decimals) + 0.0 for number in range(first, min(last, first + _TICKS_MOST) + 1)]
    return list(dict.fromkeys(found))


def clamped(number: Number) -> float:
    """Return a number as a float that can be calculated with; what is too large is as large as can be."""
    try:
        found = float(number)
    except OverflowError:
        found = _LARGEST if number > 0 else -_LARGEST
    if math.isnan(found):
        return 0.0
    return min(max(found, -_LARGEST), _LARGEST)


def _too_near(low: float, high: float) -> bool:
    return high - low <= max(abs(low), abs(high)) * 1e-12 or high - low < 1e-290

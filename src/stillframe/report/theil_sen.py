"""The Theil–Sen slope of a series, and whether its sign is sure: a trend that one odd value cannot make."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from statistics import median
from typing import Final

PAIRS_OF_MOST: Final = 60
"""Of more points, buckets are compared: the pairs of 8,760 points are 38 million, and a page asks for twelve series."""
_SURE: Final = 1.959963984540054
"""Standard deviations that a normal variable exceeds, to either side, in 5 % of all cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """
    How a series runs.

    Shape   `is_sure`: whether Kendall's test says, at the level of 5 %, that it rises or falls at all.
    Units   `slope`: the values' unit for one unit of time.
    """

    slope: float
    is_sure: bool


def theil_sen(times: Sequence[float], values: Sequence[float]) -> Slope:
    """
    Return the median slope of all pairs of points, and whether more of them rise than fall beyond chance.

    Pairs at one time have no slope and count for neither side.

    Shape   As many values as times.
    Errors  ValueError if no two times differ.
    Source  Sen (1968), Estimates of the regression coefficient based on Kendall's tau; the variance of S corrected for
            ties as in Hollander and Wolfe (1999), section 8.1. Values that depend on their predecessors make it surer
            than it is, which is why callers ask for a least size too.
    """
    points = zip(times, values, strict=True)
    slopes = sorted((y - v) / (x - u) for (u, v), (x, y) in combinations(points, 2) if x != u)
    if not slopes:
        raise ValueError("a slope needs two times that differ")
    balance = len(slopes) - bisect_right(slopes, 0.0) - bisect_left(slopes, 0.0)
    deviation = sqrt(_variance(values))
    is_sure = deviation > 0 and (abs(balance) - 1) / deviation > _SURE
    return Slope(slope=median(slopes), is_sure=is_sure)


def _variance(values: Sequence[float]) -> float:
    """Return the variance of Kendall's S for values in any order."""
    ties = (count for count in Counter(values).values() if count > 1)
    return max(_weight(len(values)) - sum(map(_weight, ties)), 0) / 18


def _weight(count: int) -> int:
    return count * (count - 1) * (2 * count + 5)

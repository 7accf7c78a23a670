"""Down-sampling: a long series in a given number of points, of which none hides an extreme."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat
from math import fsum
from operator import gt, itemgetter, lt, truediv
from typing import Any, TypeAlias

from stillframe.errors import InvalidInput

Values: TypeAlias = Sequence[float | None]
"""A metric's values, one for each time; None where it had none."""
Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """
    What one metric was in each bucket.

    Shape   One entry a bucket in every column; all None where the metric had no value in it.
    """

    average: list[float | None]
    lowest: list[float | None]
    highest: list[float | None]
    first: list[float | None]
    last: list[float | None]

    def as_dict(self) -> dict[str, list[float | None]]:
        return {
            "avg": self.average,
            "min": self.lowest,
            "max": self.highest,
            "first": self.first,
            "last": self.last,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """
    Several metrics in buckets of time.

    Shape   `starts` and `ends`: the first and last time that each bucket holds, oldest first. `counts`: how many times
            it holds.
    Units   Times as they were given.
    """

    starts: list[int]
    ends: list[int]
    counts: list[int]
    metrics: Mapping[str, Sampled]

    def as_dict(self) -> dict[str, Any]:
        return {
            "from": self.starts,
            "to": self.ends,
            "count": self.counts,
            "metrics": {name: found.as_dict() for name, found in self.metrics.items()},
        }


def downsampled(times: Sequence[int], columns: Mapping[str, Values], *, points: int) -> Sampling:
    """
    Return the average, lowest, highest, first and last value of each metric in at most `points` buckets.

    The buckets are equal spans of time; one in which nothing was captured is left out, so a gap stays a gap.

    Shape   `times`: oldest first, equal ones allowed. `columns`: each as long as `times`.
    Units   `times` in any whole unit, such as milliseconds since 1970.
    Errors  InvalidInput if `points` is less than 1; ValueError if a column is of another length.
    """
    if points < 1:
        raise InvalidInput.at("$.points", f"{points} is too few; a series has 1 point or more")
    if any(len(found) != len(times) for found in columns.values()):
        raise ValueError("every column needs a value or None for each time")
    spans = _spans(times, points)
    return Sampling(
        starts=[times[begin] for begin, _ in spans],
        ends=[times[end - 1] for _, end in spans],
        counts=[end - begin for begin, end in spans],
        metrics={name: _sampled(found, spans) for name, found in columns.items()},
    )


def _spans(times: Sequence[int], points: int) -> list[Span]:
    """Return where each bucket that holds anything begins and ends."""
    if not times:
        return []
    if len(times) <= points:
        return [(place, place + 1) for place in range(len(times))]
    first, length = times[0], times[-1] - times[0] + 1
    bounds = (first + -(-length * number // points) for number in range(1, points))
    edges = dict.fromkeys([0, *(bisect_left(times, bound) for bound in bounds), len(times)])
    return list(pairwise(edges))


def _sampled(values: Values, spans: Sequence[Span]) -> Sampled:
    """Take every bucket's figures in passes of C; a value that is absent costs its own column a slower pass."""
    if len(spans) == len(values):
        alone = list(values)
        return Sampled(average=alone, lowest=alone, highest=alone, first=alone, last=alone)
    parts: list[Sequence[Any]] = [values[begin:end] for begin, end in spans]
    if None in values:
        parts = [[value for value in part if value is not None] for part in parts]
    if all(parts):
        return _whole(parts)
    found = _whole(list(filter(None, parts)))
    return Sampled(**{name: _spread(getattr(found, name), parts) for name in Sampled.__slots__})


def _whole(parts: Sequence[Sequence[float]]) -> Sampled:
    """Return the figures of parts none of which is empty."""
    lowest, highest = list(map(min, parts)), list(map(max, parts))
    average = list(map(truediv, map(sum, parts), map(len, parts)))
    # Rounding may carry the mean of equal numbers past them, and a sum of huge ones has no end.
    if any(map(gt, average, highest)) or any(map(lt, average, lowest)):
        average = [
            min(max(_exact_mean(part), low), high) for part, low, high in zip(parts, lowest, highest, strict=True)
        ]
    return Sampled(
        average=[*average],
        lowest=[*lowest],
        highest=[*highest],
        first=list(map(itemgetter(0), parts)),
        last=list(map(itemgetter(-1), parts)),
    )


def _spread(found: Sequence[float | None], parts: Sequence[Sequence[Any]]) -> list[float | None]:
    """Return the figures at the places of the parts that have any, None at the others."""
    following = iter(found)
    return [next(following) if part else None for part in parts]


def mean(values: Sequence[float]) -> float:
    """
    Return the mean of at least one number; it lies between the lowest and the highest, however large they are.

    >>> mean([1, 2]), mean([1.7e308, 1.7e308])
    (1.5, 1.7e+308)
    """
    return min(max(_exact_mean(values), min(values)), max(values))


def _exact_mean(values: Sequence[float]) -> float:
    try:
        return fsum(values) / len(values)
    except OverflowError:
        return fsum(map(truediv, values, repeat(len(values))))

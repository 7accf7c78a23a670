"""Which limit would give about so many notices: candidates from what was observed, and the search among them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import exp, inf, log, sqrt

from stillframe.model.payload import Number
from stillframe.rules.conditions import Rule, least_size
from stillframe.rules.facts import Facts
from stillframe.rules.limits import LimitNode, Sway, reaches_of, sways_of

WANTED_PER_MONTH = (1, 4, 30)
ABOUT = 1.5
"""A rate is about another if neither is more than so many times the other."""
_LEAST_STEP = 1.3
"""A limit beyond all that were tried is at least so many times the last one, or that part of it."""
_ROUNDING = 0.1
"""How far from its estimate a limit may be rounded, as a share of it."""
_FEW = 0.5
"""What no notice at all counts as where a limit is estimated from two counts."""
_ALL_DIGITS = 17
_WHOLE_MOST = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """
    What one judged snapshot says of a rule's limits.

    Shape   For each condition with a limit, in the order of `limit_nodes`, the greatest limit that it would have met,
            and what depends on it.
    """

    reaches: tuple[Number | None, ...]
    sways: tuple[Sway, ...]


def sample_of(facts: Facts, rule: Rule) -> Sample:
    """Return what a diff says of a rule's limits."""
    return Sample(reaches=reaches_of(facts, rule), sways=sways_of(facts, rule))


@dataclass(frozen=True, kw_only=True)
class Observed:
    """
    What was observed of one limit.

    Shape   `met_by`: of the snapshots at which the rule hangs on this condition, how far each reached; `missed_by`: of
            those at which it hangs on its opposite. `always`: at so many the rule is true whatever the limit.
    """

    node: LimitNode
    met_by: Sequence[Number]
    missed_by: Sequence[Number]
    always: int

    @classmethod
    def of(cls, node: LimitNode, samples: Iterable[Sample], *, place: int) -> Observed:
        """Return what samples say of the limit at `place`."""
        seen = [(sample.reaches[place], sample.sways[place]) for sample in samples]
        return cls(
            node=node,
            met_by=sorted(reach for reach, sway in seen if sway == "if_met" and reach is not None),
            missed_by=sorted(reach for reach, sway in seen if sway == "unless_met" and reach is not None),
            always=sum(sway == "always" for _, sway in seen),
        )

    @cached_property
    def limits(self) -> list[Number]:
        """A limit for each answer that is possible, least first: of all that give the same, the roundest."""
        sizes = sorted({size for size in (*self.met_by, *self.missed_by) if 0 < size < inf})
        return [_between(low, high, counts=self.node.counts) for low, high in zip([0, *sizes], sizes, strict=False)]

    def matches(self, limit: Number) -> int:
        """Return at how many of these snapshots the rule would be true with another limit."""
        least = least_size(limit)
        met = len(self.met_by) - bisect_left(self.met_by, least)
        return self.always + met + bisect_left(self.missed_by, least)

    def nearest(self, wanted: float) -> Tried | None:
        """Return the limit that gives the count nearest to `wanted`, of two the greater; None if none is about it."""
        tried = (Tried(limit=limit, notices=self.matches(limit)) for limit in reversed(self.limits))
        return found_among(tried, wanted=wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A limit, and how many notices it gives in a period."""

    limit: Number
    notices: int


def found_among(tried: Iterable[Tried], *, wanted: float) -> Tried | None:
    """Return the limit that gives the count nearest to `wanted`, or None if none is about it."""
    found = min(tried, key=lambda one: abs(one.notices - wanted), default=None)
    return found if found is not None and is_about(found.notices, wanted) else None


def next_limit(observed: Observed, tried: Sequence[Tried], *, wanted: float) -> Number | None:
    """
    Return the limit to try next on the way to about `wanted` notices; None where none is left.

    Where what is told depends on what was told before, nothing but trying says what a limit gives; but more is told
    with a smaller limit, and what adds up like a random walk is told of with the inverse square of it.

    Shape   `tried`: with all else the same; at least one, and none of them about `wanted`.
    """
    turned = observed.node.path.count(".NOT") % 2 == 1
    small = [one for one in tried if (one.notices > wanted) is not turned]
    great = [one for one in tried if (one.notices > wanted) is turned]
    low = max(small, key=lambda one: one.limit, default=None)
    high = min(great, key=lambda one: one.limit, default=None)
    return _inside(_estimated(observed, low, high, wanted=wanted), low, high, counts=observed.node.counts)


def _estimated(observed: Observed, low: Tried | None, high: Tried | None, *, wanted: float) -> float:
    if low is not None and low.limit <= 0:
        return min(observed.limits, default=0)
    if low is not None and high is not None:
        more, fewer = log(max(low.notices, _FEW)), log(max(high.notices, _FEW))
        share = (more - log(wanted)) / (more - fewer) if more != fewer else 0.5
        return exp(log(low.limit) + share * (log(high.limit) - log(low.limit)))
    if low is not None:
        return low.limit * max(sqrt(max(low.notices, _FEW) / wanted), _LEAST_STEP)
    assert high is not None
    return high.limit * min(sqrt(max(high.notices, _FEW) / wanted), 1 / _LEAST_STEP)


def _inside(limit: float, low: Tried | None, high: Tried | None, *, counts: bool) -> Number | None:
    """Return a limit between two as one would write it, as near to the estimate as there is; None if there is none."""
    least, most = 0 if low is None else low.limit, inf if high is None else high.limit
    if counts:
        whole = min(max(round(limit), int(least) + 1), *([] if high is None else [int(most) - 1]), 2**31)
        return whole if least < whole < most else None
    for digits in (1, 2, 3):
        rounded = float(f"{limit:.{digits}g}")
        if least < rounded < most and abs(rounded - limit) <= _ROUNDING * limit:
            return rounded
    return None


def is_about(notices: float, wanted: float) -> bool:
    """
    Say whether one count is about another.

    >>> is_about(5, 4), is_about(7, 4), is_about(0, 0.4)
    (True, False, False)
    """
    return wanted / ABOUT <= notices <= wanted * ABOUT


def _between(low: Number, high: Number, *, counts: bool) -> Number:
    """Return the number of fewest digits that is above `low` and at most `high`, as a limit sees them."""
    if counts:
        return high
    exact = Decimal(repr(high))
    for digits in range(1, _ALL_DIGITS):
        step = Decimal(1).scaleb(exact.adjusted() - digits + 1)
        rounded = exact // step * step
        if low < least_size(float(rounded)):
            return int(rounded) if rounded == rounded.to_integral_value() < _WHOLE_MOST else float(rounded)
    return high

"""Which limits of a rule would give about one, four and thirty notices a month: each tried on the whole past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from stillframe.flows.preview_run import Course, Stage, run
from stillframe.model.payload import Number
from stillframe.rules.limits import LimitNode, limit_nodes, with_limit
from stillframe.rules.rehearsal import Part
from stillframe.rules.suggesting import ABOUT, WANTED_PER_MONTH, Observed, Sample, Tried, found_among, next_limit

MOST_ROUNDS = 6
MOST_COMPARED = 3_000
"""Pairs of snapshots that a search may compare; what is not found by then is said not to be searched to its end."""
MOST_NODES = 8
"""Of a rule with more limits the first so many are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """
    A limit that gives about so many notices a month.

    Shape   `limit`, `notices`: None where none was found. `searched`: that is because there is none; not so where the
            search was given up.
    """

    per_month: int
    limit: Number | None = None
    notices: int | None = None
    searched: bool = True

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """What was found for one limit of a rule."""

    node: LimitNode
    suggestions: tuple[Suggestion, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "path": self.node.path,
            "member": self.node.member,
            "limit": self.node.limit,
            "suggestions": [found.as_dict() for found in self.suggestions],
        }


def suggested_limits(
    stage: Stage, part: Part, *, samples: Sequence[Sample], notices: int, months: float
) -> tuple[Suggested, ...]:
    """
    Search the limits that give about what people want, with all other manners as they are.

    Where a notice depends on nothing but its own two snapshots, those that were compared already say how many another
    limit gives. Everywhere else each limit goes through the past with the live code.

    Shape   `samples`, `notices`: what was observed and told when the rule itself went through.
    """
    nodes = limit_nodes(part.rule)[:MOST_NODES]
    seen = [Observed.of(node, samples, place=place) for place, node in enumerate(nodes)]
    if not months:
        return tuple(Suggested(node=node, suggestions=_NONE) for node in nodes)
    if _is_memoryless(part):
        exact = [[_said(wanted, one.nearest(wanted * months)) for wanted in WANTED_PER_MONTH] for one in seen]
        return tuple(Suggested(node=node, suggestions=tuple(found)) for node, found in zip(nodes, exact, strict=True))
    search = _Search(stage=stage, part=part, seen=seen, months=months, most=len(samples), notices=notices)
    for _ in range(MOST_ROUNDS):
        if not search.go_on():
            break
    return search.suggested()


_NONE = tuple(Suggestion(per_month=wanted) for wanted in WANTED_PER_MONTH)


class _Search:
    """The limits of one rule, each tried until it gives about what is wanted, or there is nothing left to try."""

    def __init__(
        self, *, stage: Stage, part: Part, seen: Sequence[Observed], months: float, most: int, notices: int
    ) -> None:
        self._stage = stage
        self._part = part
        self._seen = seen
        self._wanted = {wanted: wanted * months for wanted in WANTED_PER_MONTH}
        self._most = most
        self._tried = {one.node.path: [Tried(limit=one.node.limit, notices=notices)] for one in seen}
        self._compared = 0

    def go_on(self) -> bool:
        """Try what is to be tried next, all of it on one way through the past; False if there is nothing."""
        limits = sorted({(path, limit) for path, wanted in self._open() if (limit := self._next(path, wanted))})
        if not limits or self._compared >= MOST_COMPARED:
            return False
        counts, compared = _tried(self._stage, self._part, limits)
        self._compared += compared
        for (path, limit), notices in counts.items():
            self._tried[path].append(Tried(limit=limit, notices=notices))
        return True

    def suggested(self) -> tuple[Suggested, ...]:
        """Return what was found."""
        left = {(path, wanted) for path, wanted in self._open() if self._next(path, wanted)}
        return tuple(
            Suggested(
                node=one.node,
                suggestions=tuple(
                    _said(per_month, self._found(one.node.path, wanted), searched=(one.node.path, wanted) not in left)
                    for per_month, wanted in self._wanted.items()
                ),
            )
            for one in self._seen
        )

    def _open(self) -> list[tuple[str, float]]:
        """Return what is not found yet, of what so many snapshots can give at all."""
        possible = [wanted for wanted in self._wanted.values() if wanted <= self._most * ABOUT]
        return [(path, wanted) for path in self._tried for wanted in possible if not self._found(path, wanted)]

    def _found(self, path: str, wanted: float) -> Tried | None:
        return found_among(self._tried[path], wanted=wanted)

    def _next(self, path: str, wanted: float) -> Number | None:
        observed = next(one for one in self._seen if one.node.path == path)
        return next_limit(observed, self._tried[path], wanted=wanted)


def _is_memoryless(part: Part) -> bool:
    return part.standing.baseline == "previous" and part.standing.calm.is_none


def _tried(stage: Stage, part: Part, limits: Sequence[tuple[str, Number]]) -> tuple[dict[tuple[str, Number], int], int]:
    """Return how many notices each limit gives, all of them tried on one way through the past."""
    course, counts = Course(), dict.fromkeys(limits, 0)
    parts = [replace(part, rule=with_limit(part.rule, path, limit)) for path, limit in limits]
    for scene in run(stage, parts, course):
        if scene.step.kind is not None:
            counts[limits[scene.place]] += 1
    return counts, course.compared


def _said(per_month: int, found: Tried | None, *, searched: bool = True) -> Suggestion:
    if found is None:
        return Suggestion(per_month=per_month, searched=searched)
    return Suggestion(per_month=per_month, limit=found.limit, notices=found.notices)

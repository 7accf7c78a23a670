"""Finds the stretch of a list that lies behind many rows, by what lies before a few moments and never row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import median_low

from stillframe.store.moments import ENDLESS, Cut, Moments, Place

_MARGIN_ROWS = 100
"""A moment is near enough when so few rows, or two for each dashboard, lie between it and what is looked for."""
_ASKED_DASHBOARDS = 64
"""So many say when they were where the search wants to go; their median is good enough for the next moment."""
_HALVE_EVERY = 3
_GOLDEN = 0.618033988749895
"""Spreads how parts of a record are rounded: dashboards that all speak at the same rate would all err to one side."""
_NOTHING = Cut(time=-ENDLESS, sequences={}, records=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """
    A part of a list that holds a page.

    Shape   It begins after the place `after` and holds what is not older than `edge`; the page comes after `passed`
            rows of it. `dashboards`: those that have a record in it.
    Units   `edge`: milliseconds since 1970.
    """

    after: Place
    passed: int
    edge: int
    dashboards: Sequence[int]


def find_stretch(moments: Moments, *, offset: int, taken: int) -> Stretch | None:
    """
    Return a stretch with the rows that come after so many, and few others; None if there are not so many rows.

    Every moment that is tried costs one look-up in an index for each dashboard, and two or three are tried where
    dashboards speak about equally often. Where they do not, the records in question still shrink at each third try.
    """
    newest = moments.cut(ENDLESS)
    total = newest.records
    if offset >= total:
        return None
    margin = max(_MARGIN_ROWS, 2 * len(newest.sequences))
    last = min(offset + taken, total)

    def newer(cut: Cut) -> int:
        return total - cut.records

    search = _Search(moments, newer)
    late, early = search.narrow(
        newest, _NOTHING, rank=offset, aim=offset - margin / 2, is_near=lambda: offset - newer(search.late) <= margin
    )
    after, inside = late, newer(early) < last
    late, early = search.narrow(
        early if inside else late,
        _NOTHING if inside else early,
        rank=last - 1,
        aim=last + margin / 2,
        is_near=lambda: newer(search.early) - last <= margin,
    )
    return Stretch(
        after=Place(after.time, ENDLESS, 0),
        passed=offset - newer(after),
        edge=early.time + 1,
        dashboards=[key for key, top in after.sequences.items() if top > early.sequences.get(key, 0)],
    )


class _Search:
    """Two moments with a place in the list between them, which come nearer to each other."""

    def __init__(self, moments: Moments, newer: Callable[[Cut], int]) -> None:
        self._moments = moments
        self._newer = newer
        self.late = self.early = _NOTHING

    def narrow(self, late: Cut, early: Cut, *, rank: int, aim: float, is_near: Callable[[], bool]) -> tuple[Cut, Cut]:
        """Return moments with at most `rank` rows newer than the late one, and more newer than the early one."""
        self.late, self.early = late, early
        tries = 0
        while not is_near() and self.late.time - self.early.time > 1:
            passed, between = self._newer(self.late), self._newer(self.early) - self._newer(self.late)
            tries += 1
            share = 0.5 if tries % _HALVE_EVERY == 0 else min(max((aim - passed) / between, 0.0), 1.0)
            time = min(max(self._time_at(share), self.early.time + 1), self.late.time - 1)
            cut = self._moments.cut(time)
            if self._newer(cut) <= rank:
                self.late = cut
            else:
                self.early = cut
        return self.late, self.early

    def _time_at(self, share: float) -> int:
        """Return the middle of what dashboards say of when so large a share of their records between was still new."""
        places = [
            (key, top - int((top - bottom - 1) * share + number * _GOLDEN % 1))
            for number, (key, bottom, top) in enumerate(self._asked())
        ]
        return median_low(self._moments.times_of(places))

    def _asked(self) -> Iterator[tuple[int, int, int]]:
        """Yield dashboards with how far their records between reach, each as often as its share of them is large."""
        spans = [
            (key, bottom, top)
            for key, top in self.late.sequences.items()
            if top > (bottom := self.early.sequences.get(key, 0))
        ]
        ends = list(accumulate(top - bottom for _, bottom, top in spans))
        asked = min(_ASKED_DASHBOARDS, len(spans))
        place = 0
        for number in range(asked):
            wanted = (number + 0.5) * ends[-1] / asked
            while ends[place] < wanted:
                place += 1
            yield spans[place]

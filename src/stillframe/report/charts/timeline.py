"""The time axis that charts share: a scale from milliseconds to pixels, with a few round times below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from stillframe.report.charts.calendar_ticks import time_of, time_ticks
from stillframe.report.charts.canvas import HAIR, MUTED, SMALL, Layer, rules, texts
from stillframe.report.charts.words import ChartWords

_PIXELS_A_TICK: Final = 84


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """
    A straight scale of times.

    Units   `first` and `last` in milliseconds since 1970, `start` and `end` in pixels.
    """

    first: int
    last: int
    start: float
    end: float

    def __call__(self, moment: int) -> float:
        if self.first == self.last:
            return (self.start + self.end) / 2
        return self.start + (self.end - self.start) * (moment - self.first) / (self.last - self.first)

    def axis(self, words: ChartWords, *, top: float, foot: float) -> Iterator[Layer | None]:
        """Return a light line and a text at each round time."""
        places, grain = time_ticks(self.first, self.last, most=max(int((self.end - self.start) / _PIXELS_A_TICK), 2))
        if len(places) < 2:
            places, grain = list(dict.fromkeys([self.first, self.last])), "hour"
        spots = [{"x": self(place), "y": top, "x2": self(place), "y2": foot} for place in places]
        yield rules(spots, stroke=HAIR)
        for place in places:
            x = self(place)
            align = "left" if x < self.start + 30 else "right" if x > self.end - 30 else "center"
            said = [{"x": x, "y": foot + 11, "text": words.time(time_of(place), grain)}]
            yield texts(said, fontSize=SMALL - 1, fill=MUTED, align=align)


def timeline(times: Sequence[int], *, start: float, end: float) -> Timeline:
    """Return the scale on which all of these times lie; they may be none, one, or all the same."""
    return Timeline(first=min(times, default=0), last=max(times, default=0), start=start, end=end)

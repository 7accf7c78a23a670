"""Dumbbells: the old and the new value of each metric or dimension, sorted by how far it moved."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stillframe.model.delta import State
from stillframe.model.payload import Number
from stillframe.report.charts.canvas import (
    BAND,
    DOWN,
    HAIR,
    INK,
    MUTED,
    PAPER,
    QUIET,
    SMALL,
    TEXT,
    UP,
    WIDTH,
    Chart,
    Layer,
    boxes,
    chart,
    note,
    points,
    rules,
    texts,
)
from stillframe.report.charts.lettering import fitted, width_of
from stillframe.report.charts.scales import Scale, clamped, scale_of, ticks
from stillframe.report.charts.words import ENGLISH, ChartWords
from stillframe.report.figures import name

ROWS_MOST: Final = 24
_FARTHEST: Final = 1.0
_NEAREST: Final = 0.02
_FITTING: Final = 0.75
"""So large a part of the changes lies inside the scale; the others are arrows at its edge, or hide all small ones."""
_TOLD_SHARE_MOST: Final = 10.0
"""A change by more than ten times the old value is only said to be up or down."""
_SHARES_MOST: Final = 1e12
_TOLD_MOST: Final = 5
_SAID_MOST: Final = 60

_STEP: Final = 25
_TOP: Final = 8
_AXIS: Final = 22
_NOTE: Final = 22
_NAME_SHARE: Final = 0.28
_VALUES: Final = 118
_SHARE: Final = 74
_COLOURS: Final = {"improved": UP, "regressed": DOWN, "unchanged": MUTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dumbbell:
    """
    One metric or dimension in two snapshots.

    Shape   `old`, `new`: None where it has no value. `state` gives the colour. `limit`: what a gate allows, if any.
    Units   `tolerance` and `limit` in the metric's own unit.
    """

    name: str
    old: Number | None
    new: Number | None
    state: State
    tolerance: float = 0.0
    limit: Number | None = None

    @property
    def share(self) -> float | None:
        """How far it moved, as a fraction of its old value; None where that is no number."""
        if self.old is None or self.new is None or (not self.old and self.new):
            return None
        return _share_at(self.new, old=self.old)


def dumbbells(
    rows: Sequence[Dumbbell],
    *,
    within: tuple[float, float] | None = None,
    words: ChartWords = ENGLISH,
    width: int = WIDTH,
) -> Chart:
    """
    Return old ○──● new for each row, the largest change first, the tolerance as a grey band, a limit as a tick.

    Shape   `within`: the bounds of one scale that all rows share, such as 0 and 100 of scores; without it each row is
            drawn as the change relative to its own old value, since metrics have units of their own.
    Units   `width` in pixels.
    """
    drawn = sorted(rows, key=_by_size(by_value=within is not None))[:ROWS_MOST]
    canvas = _Canvas(drawn, within=within, words=words, width=width)
    height = _TOP + len(drawn) * _STEP + _AXIS
    layers = [*canvas.axis(height - _AXIS), *canvas.bells(), *canvas.labels()]
    if drawn:
        layers += canvas.legend(height + 8, total=len(rows))
        height += _NOTE
    else:
        layers.append(texts([{"x": width / 2, "y": height - 12, "text": words.nothing}], fill=MUTED))
        height += _TOP
    return chart(layers, width=width, height=height, alt=_alt(rows, words, by_value=within is not None))


def _by_size(*, by_value: bool) -> Callable[[Dumbbell], tuple[int, float]]:
    """Sort by the size of the change; what came from zero first of all, what is missing on a side last."""

    def key(row: Dumbbell) -> tuple[int, float]:
        if row.old is None or row.new is None:
            return (2, 0.0)
        if by_value:
            return (1, -abs(clamped(row.new) - clamped(row.old)))
        return (0, 0.0) if row.share is None else (1, -abs(row.share))

    return key


class _Canvas:
    def __init__(
        self,
        rows: Sequence[Dumbbell],
        *,
        within: tuple[float, float] | None,
        words: ChartWords,
        width: int,
    ) -> None:
        self._rows = rows
        self._words = words
        self._width = width
        self._by_value = within is not None
        self._names = width * _NAME_SHARE
        self._reach = _reach(rows)
        places = [place for row in rows for place in self._own_places(row)]
        self._scale: Scale = scale_of(
            places if self._by_value else [*places, 0.0],
            start=self._names + 20,
            end=width - _VALUES - _SHARE - 20,
            within=within,
        )

    def axis(self, foot: float) -> Iterator[Layer | None]:
        """Return light lines at round numbers, and the line of no change where that is one."""
        found = ticks(self._scale.low, self._scale.high, most=4)
        places = [{"x": self._scale(tick), "y": _TOP - 4, "x2": self._scale(tick), "y2": foot} for tick in found]
        said = [{"x": self._scale(tick), "y": foot + 10, "text": self._tick(tick)} for tick in found]
        yield rules(places, stroke=HAIR)
        yield texts(said, fontSize=SMALL - 1, fill=MUTED, align="center")
        if not self._by_value:
            zero = self._scale(0)
            yield rules([{"x": zero, "y": _TOP - 4, "x2": zero, "y2": foot}], stroke=QUIET)

    def bells(self) -> Iterator[Layer | None]:
        """Return bands, limits, bars and dots, in this order from the back."""
        yield boxes([box for row, y in self._numbered() for box in self._band(row, y)], fill=BAND, cornerRadius=2)
        limits = [{"x": x, "x2": x, "y": y - 9, "y2": y + 9} for row, y in self._numbered() for x in self._limit(row)]
        yield rules(limits, stroke=INK, strokeWidth=1.5)
        for state, colour in _COLOURS.items():
            rows = [(row, y) for row, y in self._numbered() if row.state == state]
            dash = {"strokeDash": [5, 2.5]} if state == "regressed" else {}
            bars = [bar for row, y in rows for bar in self._bar(row, y)]
            yield rules(bars, stroke=colour, strokeWidth=2, **dash)
            old = [dot for row, y in rows for dot in self._dot(row, row.old, y)]
            yield points(old, filled=True, fill=PAPER, stroke=colour, size=48)
            new = [(row, dot) for row, y in rows for dot in self._dot(row, row.new, y)]
            yield points([dot for row, dot in new if not self._leaves(row)], fill=colour, size=64)
            for way, shape in ((1, "triangle-right"), (-1, "triangle-left")):
                leaving = [
                    dot for row, dot in new if self._leaves(row) and ((row.new or 0) > (row.old or 0)) is (way > 0)
                ]
                yield points(leaving, fill=colour, shape=shape, size=90)

    def labels(self) -> Iterator[Layer | None]:
        """Return names, old and new as figures, and by how much."""
        room, right = self._names - 12, self._width - 8
        names = [
            {"x": self._names, "y": y, "text": fitted(row.name, width=room, size=TEXT)} for row, y in self._numbered()
        ]
        yield texts(names, align="right")
        values = [
            {"x": right - _SHARE, "y": y, "text": fitted(_moved(row, self._words), width=_VALUES + 8, size=TEXT)}
            for row, y in self._numbered()
        ]
        yield texts(values, align="right", fill=MUTED)
        for state, colour in _COLOURS.items():
            marks = [
                {
                    "x": right,
                    "y": y,
                    "text": text,
                }
                for row, y in self._numbered()
                if row.state == state and (text := _change(row, self._words, by_value=self._by_value))
            ]
            yield texts(marks, align="right", fill=colour, fontSize=SMALL, fontWeight="bold")

    def legend(self, y: float, *, total: int) -> Iterator[Layer | None]:
        """Return what the signs mean, of those that are there, and how many rows are left out."""
        words, x = self._words, 14.0
        has_band, has_limit = any(row.tolerance for row in self._rows), any(row.limit is not None for row in self._rows)
        signs: list[tuple[str, Callable[[float], Layer | None]]] = [
            (words.before, lambda x: points([{"x": x, "y": y}], fill=PAPER, stroke=MUTED, size=40)),
            (words.after, lambda x: points([{"x": x, "y": y}], fill=MUTED, size=52)),
        ]
        if has_band:
            signs.append((words.tolerance, lambda x: boxes([{"x": x - 5, "x2": x + 5, "y": y - 7, "y2": y + 7}])))
        if has_limit:
            signs.append((words.limit, lambda x: rules([{"x": x, "x2": x, "y": y - 7, "y2": y + 7}], stroke=INK)))
        for text, sign in signs:
            yield sign(x)
            yield note([text], x=x + 10, y=y)
            x += 30 + width_of(text, size=SMALL)
        if len(self._rows) < total:
            yield note([words.shown(len(self._rows), total)], x=x, y=y)

    def _numbered(self) -> Iterator[tuple[Dumbbell, float]]:
        for number, row in enumerate(self._rows):
            yield row, _TOP + (number + 0.5) * _STEP

    def _own_places(self, row: Dumbbell) -> list[float]:
        if self._by_value:
            return [clamped(value) for value in (row.old, row.new, row.limit) if value is not None]
        return [self._place(row, row.new or 0)] if row.share is not None else []

    def _band(self, row: Dumbbell, y: float) -> Iterator[dict[str, Any]]:
        if not row.tolerance or row.old is None or (not self._by_value and not row.old):
            return
        old = clamped(row.old)
        left, right = (self._x(row, old + way * clamped(row.tolerance)) for way in (-1, 1))
        yield {"x": left - 1, "x2": right + 1, "y": y - 8, "y2": y + 8}

    def _limit(self, row: Dumbbell) -> Iterator[float]:
        if row.limit is not None and (self._by_value or row.old):
            yield self._x(row, row.limit)

    def _bar(self, row: Dumbbell, y: float) -> Iterator[dict[str, Any]]:
        if row.old is not None and row.new is not None:
            yield {"x": self._x(row, row.old), "x2": self._end(row), "y": y, "y2": y}

    def _dot(self, row: Dumbbell, value: Number | None, y: float) -> Iterator[dict[str, Any]]:
        if value is None or (not self._by_value and (row.old is None or row.new is None)):
            return
        x = self._end(row) if value is row.new else self._x(row, value)
        yield {"x": x, "y": y, "said": f"{name(row.name, most=_SAID_MOST)}: {_moved(row, self._words)}"}

    def _end(self, row: Dumbbell) -> float:
        """Return where the new value is; what came from zero lies at the edge on its own side."""
        if not self._by_value and row.share is None:
            return self._scale(math.copysign(self._reach, row.new or 0))
        return self._x(row, row.new or 0)

    def _leaves(self, row: Dumbbell) -> bool:
        """Say whether the new value lies beyond the edge."""
        if self._by_value or row.old is None or row.new is None:
            return False
        return row.share is None or abs(row.share) > self._reach

    def _x(self, row: Dumbbell, value: Number) -> float:
        return self._scale(self._place(row, value))

    def _place(self, row: Dumbbell, value: Number) -> float:
        if self._by_value:
            return clamped(value)
        return min(max(_share_at(value, old=row.old or 0), -self._reach), self._reach)

    def _tick(self, tick: float) -> str:
        if self._by_value:
            return self._words.figure(tick)
        return self._words.signed_percent(tick) if tick else "0"


def _moved(row: Dumbbell, words: ChartWords) -> str:
    if row.old is not None and row.new is not None:
        return words.moved(*words.figures_apart(row.old, row.new))
    before, after = (words.no_value if value is None else words.figure(value) for value in (row.old, row.new))
    return words.moved(before, after)


def _change(row: Dumbbell, words: ChartWords, *, by_value: bool) -> str:
    """Return the change with an arrow for the way that the value went; its colour says whether that is good."""
    if row.old is None or row.new is None or row.old == row.new:
        return ""
    arrow = "▲" if row.new > row.old else "▼"
    if by_value:
        return f"{arrow} {words.figure(abs(clamped(row.new) - clamped(row.old)))}"
    told = row.share is not None and abs(row.share) <= _TOLD_SHARE_MOST
    return f"{arrow} {words.signed_percent(row.share or 0)}" if told else arrow


def _share_at(value: Number, *, old: Number) -> float:
    base = clamped(old)
    return min(max((clamped(value) - base) / abs(base), -_SHARES_MOST), _SHARES_MOST) if base else 0.0


def _reach(rows: Sequence[Dumbbell]) -> float:
    """Return how far a scale of relative changes goes to either side."""
    shares = sorted(abs(row.share) for row in rows if row.share)
    usual = shares[int((len(shares) - 1) * _FITTING)] if shares else 0.0
    return min(max(usual, _NEAREST), _FARTHEST)


def _alt(rows: Sequence[Dumbbell], words: ChartWords, *, by_value: bool) -> str:
    """Say the largest changes, the largest first."""
    moved = sorted((row for row in rows if row.old != row.new), key=_by_size(by_value=by_value))
    said = [f"{name(row.name, most=_SAID_MOST)} {_moved(row, words)}" for row in moved[:_TOLD_MOST]]
    if len(moved) > _TOLD_MOST:
        said.append(words.shown(_TOLD_MOST, len(moved)))
    return "; ".join(said) or (words.unchanged if rows else words.nothing)

"""The trend chart: one or several metrics over the time that they describe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from stillframe.model.payload import Number
from stillframe.report.charts.canvas import (
    ACCENT,
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
    areas,
    boxes,
    chart,
    lines,
    note,
    points,
    rules,
    texts,
)
from stillframe.report.charts.lettering import fitted, width_of
from stillframe.report.charts.scales import Scale, clamped, scale_of, ticks
from stillframe.report.charts.timeline import Timeline, timeline
from stillframe.report.charts.words import ENGLISH, ChartWords
from stillframe.report.figures import name
from stillframe.report.sampling import Values, downsampled

LINES_MOST: Final = 6
"""More lines than these cannot be told apart."""
_POINTS_MOST: Final = 240
_NAME_MOST: Final = 60

_TOP: Final = 10
_PANEL: Final = 150
_APART: Final = 96
_BETWEEN: Final = 26
_AXIS: Final = 24
_LEFT: Final = 44
_LEFT_MOST: Final = 110
_NAMES: Final = 150
_VALUE: Final = 78
_LETTERS: Final = 15
_BOLD: Final = 1.15
"""How much wider bold figures are."""
_LOOKS: Final[Sequence[tuple[str, Sequence[float]]]] = (
    (ACCENT, []),
    (DOWN, [7, 3]),
    (UP, [2, 2]),
    (INK, [9, 3, 2, 3]),
    (MUTED, [4, 2]),
    (QUIET, [1, 2]),
)
"""Lines differ by colour and by stroke, so that they also do in print and for who sees no colours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    One metric of a trend chart.

    Shape   `values`: one for each time, None where it had none. `lowest`, `highest`: what the values were averages of,
            drawn as a band; given together. `within`: bounds of its scale, such as 0 and 100 of a score. `limit`: what
            a gate allows.
    Units   `tolerance` and `limit` in the metric's own unit.
    """

    name: str
    values: Values
    lowest: Values | None = None
    highest: Values | None = None
    tolerance: float = 0.0
    limit: Number | None = None
    within: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    """Where one or more lines are drawn."""

    lines: Sequence[Line]
    top: float
    foot: float
    scale: Scale
    looks: Sequence[tuple[str, Sequence[float]]] = field(default=_LOOKS)


def trend_chart(
    times: Sequence[int],
    drawn: Sequence[Line],
    *,
    apart: bool = False,
    marks: Sequence[tuple[int, str]] = (),
    words: ChartWords = ENGLISH,
    width: int = WIDTH,
) -> Chart:
    """
    Return metrics over time: in one panel with one scale, or each in a panel of its own below the other.

    The first line's tolerance is a grey band around its newest value; its limit is a line across. Gaps stay gaps. Of
    more than 240 points the average, lowest and highest of 240 spans of time are drawn.

    Shape   `times`: oldest first. `apart`: for metrics whose units differ. `marks`: moments to be pointed at, oldest
            first, each with its name. More than six lines are cut, and it is said.
    Units   `times` and `marks` in milliseconds since 1970, `width` in pixels.
    """
    kept = drawn[:LINES_MOST]
    if len(times) > _POINTS_MOST:
        times, kept = _thinned(times, kept)
    panels = _panels(kept, apart=apart)
    axis = timeline(times, start=_margin(panels, words), end=width - _NAMES)
    foot = panels[-1].foot
    layers: list[Layer | None] = []
    for panel in panels:
        layers += [*_frame(panel, axis, words), *_drawn(panel, axis, times), *_names(panel, axis, times, words=words)]
    layers = [*axis.axis(words, top=_TOP, foot=foot), *_marked(marks, axis, foot=foot), *layers] if times else layers
    height = foot + _AXIS
    said = [words.shown(len(kept), len(drawn))] if len(drawn) > len(kept) else []
    if any(line.lowest is not None for line in kept):
        layers.append(boxes([{"x": axis.start, "x2": axis.start + 12, "y": height + 3, "y2": height + 13}], fill=HAIR))
        said.insert(0, words.range)
    if said:
        layers.append(note(said, x=axis.start + (18 if words.range in said else 0), y=height + 8))
        height += 20
    if not any(_known(line) for line in kept):
        layers.append(
            texts(
                [{"x": (axis.start + axis.end) / 2, "y": foot - 40, "text": words.nothing}], fill=MUTED, align="center"
            )
        )
    return chart(layers, width=width, height=height, alt=_alt(kept, words))


def _thinned(times: Sequence[int], drawn: Sequence[Line]) -> tuple[Sequence[int], list[Line]]:
    columns: dict[str, Values] = {}
    for place, line in enumerate(drawn):
        own = {f"{place}": line.values, f"{place} lowest": line.lowest, f"{place} highest": line.highest}
        columns |= {name: column for name, column in own.items() if column is not None}
    sampling = downsampled(times, columns, points=_POINTS_MOST)
    metrics = sampling.metrics
    thin = [
        replace(
            line,
            values=metrics[f"{place}"].average,
            lowest=metrics.get(f"{place} lowest", metrics[f"{place}"]).lowest,
            highest=metrics.get(f"{place} highest", metrics[f"{place}"]).highest,
        )
        for place, line in enumerate(drawn)
    ]
    middles = [(start + end) // 2 for start, end in zip(sampling.starts, sampling.ends, strict=True)]
    return middles, thin


def _panels(drawn: Sequence[Line], *, apart: bool) -> list[_Panel]:
    if not apart or len(drawn) < 2:
        return [_panel(drawn, top=_TOP, height=_PANEL)]
    return [_panel([line], top=_TOP + place * (_APART + _BETWEEN), height=_APART) for place, line in enumerate(drawn)]


def _known(line: Line) -> list[float]:
    found = [value for column in (line.values, line.lowest, line.highest) for value in column or ()]
    return [clamped(value) for value in found if value is not None]


def _panel(drawn: Sequence[Line], *, top: float, height: float) -> _Panel:
    numbers = [value for line in drawn for value in _known(line)]
    numbers += [clamped(line.limit) for line in drawn[:1] if line.limit is not None]
    within = drawn[0].within if drawn else None
    return _Panel(
        lines=drawn, top=top, foot=top + height, scale=scale_of(numbers, start=top + height, end=top, within=within)
    )


def _ticks(panel: _Panel) -> list[float]:
    return ticks(panel.scale.low, panel.scale.high, most=max(int((panel.foot - panel.top) / 36), 2))


def _tick_text(tick: float, words: ChartWords) -> str:
    return fitted(words.figure(tick), width=_LEFT_MOST - 16, size=SMALL)


def _margin(panels: Sequence[_Panel], words: ChartWords) -> float:
    """Return how much room the texts beside the round values need."""
    said = [_tick_text(tick, words) for panel in panels for tick in _ticks(panel)]
    return max([_LEFT, *(width_of(text, size=SMALL) + 16 for text in said)])


def _frame(panel: _Panel, axis: Timeline, words: ChartWords) -> Iterator[Layer | None]:
    """Return the lines of round values, the band of tolerance and the limit."""
    found = _ticks(panel)
    first = panel.lines[0] if panel.lines else None
    newest = next((value for value in reversed(first.values) if value is not None), None) if first else None
    if first is not None and first.tolerance and newest is not None:
        low, high = (panel.scale(clamped(newest) + way * clamped(first.tolerance)) for way in (-1, 1))
        yield boxes([{"x": axis.start, "x2": axis.end, "y": low, "y2": high}], fill=BAND)
    places = [{"x": axis.start, "x2": axis.end, "y": panel.scale(tick), "y2": panel.scale(tick)} for tick in found]
    yield rules(places, stroke=HAIR)
    said = [{"x": axis.start - 8, "y": panel.scale(tick), "text": _tick_text(tick, words)} for tick in found]
    yield texts(said, fontSize=SMALL - 1, fill=MUTED, align="right")
    if first is not None and first.limit is not None:
        y = panel.scale(first.limit)
        yield rules([{"x": axis.start, "x2": axis.end, "y": y, "y2": y}], stroke=INK, strokeDash=[4, 3])
        text = f"{words.limit} {words.figure(first.limit)}"
        yield texts([{"x": axis.start + 4, "y": y - 7, "text": text}], fontSize=SMALL - 1, fill=INK, align="left")


def _marked(marks: Sequence[tuple[int, str]], axis: Timeline, *, foot: float) -> Iterator[Layer | None]:
    """Return a line across for each moment, with its name beside it, each name lower than the one before."""
    places = [min(max(axis(moment), axis.start), axis.end) for moment, _ in marks]
    yield rules([{"x": x, "x2": x, "y": _TOP, "y2": foot} for x in places], stroke=QUIET, strokeDash=[4, 3])
    middle = (axis.start + axis.end) / 2
    for number, (x, (_, said)) in enumerate(zip(places, marks, strict=True)):
        side = -1 if x > middle else 1
        row = {"x": x + 5 * side, "y": _TOP + 6 + number * _LETTERS, "text": fitted(said, width=_NAMES, size=SMALL)}
        yield texts([row], fontSize=SMALL - 1, fill=MUTED, align="right" if side < 0 else "left")


def _drawn(panel: _Panel, axis: Timeline, times: Sequence[int]) -> Iterator[Layer | None]:
    for line, (colour, _) in zip(panel.lines, panel.looks, strict=False):
        if line.lowest is not None and line.highest is not None:
            yield areas(list(_band(line, panel, axis, times=times)), fill=colour, opacity=0.16)
    for line, (colour, dash) in zip(panel.lines, panel.looks, strict=False):
        runs = list(_runs(line, panel, axis, times=times))
        yield lines([point for run in runs if len(run) > 1 for point in run], stroke=colour, strokeDash=dash)
        yield points([run[0] for run in runs if len(run) == 1], fill=colour, size=30)
        newest = runs[-1][-1:] if runs else []
        yield points(newest, fill=colour, stroke=PAPER, size=56)


def _band(line: Line, panel: _Panel, axis: Timeline, *, times: Sequence[int]) -> Iterator[dict[str, Any]]:
    run = 0
    for moment, low, high in zip(times, line.lowest or (), line.highest or (), strict=False):
        if low is None or high is None:
            run += 1
        else:
            yield {"x": axis(moment), "y": panel.scale(low), "y2": panel.scale(high), "line": run}


def _runs(line: Line, panel: _Panel, axis: Timeline, *, times: Sequence[int]) -> Iterator[list[dict[str, Any]]]:
    """Give the stretches without a gap."""
    run: list[dict[str, Any]] = []
    number = 0
    for moment, value in zip(times, line.values, strict=False):
        if value is None:
            if run:
                yield run
            run, number = [], number + 1
        else:
            run.append({"x": axis(moment), "y": panel.scale(value), "line": number})
    if run:
        yield run


def _names(panel: _Panel, axis: Timeline, times: Sequence[int], *, words: ChartWords) -> Iterator[Layer | None]:
    """Return each line's name and newest value at its end, moved apart where they would overlap."""
    ends = []
    for line, (colour, _) in zip(panel.lines, panel.looks, strict=False):
        newest = next((value for value in reversed(line.values) if value is not None), None)
        value = fitted(words.no_value if newest is None else words.figure(newest), width=_VALUE, size=TEXT)
        y = panel.foot if newest is None else panel.scale(newest)
        ends.append((y, line.name, value, colour))
    ends.sort(key=lambda end: end[0])
    places = _spread([y for y, *_ in ends], low=panel.top, high=panel.foot)
    for y, (_, called, value, colour) in zip(places, ends, strict=True):
        x = axis.end + 10
        wide = width_of(value, size=TEXT) * _BOLD
        said = fitted(called, width=_NAMES - 26 - wide, size=TEXT)
        yield texts([{"x": x, "y": y, "text": value}], fill=colour, align="left", fontWeight="bold")
        yield texts([{"x": x + wide + 8, "y": y, "text": said}], fill=INK, align="left")


def _spread(wanted: Sequence[float], *, low: float, high: float) -> list[float]:
    """Return places in the wanted order that are a letter's height apart, as near to the wanted as they can be."""
    places: list[float] = []
    for place in wanted:
        places.append(max(place, places[-1] + _LETTERS if places else low))
    overshoot = places[-1] - max(high, low + (len(places) - 1) * _LETTERS) if places else 0
    limit = high
    if overshoot > 0:
        for number in range(len(places) - 1, -1, -1):
            places[number] = min(places[number], limit)
            limit = places[number] - _LETTERS
    return places


def _alt(drawn: Sequence[Line], words: ChartWords) -> str:
    """Say of each line its first and its newest value, its lowest and its highest."""
    said = []
    for line in drawn:
        known = [value for value in line.values if value is not None]
        called = name(line.name, most=_NAME_MOST)
        if known:
            low, high = words.figures_apart(min(known), max(known))
            said.append(f"{called} {words.moved(*words.figures_apart(known[0], known[-1]))} ({low} – {high})")
        else:
            said.append(f"{called}: {words.nothing}")
    return "; ".join(said) or words.nothing

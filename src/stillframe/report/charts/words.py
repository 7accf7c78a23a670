"""The words of charts, which a language brings: English where nobody says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from stillframe.model.payload import Number
from stillframe.report.charts.calendar_ticks import Grain
from stillframe.report.figures import figure, figures_apart, percent

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _time(moment: datetime, grain: Grain) -> str:
    month = _MONTHS[moment.month - 1]
    return {
        "minute": f"{moment:%H:%M}",
        "hour": f"{moment.day} {month} {moment:%H:%M}",
        "day": f"{moment.day} {month}",
        "month": f"{month} {moment.year}",
        "year": f"{moment.year}",
    }[grain]


def _moved(before: str, after: str) -> str:
    return f"{before} → {after}"


def _signed_percent(fraction: float) -> str:
    return f"{'+' if fraction > 0 else '-' if fraction < 0 else ''}{percent(fraction)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartWords:
    """
    Everything that a chart says apart from the names that it is given.

    Shape   `shown(n, total)` is said where a chart shows only its first rows or lines; `top(n)` stands at a rule's cut;
            `time(moment, grain)` is a time on an axis, no finer than `grain`.
    """

    before: str = "before"
    after: str = "after"
    new: str = "new"
    gone: str = "gone"
    nothing: str = "no data"
    no_value: str = "none"
    unchanged: str = "unchanged"
    tolerance: str = "tolerance"
    limit: str = "limit"
    range: str = "lowest to highest"
    came_from: Callable[[int], str] = "from {}".format
    went_to: Callable[[int], str] = "to {}".format
    top: Callable[[int], str] = "top {}".format
    shown: Callable[[int, int], str] = "{:,} of {:,} shown".format
    moved: Callable[[str, str], str] = _moved
    figure: Callable[[Number], str] = figure
    figures_apart: Callable[[Number, Number], tuple[str, str]] = figures_apart
    signed_percent: Callable[[float], str] = _signed_percent
    time: Callable[[datetime, Grain], str] = _time


ENGLISH: Final = ChartWords()

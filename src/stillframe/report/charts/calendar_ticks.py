"""Times along an axis: a handful of round ones, each in as few words as its neighbours allow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias

Grain: TypeAlias = Literal["minute", "hour", "day", "month", "year"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE: Final = 60_000
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_EARLIEST: Final = -62_135_596_800_000 + 366 * _DAY
_LATEST: Final = 253_402_300_799_000 - 366 * _DAY
_STEPS: Final[Sequence[tuple[Grain, int, int]]] = (
    *(("minute", count, count * _MINUTE) for count in (1, 5, 15, 30)),
    *(("hour", count, count * _HOUR) for count in (1, 3, 6, 12)),
    *(("day", count, count * _DAY) for count in (1, 2, 7, 14)),
    *(("month", count, count * 30 * _DAY) for count in (1, 3, 6)),
    *(("year", count, count * 365 * _DAY) for count in (1, 2, 5, 10, 20, 50, 100, 500)),
)


def time_of(milliseconds: int) -> datetime:
    """Return a time in UTC; what no calendar holds is its first or last year."""
    return _EPOCH + timedelta(milliseconds=min(max(milliseconds, _EARLIEST), _LATEST))


def time_ticks(first: int, last: int, *, most: int) -> tuple[list[int], Grain]:
    """
    Return at most `most` round times between two, and how fine they are.

    Units   Milliseconds since 1970, UTC.
    """
    span = max(last - first, 1)
    for grain, count, length in _STEPS:
        if span / length <= most:
            found = [
                moment for moment in _round_times(first, last, grain=grain, count=count) if first <= moment <= last
            ]
            if len(found) <= most:
                return found, grain
    return [], "year"


def _round_times(first: int, last: int, *, grain: Grain, count: int) -> Iterator[int]:
    first, last = max(first, _EARLIEST), min(last, _LATEST)
    if grain in ("minute", "hour", "day"):
        length = count * {"minute": _MINUTE, "hour": _HOUR, "day": _DAY}[grain]
        yield from range(-(-first // length) * length, last + 1, length)
        return
    begin, end = time_of(first), time_of(last)
    months = 12 * count if grain == "year" else count
    for month in range((begin.year * 12) // months * months, end.year * 12 + 12, months):
        year, of_year = divmod(month, 12)
        if 1 < year < 9_999:
            yield (datetime(year, of_year + 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)

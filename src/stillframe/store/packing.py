"""Packs the numbers of a snapshot's metrics into bytes, and takes whole columns of them out again."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from stillframe.model.series import Column

PACKED_MOST = 24
"""Numbers in one row: in doubles it fits into a small page of SQLite, and into an index row of PostgreSQL."""


class _Form(NamedTuple):
    """One way to write a number: its type for `struct` and `array`, its width in bytes, and what stands for none."""

    code: str
    width: int
    none: int


_SHORT = _Form("h", 2, -(2**15))
_LONG = _Form("i", 4, -(2**31))
_DOUBLE = _Form("d", 8, 0)
"""Here a NaN, which no capture lets in, stands for none."""
_FORMS = {form.width: form for form in (_SHORT, _LONG, _DOUBLE)}
_NAN = float("nan")


def pack(values: Sequence[float | None]) -> bytes:
    """
    Return numbers, little-endian, in the narrowest form that holds every one of them exactly.

    Scores and counts are mostly small integers, and take a quarter of the room then.
    """
    form = _form_of(values)
    if form is _DOUBLE:
        return struct.pack(f"<{len(values)}d", *(_NAN if value is None else value for value in values))
    whole = (form.none if value is None else int(value) for value in values)
    return struct.pack(f"<{len(values)}{form.code}", *whole)


def unpack_columns(packed: Sequence[bytes], *, count: int, places: Iterable[int] | None = None) -> list[Column]:
    """
    Return columns of rows that were packed from `count` numbers each.

    Shape   `places`: which of the numbers, from 0; None: all. Result: a column for each, with one entry a row.
    """
    widths = set(map(len, packed))
    if len(widths) > 1:
        packed = [_widened(row, count) for row in packed]
    form = _FORMS[len(packed[0]) // count]
    numbers = _numbers(b"".join(packed), form)
    return [_with_none(numbers[place::count].tolist(), form) for place in (range(count) if places is None else places)]


def _form_of(values: Sequence[float | None]) -> _Form:
    known = [value for value in values if value is not None]
    if not all(type(value) is int or float(value).is_integer() for value in known):
        return _DOUBLE
    most = max(map(abs, known), default=0)
    return _SHORT if most < -_SHORT.none else _LONG if most < -_LONG.none else _DOUBLE


def _with_none(column: list[float], form: _Form) -> Column:
    if form is _DOUBLE:
        total = sum(column)
        return column if total == total else [value if value == value else None for value in column]
    return [None if value == form.none else value for value in column] if form.none in column else column


def _numbers(packed: bytes, form: _Form) -> array[Any]:
    numbers: array[Any] = array(form.code)
    numbers.frombytes(packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _widened(packed: bytes, count: int) -> bytes:
    """Return a row in doubles: where rows of several forms meet, one loop in C reads them all then."""
    if len(packed) == count * _DOUBLE.width:
        return packed
    form = _FORMS[len(packed) // count]
    values = _with_none(_numbers(packed, form).tolist(), form)
    return struct.pack(f"<{count}{_DOUBLE.code}", *(_NAN if value is None else value for value in values))

"""The columns of rows that a source gave: their names, and a look at every cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import isfinite
from typing import Any

from stillframe.capture.refusals import refuse, refused
from stillframe.errors import Fault
from stillframe.model.canonical import float_is_plain
from stillframe.model.payload import KIND_OF, Kind

SAFE_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8259, section 6)."""
FIRST_EXPONENT = 1e21
"""From here on RFC 8785 writes a float with an exponent; below it a whole number is written as an integer."""
LONGEST_CELL_BYTES = 65_536
LONGEST_NAME = 256
MOST_COLUMNS = 1_000
_UTF_8_MOST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What one column holds: the kinds of its cells, and whether every writer of JSON writes its numbers alike."""

    kinds: frozenset[Kind]
    plain: bool
    integral_floats: bool = False


def column_names(rows: Sequence[Mapping[str, Any]], path: str) -> tuple[str, ...]:
    """
    Return the columns of some rows in the order of their first appearance.

    Errors  CaptureRefused for too many, and for a name that is no text, empty, too long or holds a lone surrogate.
    """
    columns = tuple(dict.fromkeys(chain.from_iterable(rows)))
    if len(columns) > MOST_COLUMNS:
        raise refused(path, f"{len(columns)} columns, and at most {MOST_COLUMNS} are taken")
    for column in columns:
        if not isinstance(column, str) or not 1 <= len(column) <= LONGEST_NAME:
            shown = str(column)[:40]
            raise refused(path, f"a column's name is 1 to {LONGEST_NAME} characters of text, not {shown!r}")
        if not _encodable(column):
            raise refused(path, "a column's name holds a lone surrogate, which is no character")
    return columns


def looked_at(rows: Sequence[Mapping[str, Any]], column: str, path: str) -> Column:
    """
    Return what one column holds.

    Errors  CaptureRefused with row and field for each cell that no snapshot can hold.
    """
    cells = [row[column] for row in rows]
    types = set(map(type, cells))
    if not types <= KIND_OF.keys():
        raise refuse(_faults(cells, column, path))
    floats: list[float] = [cell for cell in cells if type(cell) is float] if float in types else []
    texts: list[str] = [cell for cell in cells if type(cell) is str] if str in types else []
    integers: list[int] = [cell for cell in cells if type(cell) is int] if int in types else []
    if not (_floats_fit(floats) and _texts_fit(texts) and _integers_fit(integers)):
        raise refuse(_faults(cells, column, path))
    integral = any(map(float.is_integer, floats))
    kinds = frozenset(KIND_OF[found] for found in types)
    return Column(kinds=kinds, plain=_plain(floats, integral=integral), integral_floats=integral)


def bad_number(value: float) -> str | None:
    """Return why no snapshot can hold this number, or None."""
    if isinstance(value, float) and not isfinite(value):
        return f"{value} is no number that can be kept; send null, or leave the row out"
    if abs(value) > SAFE_INTEGER and (isinstance(value, int) or abs(value) < FIRST_EXPONENT):
        return "a whole number beyond 2^53 - 1 is not kept exactly by every reader; send it as text"
    return None


def becomes_integer(number: float) -> bool:
    """Say whether a finite float is written as an integer that every reader keeps exactly."""
    return number.is_integer() and abs(number) <= SAFE_INTEGER


def kind_word(value: object) -> str:
    """Return what a value is, in words for people."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case dict():
            return "an object"
        case list() | tuple():
            return "a list"
        case str():
            return "text"
        case bytes() | bytearray() | memoryview():
            return "bytes"
        case int() | float():
            return "a number"
        case _:
            return type(value).__name__


def _floats_fit(floats: Sequence[float]) -> bool:
    if not all(map(isfinite, floats)):
        return False
    return not floats or max(map(abs, floats)) <= SAFE_INTEGER or not any(map(bad_number, floats))


def _integers_fit(integers: Sequence[int]) -> bool:
    return not integers or (max(integers) <= SAFE_INTEGER and min(integers) >= -SAFE_INTEGER)


def _plain(floats: Sequence[float], *, integral: bool) -> bool:
    if not floats:
        return True
    if integral:
        return all(float_is_plain(number) or becomes_integer(number) for number in floats)
    return float_is_plain(min(map(abs, floats))) and float_is_plain(max(map(abs, floats)))


def _texts_fit(texts: Sequence[str]) -> bool:
    if not texts:
        return True
    if max(map(len, texts)) * _UTF_8_MOST > LONGEST_CELL_BYTES and any(map(_too_long, texts)):
        return False
    return _encodable("".join(texts))


def _too_long(text: str) -> bool:
    return len(text) > LONGEST_CELL_BYTES or len(text.encode("utf-8", "surrogatepass")) > LONGEST_CELL_BYTES


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _faults(cells: Sequence[object], column: str, path: str) -> list[Fault]:
    found = ((index, _fault(cell)) for index, cell in enumerate(cells))
    return [Fault(path=f"{path}.rows[{index}].{column}", message=message) for index, message in found if message]


def _fault(cell: object) -> str | None:
    if isinstance(cell, (bool, type(None))):
        return None
    if isinstance(cell, (int, float)):
        return bad_number(cell)
    if not isinstance(cell, str):
        return f"a cell is text, a number, true, false or null, not {kind_word(cell)}"
    if _too_long(cell):
        size = len(cell.encode("utf-8", "surrogatepass"))
        return f"{size} bytes of text, and a cell holds at most {LONGEST_CELL_BYTES}"
    return None if _encodable(cell) else "a lone surrogate is no character"

"""What a database or a column file holds, as cells of JSON: which value becomes which, and which are refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from uuid import UUID

from stillframe.capture.deadline import Deadline
from stillframe.errors import CaptureRefused, Fault

LARGEST_ANSWER_CHARACTERS = 64 * 1024 * 1024
_SAFE_INTEGER = 2**53 - 1
_AS_THEY_ARE = frozenset({type(None), bool, int, float, str})
_SAID_AS_TEXT = (UUID, IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network)


class NoCell(Exception):
    """This value has no place in a table."""


def cell_from(value: object) -> object:
    """
    Return the JSON value that stands for a database's value.

    A decimal becomes a number where the number is written with the same digits, else it stays text. A time with an
    offset becomes UTC; one without stays without. Both always have six decimals, so that their texts sort as times.

    Shape   None, bool, int, float or str. An object or list passes: whoever knows panel and row refuses it.
    Errors  NoCell, saying what to write in the query instead.
    Source  docs/reference/semantics.md, "What is refused"; RFC 3339.

    >>> cell_from(Decimal("0.71")), cell_from(Decimal("12345678901234567890.5"))
    (0.71, '12345678901234567890.5')
    >>> cell_from(datetime(2026, 3, 1, 7, 30, tzinfo=UTC)), cell_from(date(2026, 3, 1))
    ('2026-03-01T07:30:00.000000Z', '2026-03-01')
    """
    match value:
        case None | bool() | dict() | list():
            return value
        case int():
            return int(value)
        case float():
            return float(value)
        case str():
            return str(value)
        case Decimal():
            return _number_or_text(value)
        case datetime():
            return _moment(value)
        case date():
            return value.isoformat()
        case time():
            return value.isoformat(timespec="microseconds")
        case bytes() | bytearray() | memoryview():
            raise NoCell("bytes are no cell; leave the column out, or write it as text (hex or base64)")
    if isinstance(value, _SAID_AS_TEXT):
        return str(value)
    raise NoCell(f"a value of the type {type(value).__name__} is no cell; cast it to a number or to text")


def rows_from(
    columns: Sequence[str], batches: Iterable[Sequence[Sequence[object]]], *, max_rows: int, deadline: Deadline
) -> list[dict[str, object]]:
    """
    Return rows of cells from batches of values.

    Errors  CaptureRefused for a row too many, an answer that is too large, two columns of one name, and, at
            `$[ROW].COLUMN`, a value that is no cell; SourceFailed when the time is up.
    """
    _refuse_twins(columns)
    rows: list[dict[str, object]] = []
    characters = 0
    for batch in batches:
        deadline.check()
        if len(rows) + len(batch) > max_rows:
            raise too_many_rows(max_rows)
        for values in batch:
            row = dict(zip(columns, values, strict=True))
            if not _AS_THEY_ARE.issuperset(map(type, values)):
                row = {column: _cell(value, f"$[{len(rows)}].{column}") for column, value in row.items()}
            characters += sum(len(cell) for cell in row.values() if type(cell) is str)
            rows.append(row)
        if characters > LARGEST_ANSWER_CHARACTERS:
            raise CaptureRefused(faults=[Fault(path="$", message=_TOO_MUCH_TEXT)])
    return rows


def too_many_rows(max_rows: int) -> CaptureRefused:
    """Return the refusal of a source that holds more rows than are taken."""
    message = f"more than {max_rows} rows, and at most {max_rows} are taken (capture.max_rows); ask for fewer"
    return CaptureRefused(faults=[Fault(path="$", message=message)])


_TOO_MUCH_TEXT = f"more than {LARGEST_ANSWER_CHARACTERS >> 20} Mi characters of text; ask for fewer rows or columns"


def _cell(value: object, path: str) -> object:
    try:
        return cell_from(value)
    except NoCell as error:
        raise CaptureRefused(faults=[Fault(path=path, message=str(error))]) from None


def _refuse_twins(columns: Sequence[str]) -> None:
    twins = sorted({column for column in columns if list(columns).count(column) > 1})
    if twins:
        message = f"two columns are called {twins[0][:80]!r}; give each its own name (`as`)"
        raise CaptureRefused(faults=[Fault(path="$", message=message)])


def _number_or_text(value: Decimal) -> float | int | str:
    if not value.is_finite():
        return float("nan") if value.is_nan() else float(value)
    number = float(value)
    if Decimal(repr(number)) != value:
        return str(value)
    if not number.is_integer():
        return number
    return int(number) if abs(number) <= _SAFE_INTEGER else str(value)


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        return value.replace(tzinfo=None).isoformat(timespec="microseconds")
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

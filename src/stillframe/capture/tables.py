"""From the rows that a source gave to a ranked table: every refusal, the ranking, and what each column holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import isfinite
from typing import Any

from stillframe.capture.spec_models import TablePanel
from stillframe.errors import CaptureRefused, Fault
from stillframe.model.canonical import float_is_plain
from stillframe.model.payload import DEFAULT_KEYS, KIND_OF, Cell, Kind, Table

SAFE_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8259, section 6)."""
LONGEST_CELL_BYTES = 65_536
LONGEST_NAME = 256
MOST_COLUMNS = 1_000
MOST_FAULTS = 20
_UTF_8_MOST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What one column holds: the kinds of its cells, and whether every writer of JSON writes its numbers alike."""

    kinds: frozenset[Kind]
    plain: bool
    integral_floats: bool = False


def table_from(
    panel: TablePanel, *, name: str, value: object, max_rows: int, known_columns: Sequence[str] = ()
) -> tuple[Table, bool]:
    """
    Return the table of a panel, ranked and cut, and whether its numbers are plain (`float_is_plain`).

    Shape   `known_columns`: what the source says its columns are, for a table that has no rows to tell them.
    Errors  CaptureRefused naming panel, row and field: see docs/reference/semantics.md, "What is refused".
    """
    path = f"$.panels.{name}"
    rows = _rows(value, path=path, max_rows=max_rows)
    columns = _columns(rows, path) if rows else tuple(known_columns)
    if any(len(row) != len(columns) for row in rows):
        rows = [{column: row.get(column) for column in columns} for row in rows]
    found = {column: _column(rows, column, path) for column in columns}
    integral = [column for column, seen in found.items() if seen.integral_floats]
    if integral:
        rows = [_with_integers(row, integral) for row in rows]
    key = _key(panel, columns, path)
    _check_keys(rows, key, path)
    ranked = _ranked(rows, panel, key=key, found=found, path=path)[: panel.limit]
    kinds = {column: seen.kinds for column, seen in found.items()} if len(ranked) == len(rows) else None
    fields = {column: panel.fields[column].as_field() for column in panel.fields}
    table = Table(key=key, columns=columns, rows=ranked, fields=fields, known_kinds=kinds)
    return table, all(seen.plain for seen in found.values())


def refuse(faults: Iterable[Fault]) -> CaptureRefused:
    """Return one refusal for many faults: the first twenty, and how many more there are."""
    every = list(faults)
    shown = every[:MOST_FAULTS]
    if len(every) > MOST_FAULTS:
        shown.append(Fault(path="$", message=f"and {len(every) - MOST_FAULTS} more like these"))
    return CaptureRefused(faults=shown)


def bad_number(value: float) -> str | None:
    """Return why no snapshot can hold this number, or None."""
    if isinstance(value, float) and not isfinite(value):
        return f"{value} is no number that can be kept; send null, or leave the row out"
    if isinstance(value, int) and abs(value) > SAFE_INTEGER:
        return f"the integer {str(value)[:40]} is beyond 2^53 - 1; send it as text"
    return None


def _rows(value: object, *, path: str, max_rows: int) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise refuse([Fault(path=path, message=f"a table needs a list of rows, not {_kind_word(value)}")])
    if len(value) > max_rows:
        raise refuse(
            [Fault(path=path, message=f"{len(value)} rows, and at most {max_rows} are taken (capture.max_rows)")]
        )
    wrong = [index for index, row in enumerate(value) if not isinstance(row, dict)]
    if wrong:
        faults = [
            Fault(path=f"{path}.rows[{index}]", message=f"a row is an object, not {_kind_word(value[index])}")
            for index in wrong
        ]
        raise refuse(faults)
    return value


def _columns(rows: Sequence[Mapping[str, Any]], path: str) -> tuple[str, ...]:
    columns = tuple(dict.fromkeys(chain.from_iterable(rows)))
    if len(columns) > MOST_COLUMNS:
        raise refuse([Fault(path=path, message=f"{len(columns)} columns, and at most {MOST_COLUMNS} are taken")])
    for column in columns:
        if not isinstance(column, str) or not 1 <= len(column) <= LONGEST_NAME:
            shown = str(column)[:40]
            raise refuse(
                [Fault(path=path, message=f"a column's name is 1 to {LONGEST_NAME} characters of text, not {shown!r}")]
            )
        if not _encodable(column):
            raise refuse([Fault(path=path, message="a column's name holds a lone surrogate, which is no character")])
    return columns


def _column(rows: Sequence[Mapping[str, Any]], column: str, path: str) -> Column:
    cells = [row[column] for row in rows]
    types = set(map(type, cells))
    if not types <= KIND_OF.keys():
        raise refuse(_faults(cells, column, path))
    floats: list[float] = [cell for cell in cells if type(cell) is float] if float in types else []
    texts: list[str] = [cell for cell in cells if type(cell) is str] if str in types else []
    integers: list[int] = [cell for cell in cells if type(cell) is int] if int in types else []
    sound = all(map(isfinite, floats)) and _texts_fit(texts)
    if not sound or (integers and max(max(integers), -min(integers)) > SAFE_INTEGER):
        raise refuse(_faults(cells, column, path))
    integral = any(map(float.is_integer, floats))
    plain = not floats or all(float_is_plain(number) or _becomes_integer(number) for number in floats)
    return Column(kinds=frozenset(KIND_OF[found] for found in types), plain=plain, integral_floats=integral)


def _texts_fit(texts: Sequence[str]) -> bool:
    if not texts:
        return True
    if max(map(len, texts)) * _UTF_8_MOST > LONGEST_CELL_BYTES and any(_too_long(text) for text in texts):
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
        return f"a cell is text, a number, true, false or null, not {_kind_word(cell)}"
    if _too_long(cell):
        return (
            f"{len(cell.encode('utf-8', 'surrogatepass'))} bytes of text, and a cell holds at most {LONGEST_CELL_BYTES}"
        )
    return None if _encodable(cell) else "a lone surrogate is no character"


def _becomes_integer(number: float) -> bool:
    return number.is_integer() and abs(number) <= SAFE_INTEGER


def _with_integers(row: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    changed = {name: int(row[name]) for name in columns if type(row[name]) is float and _becomes_integer(row[name])}
    return {**row, **changed}


def _key(panel: TablePanel, columns: Sequence[str], path: str) -> str:
    if panel.key is not None:
        if columns and panel.key not in columns:
            raise refuse(
                [
                    Fault(
                        path=f"{path}.key",
                        message=f"no row has {panel.key!r}; the columns are {', '.join(columns)[:500]}",
                    )
                ]
            )
        return panel.key
    found = next((name for name in DEFAULT_KEYS if name in columns), None)
    if found is None and columns:
        tried = ", ".join(DEFAULT_KEYS)
        raise refuse(
            [
                Fault(
                    path=f"{path}.key",
                    message=f"name the key column; none of {tried} is among {', '.join(columns)[:500]}",
                )
            ]
        )
    return found or DEFAULT_KEYS[0]


def _check_keys(rows: Sequence[Mapping[str, Any]], key: str, path: str) -> None:
    ids = [row[key] for row in rows]
    if set(map(type, ids)) <= {str, int} and len(set(ids)) == len(ids):
        return
    seen: dict[object, int] = {}
    faults = []
    for index, found in enumerate(ids):
        where = f"{path}.rows[{index}].{key}"
        if type(found) not in (str, int):
            word = "null" if found is None else str(found)[:40]
            faults.append(Fault(path=where, message=f"a key is text or an integer, not {word}"))
        elif found in seen:
            faults.append(
                Fault(path=where, message=f"the key {str(found)[:80]!r} is that of row {seen[found]} already")
            )
        else:
            seen[found] = index
    raise refuse(faults)


def _ranked(
    rows: list[Mapping[str, Any]], panel: TablePanel, *, key: str, found: Mapping[str, Column], path: str
) -> list[Mapping[str, Cell]]:
    by = panel.rank_by
    if by is None or not rows:
        return rows
    if by not in found:
        raise refuse(
            [Fault(path=f"{path}.rank_by", message=f"no row has {by!r}; the columns are {', '.join(found)[:500]}")]
        )
    kinds = found[by].kinds - {"null"}
    if len(kinds) > 1:
        raise refuse(
            [
                Fault(
                    path=f"{path}.rank_by",
                    message=f"{by!r} holds {' and '.join(sorted(kinds))}, which have no common order",
                )
            ]
        )
    by_key = sorted(rows, key=lambda row: (isinstance(row[key], str), row[key]))
    ranked = [row for row in by_key if row[by] is not None]
    ranked.sort(key=lambda row: row[by], reverse=panel.descending)
    return ranked + [row for row in by_key if row[by] is None]


def _kind_word(value: object) -> str:
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
        case _:
            return f"{type(value).__name__} {str(value)[:40]}"

"""From the rows that a source gave to a ranked table, or a refusal that names panel, row and field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stillframe.capture.columns import Column, becomes_integer, column_names, kind_word, looked_at
from stillframe.capture.refusals import refuse, refused
from stillframe.capture.spec_models import TablePanel
from stillframe.errors import Fault
from stillframe.model.payload import DEFAULT_KEYS, Cell, Table


def table_from(
    panel: TablePanel, *, name: str, value: object, max_rows: int, known_columns: Sequence[str] = ()
) -> tuple[Table, frozenset[str]]:
    """
    Return the table of a panel, ranked and cut, and its columns with a number that is not plain (`float_is_plain`).

    Floats that are whole numbers become integers: JSON does not tell them apart.

    Shape   `known_columns`: what the source says its columns are, for a table that has no rows to tell them.
    Errors  CaptureRefused naming panel, row and field: see docs/reference/semantics.md, "What is refused".
    """
    path = f"$.panels.{name}"
    rows = _rows(value, path=path, max_rows=max_rows)
    columns = column_names(rows or [dict.fromkeys(known_columns)], path)
    if any(len(row) != len(columns) for row in rows):
        rows = [{column: row.get(column) for column in columns} for row in rows]
    found = {column: looked_at(rows, column, path) for column in columns}
    integral = [column for column, seen in found.items() if seen.integral_floats]
    if integral:
        rows = [_with_integers(row, integral) for row in rows]
    key = _key(panel, columns, path)
    _check_keys(rows, key, path)
    ranked = _ranked(rows, panel, key=key, found=found, path=path)[: panel.limit]
    kinds = {column: seen.kinds for column, seen in found.items()} if len(ranked) == len(rows) else None
    fields = {column: panel.fields[column].as_field() for column in panel.fields}
    table = Table(key=key, columns=columns, rows=ranked, fields=fields, known_kinds=kinds)
    return table, frozenset(column for column, seen in found.items() if not seen.plain)


def _rows(value: object, *, path: str, max_rows: int) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise refused(path, f"a table needs a list of rows, not {kind_word(value)}")
    if len(value) > max_rows:
        raise refused(path, f"{len(value)} rows, and at most {max_rows} are taken (capture.max_rows)")
    faults = [
        Fault(path=f"{path}.rows[{index}]", message=f"a row is an object, not {kind_word(row)}")
        for index, row in enumerate(value)
        if not isinstance(row, dict)
    ]
    if faults:
        raise refuse(faults)
    return value


def _with_integers(row: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    changed = {name: int(row[name]) for name in columns if type(row[name]) is float and becomes_integer(row[name])}
    return {**row, **changed}


def _key(panel: TablePanel, columns: Sequence[str], path: str) -> str:
    there = ", ".join(columns)[:500]
    if panel.key is not None:
        if columns and panel.key not in columns:
            raise refused(f"{path}.key", f"no row has {panel.key!r}; the columns are {there}")
        return panel.key
    found = next((name for name in DEFAULT_KEYS if name in columns), None)
    if found is None and columns:
        raise refused(f"{path}.key", f"name the key column; none of {', '.join(DEFAULT_KEYS)} is among {there}")
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
            message = f"the key {str(found)[:80]!r} is that of row {seen[found]} already"
            faults.append(Fault(path=where, message=message))
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
        raise refused(f"{path}.rank_by", f"no row has {by!r}; the columns are {', '.join(found)[:500]}")
    kinds = found[by].kinds - {"null"}
    if len(kinds) > 1:
        raise refused(f"{path}.rank_by", f"{by!r} holds {' and '.join(sorted(kinds))}, which have no common order")
    by_key = sorted(rows, key=lambda row: (isinstance(row[key], str), row[key]))
    ranked = [row for row in by_key if row[by] is not None]
    ranked.sort(key=lambda row: row[by], reverse=panel.descending)
    return ranked + [row for row in by_key if row[by] is None]

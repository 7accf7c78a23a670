"""Reading what a caller gave as a mapping: a payload's JSON, or only its primary rows, with the path of every fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from math import inf, isfinite
from operator import itemgetter
from typing import Any

from stillframe.diff.numbers import is_number
from stillframe.errors import InvalidInput, nearest
from stillframe.model.diff_json import BARE_METRIC, BARE_TABLE
from stillframe.model.payload import (
    DEFAULT_KEYS,
    KIND_OF,
    SCHEMA,
    Field,
    Metric,
    Number,
    Panel,
    Payload,
    Primary,
    Row,
    RowId,
    Table,
)

_BARE_MEMBERS = ("primary_rows", "key", "fields", "primary_metric")
_BETTER = ("higher", "lower", "none")
_ID_TYPES = frozenset({str, int})
_CELL_TYPES = frozenset(KIND_OF)
_KINDS_OF = {kind: frozenset((name,)) for kind, name in KIND_OF.items()}


def is_bare(given: object) -> bool:
    """Say whether this is a mapping with only the primary rows."""
    return isinstance(given, Mapping) and "primary_rows" in given and "materialized_data" not in given


def read_bare(given: Mapping[str, Any], *, path: str, names: Primary) -> Payload:
    """
    Return the payload of a mapping with only `primary_rows`, its panels called as `names` says.

    Errors  InvalidInput at the path of the fault.
    """
    for name in given:
        if name not in _BARE_MEMBERS:
            raise InvalidInput.at(
                f"{path}.{name}", f"is not known beside primary_rows{nearest(str(name), _BARE_MEMBERS)}"
            )
    rows_name, metric_name = names.rows or BARE_TABLE, names.metric or BARE_METRIC
    described = {"key": given.get("key"), "fields": given.get("fields")}
    panels: dict[str, Panel] = {rows_name: read_table(given["primary_rows"], path=f"{path}.primary_rows", **described)}
    if "primary_metric" not in given:
        return Payload(panels=panels, primary=Primary(rows=rows_name))
    value = given["primary_metric"]
    panels[metric_name] = Metric(value=_metric_value(value, f"{path}.primary_metric"))
    return Payload(panels=panels, primary=Primary(rows=rows_name, metric=metric_name))


def read_payload(given: object, *, path: str) -> Payload:
    """
    Return the payload that a JSON document of the schema `stillframe.snapshot/1` holds.

    Errors  InvalidInput at the path of the fault.
    """
    document = _object(given, path)
    if "materialized_data" not in document:
        raise InvalidInput.at(path, "needs materialized_data (a snapshot's payload) or primary_rows (only its rows)")
    if document.get("schema", SCHEMA) != SCHEMA:
        raise InvalidInput.at(f"{path}.schema", f"{document['schema']!r} is not {SCHEMA!r}")
    panels = {
        name: _panel(panel, f"{path}.materialized_data.{name}")
        for name, panel in _object(document["materialized_data"], f"{path}.materialized_data").items()
    }
    primary = _object(document.get("primary") or {}, f"{path}.primary")
    summaries = _object(document.get("summaries") or {}, f"{path}.summaries")
    for dimension, summary in summaries.items():
        _check_summary(summary, f"{path}.summaries.{dimension}")
    return Payload(
        panels=panels,
        primary=Primary(rows=primary.get("rows"), metric=primary.get("metric")),
        summaries=summaries,
        sources=tuple(document.get("sources") or ()),
    )


def read_table(
    rows: object, *, path: str, key: str | None = None, fields: object = None, columns: Sequence[str] | None = None
) -> Table:
    """
    Return the table of a list of rows; without a `key` it is the first of id, artifact_id, slug, name that is present.

    Errors  InvalidInput at the path of the row or cell: not an object, no key, a key that occurs twice, a nested cell.
    """
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise InvalidInput.at(path, f"must be a list of rows, not {type(rows).__name__}")
    plain: Sequence[Row] = rows
    names = tuple(columns) if columns is not None else tuple(rows[0]) if rows and isinstance(rows[0], Mapping) else ()
    cells = _cells(plain, names)
    if cells is None:
        plain = [_object(row, f"{path}[{place}]") for place, row in enumerate(rows)]
        names = _columns(columns, plain, path)
        plain = [{name: row.get(name) for name in names} for row in plain]
        cells = _cells(plain, names) or []
    types = list(map(type, cells))
    regular = types[: len(names)] * len(plain) == types
    found = set(types[: len(names)] if regular else types)
    if not found <= _CELL_TYPES:
        _refuse_nested(plain, path)
    if key is None:
        key = next((name for name in DEFAULT_KEYS if name in names), DEFAULT_KEYS[0])
    if plain and key not in names:
        raise InvalidInput.at(f"{path}[0].{key}", "is missing; every row needs its key")
    ids_at = slice(names.index(key), None, len(names)) if plain else slice(0)
    ids = cells[ids_at]
    if not (_ID_TYPES.issuperset(types[ids_at]) and len(set(ids)) == len(ids)):
        _refuse_ids(ids, key, path)
    table = Table(
        key=key,
        columns=names,
        rows=plain,
        fields=_fields(fields, f"{path}.fields") if fields else {},
        known_kinds=dict(zip(names, map(_KINDS_OF.__getitem__, types), strict=False)) if regular and plain else None,
        known_bools=bool in found,
    )
    vars(table)["ids"] = ids  # where a cached_property keeps its value: the keys are at hand, and replace() drops them
    return table


def _fields(given: object, path: str) -> dict[str, Field]:
    return {name: _field(found, f"{path}.{name}") for name, found in _object(given, path).items()}


def _columns(given: Sequence[str] | None, rows: Sequence[Row], path: str) -> tuple[str, ...]:
    """Return the columns as given, else every name that a row has, in the order they are met."""
    found = _every_name(rows)
    if given is None:
        return found
    for name in found:
        if name not in given:
            raise InvalidInput.at(path, f"has a cell {name!r} that is not one of its columns")
    return tuple(given)


def _every_name(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(rows)))


def _cells(rows: Sequence[Row], names: tuple[str, ...]) -> list[Any] | None:
    """Return all cells, row by row, or None where a row is no mapping or has other names than these."""
    if not names:
        return None if any(rows) else []
    take = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
    cells: list[Any] = []
    try:
        for row in map(take, rows):
            cells += row
        return cells if sum(map(len, rows)) == len(cells) else None
    except (KeyError, TypeError, IndexError):
        return None


def _refuse_nested(rows: Sequence[Row], path: str) -> None:
    for place, row in enumerate(rows):
        for name, cell in row.items():
            if type(cell) not in KIND_OF:
                raise InvalidInput.at(
                    f"{path}[{place}].{name}",
                    f"a cell is text, a number, true, false or null, not {type(cell).__name__}",
                )


def _refuse_ids(ids: Sequence[Any], key: str, path: str) -> None:
    seen: set[RowId] = set()
    for place, row_id in enumerate(ids):
        where = f"{path}[{place}].{key}"
        if row_id is None:
            raise InvalidInput.at(where, "is missing; every row needs its key")
        if type(row_id) not in _ID_TYPES:
            raise InvalidInput.at(where, f"a key is text or an integer, not {row_id!r}")
        if row_id in seen:
            raise InvalidInput.at(where, f"the key {row_id!r} occurs twice")
        seen.add(row_id)


def _panel(given: object, path: str) -> Panel:
    document = _object(given, path)
    kind = document.get("kind")
    if kind == "metric":
        return Metric(value=_metric_value(document.get("value"), f"{path}.value"), field=_field(document, path))
    if kind != "table":
        raise InvalidInput.at(f"{path}.kind", f"{kind!r} is not one of table, metric")
    described = {name: document.get(name) for name in ("key", "fields", "columns")}
    return read_table(document.get("rows"), path=f"{path}.rows", **described)


def _field(given: object, path: str) -> Field:
    document = _object(given, path)
    better, tolerance = document.get("better", "none"), document.get("tolerance", 0.0)
    if better not in _BETTER:
        raise InvalidInput.at(f"{path}.better", f"{better!r} is not one of {', '.join(_BETTER)}")
    if not is_number(tolerance) or not 0 <= tolerance < inf:
        raise InvalidInput.at(f"{path}.tolerance", f"{tolerance!r} is not a distance of 0 or more")
    return Field.from_dict(document)


def _metric_value(value: object, path: str) -> Number | None:
    if value is None or (is_number(value) and isfinite(value)):
        return value
    raise InvalidInput.at(path, f"{value!r} is not a number or null")


def _check_summary(given: object, path: str) -> None:
    summary = _object(given, path)
    _metric_value(summary.get("score"), f"{path}.score")
    for place, measure in enumerate(summary.get("measures") or ()):
        where = f"{path}.measures[{place}]"
        if "id" not in _object(measure, where):
            raise InvalidInput.at(f"{where}.id", "is missing; every measure needs its id")
        _field(measure, where)


def _object(given: object, path: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise InvalidInput.at(path, f"must be an object, not {type(given).__name__}")
    return given

"""Changes of shape: panels and columns that were added, removed, or are of another type or key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from stillframe.diff.tables import ComparedTables
from stillframe.model.delta import SchemaChange, SchemaChangeKind
from stillframe.model.payload import KIND_OF, Kind, Panel, Payload, Row, Table

_NO_KIND: Kind = "null"


def panel_changes(a: Payload, b: Payload) -> Iterator[SchemaChange]:
    """Yield the panels that only one payload has, or that are a table in one and a metric in the other."""
    for panel in {**b.panels, **a.panels}:
        if type(a.panels.get(panel)) is type(b.panels.get(panel)):
            continue
        old, new = _panel_kind(a.panels.get(panel)), _panel_kind(b.panels.get(panel))
        change: SchemaChangeKind = "added" if old is None else "removed" if new is None else "retyped"
        yield SchemaChange(panel=panel, column=None, change=change, old=old, new=new)


def column_changes(tables: Mapping[str, ComparedTables]) -> Iterator[SchemaChange]:
    """Yield what differs in the shape of each table that both payloads have under one name."""
    for panel, compared in tables.items():
        if compared.a is not None and compared.b is not None:
            yield from _table_changes(panel, compared, a=compared.a, b=compared.b)


def _table_changes(panel: str, compared: ComparedTables, *, a: Table, b: Table) -> Iterator[SchemaChange]:
    if a.key != b.key and a.columns and b.columns:
        yield SchemaChange(panel=panel, column=None, change="rekeyed", old=a.key, new=b.key)
    if a.columns != b.columns:
        for name in sorted(set(b.columns) - set(a.columns), key=b.columns.index):
            yield SchemaChange(panel=panel, column=name, change="added", old=None, new=_column_kind(b, name))
        for name in sorted(set(a.columns) - set(b.columns), key=a.columns.index):
            yield SchemaChange(panel=panel, column=name, change="removed", old=_column_kind(a, name), new=None)
    for name in _suspects(compared, a=a, b=b):
        old, new = _column_kind(a, name), _column_kind(b, name)
        if old != new and old is not None and new is not None:
            yield SchemaChange(panel=panel, column=name, change="retyped", old=old, new=new)


def _panel_kind(panel: Panel | None) -> str | None:
    if panel is None:
        return None
    return "table" if isinstance(panel, Table) else "metric"


def _column_kind(table: Table, name: str) -> str | None:
    return "|".join(sorted(table.kinds[name] - {_NO_KIND})) or None


def _suspects(compared: ComparedTables, *, a: Table, b: Table) -> list[str]:
    """
    Return the columns of both whose kinds may differ.

    Where the kinds are not known, only what differs is looked at: equal rows cannot make a difference, and most
    diffs then need no look at the rest.
    """
    kinds_a, kinds_b = a.known_kinds, b.known_kinds
    if kinds_a is not None and kinds_a == kinds_b:
        return []
    shared = b.columns if a.columns == b.columns else [name for name in b.columns if name in a.columns]
    if kinds_a is not None and kinds_b is not None:
        return [name for name in shared if kinds_a[name] != kinds_b[name]]
    crossed, only_a, only_b = set(compared.retyped), compared.rows_only_a, compared.rows_only_b
    if only_a or only_b:
        crossed.update(name for name in shared if _kinds_in(only_a, name) != _kinds_in(only_b, name))
    return [name for name in shared if name in crossed] if crossed else []


def _kinds_in(rows: Iterable[Row], name: str) -> set[Kind]:
    return {KIND_OF[kind] for kind in {type(row[name]) for row in rows}}

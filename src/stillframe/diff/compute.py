"""Comparing two snapshots: every table, every metric and the schema, gathered into one Diff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

from stillframe.diff.metrics import dimension_states, headline, metric_deltas
from stillframe.diff.reading import is_bare, read_bare, read_payload
from stillframe.diff.schema import column_changes, panel_changes
from stillframe.diff.tables import ComparedTables, compare_tables, same_table
from stillframe.errors import InvalidInput, NotComparable
from stillframe.model.diff import EMPTY_TABLE_DIFF, Diff
from stillframe.model.payload import Panel, Payload, Primary, Table
from stillframe.model.snapshot import Snapshot

Comparable: TypeAlias = Snapshot | Payload | Mapping[str, Any]

DEFAULT_TOP_N = 10


def compute_diff(snapshot_a: Comparable, snapshot_b: Comparable, *, top_n: int = DEFAULT_TOP_N) -> Diff:
    """
    Return everything that differs between an earlier snapshot and a later one.

    Shape   Each is a Snapshot, a Payload, a payload's JSON, or a mapping with only `primary_rows` and, where wanted,
            `key`, `fields` and `primary_metric` (a number). A table on one side only is compared with an empty one. If
            they name different primary panels, these are compared with each other, under the later one's name.
    Units   `top_n` is a number of rows.
    Errors  NotComparable for snapshots of different dashboards; InvalidInput at the path of what a mapping has wrong.
    Source  docs/reference/semantics.md, "Diff".

    >>> before = {"primary_rows": [{"id": "h-1", "score": 0.5}, {"id": "h-2", "score": 0.4}]}
    >>> after = {"primary_rows": [{"id": "h-2", "score": 0.4}, {"id": "h-1", "score": 0.25}]}
    >>> diff = compute_diff(before, after)
    >>> [(change.id, change.rank_a, change.rank_b) for change in diff.top_n_changes]
    [('h-2', 2, 1), ('h-1', 1, 2)]
    >>> diff.row_value_deltas[0].delta_pct
    -0.5
    """
    if type(top_n) is not int or top_n < 1:
        raise InvalidInput.at("$.top_n", f"{top_n!r} is not a number of rows; give 1 or more")
    if isinstance(snapshot_a, Snapshot) and isinstance(snapshot_b, Snapshot):
        _refuse_strangers(snapshot_a, snapshot_b)
        if snapshot_a.record.content_hash == snapshot_b.record.content_hash:
            return _diff_of_equal(snapshot_b.payload, top_n=top_n)
    a, b = _payloads(snapshot_a, snapshot_b)
    return _diff_payloads(a, b, top_n=top_n)


def _refuse_strangers(a: Snapshot, b: Snapshot) -> None:
    if a.record.dashboard_id != b.record.dashboard_id:
        raise NotComparable(
            f"snapshot {a.record.id} is of dashboard {a.record.dashboard_id} and snapshot {b.record.id} of dashboard "
            f"{b.record.dashboard_id}; two snapshots can be compared when they are of the same dashboard"
        )


def _payloads(given_a: Comparable, given_b: Comparable) -> tuple[Payload, Payload]:
    """Read both; a mapping with only rows is called as the primary panels of the other are."""
    a = None if is_bare(given_a) else _payload(given_a, "snapshot_a")
    b = None if is_bare(given_b) else _payload(given_b, "snapshot_b")
    if a is not None and b is not None:
        return a, b
    found = a or b
    names = found.primary if found else Primary()
    return (
        a or read_bare(cast(Mapping[str, Any], given_a), path="snapshot_a", names=names),
        b or read_bare(cast(Mapping[str, Any], given_b), path="snapshot_b", names=names),
    )


def _payload(given: Comparable, path: str) -> Payload:
    if isinstance(given, Snapshot):
        return given.payload
    return given if isinstance(given, Payload) else read_payload(given, path=path)


def _diff_payloads(a: Payload, b: Payload, *, top_n: int) -> Diff:
    primary = _primary_of_both(a.primary, b.primary)
    tables = _compare_all(a, b, top_n=top_n)
    compared = compare_tables(a.primary_table, b.primary_table, top_n=top_n)
    named_alike = {primary.rows: compared} if primary.rows and a.primary.rows == b.primary.rows else {}
    schema_changes = (*panel_changes(a, b), *column_changes({**named_alike, **tables}))
    metrics = metric_deltas(a, b, first=primary.metric)
    same = not schema_changes and compared.diff.is_empty and all(found.diff.is_empty for found in tables.values())
    return Diff(
        top_n=top_n,
        primary=primary,
        table=compared.diff,
        primary_metric=headline(a, b, metrics),
        metric_deltas=metrics,
        dimension_states=dimension_states(a, b, metrics),
        panels={name: found.diff for name, found in tables.items()},
        schema_changes=schema_changes,
        is_empty=same and not any(metric.differs for metric in metrics),
    )


def _primary_of_both(a: Primary, b: Primary) -> Primary:
    """Return the later one's primary panels, and the earlier one's where it names none."""
    if (b.rows or not a.rows) and (b.metric or not a.metric):
        return b
    return Primary(rows=b.rows or a.rows, metric=b.metric or a.metric)


def _compare_all(a: Payload, b: Payload, *, top_n: int) -> dict[str, ComparedTables]:
    """Compare every table that is not primary in either."""
    primary = (a.primary.rows, b.primary.rows)
    found: dict[str, ComparedTables] = {}
    for name in {**b.panels, **a.panels}:
        if name not in primary:
            old, new = _as_table(a.panels.get(name)), _as_table(b.panels.get(name))
            if old or new:
                found[name] = compare_tables(old, new, top_n=top_n)
    return found


def _as_table(panel: Panel | None) -> Table | None:
    return panel if isinstance(panel, Table) else None


def _diff_of_equal(payload: Payload, *, top_n: int) -> Diff:
    """Return the diff of a payload and itself without looking at its rows."""
    primary = payload.primary_table
    metrics = metric_deltas(payload, payload, first=payload.primary.metric)
    return Diff(
        top_n=top_n,
        primary=payload.primary,
        table=same_table(primary) if primary else EMPTY_TABLE_DIFF,
        primary_metric=headline(payload, payload, metrics),
        metric_deltas=metrics,
        dimension_states=dimension_states(payload, payload, metrics),
        panels={name: same_table(table) for name, table in payload.tables.items() if name != payload.primary.rows},
        is_empty=True,
    )

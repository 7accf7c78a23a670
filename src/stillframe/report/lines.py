"""Lines: a change told entry by entry, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from stillframe.model.delta import MetricDelta, ValueDelta
from stillframe.model.diff import EMPTY_TABLE_DIFF, TABLE_LISTS, Diff, TableDiff
from stillframe.model.moves import TopNChange
from stillframe.model.payload import RowId
from stillframe.model.scope import DIMENSIONS_PANEL, HEALTH_PANEL, HEALTH_SCORE
from stillframe.report.figures import cell, cells_apart, is_number, name, percent, signed
from stillframe.report.phrases import label, schema_phrase, title

CELL_MOST = 40
"""A cell may hold 64 KiB; a line shows its beginning."""


def plain_lines(diff: Diff, *, titles: Mapping[RowId, str], limit: int = 20) -> list[str]:
    """
    Return the change as lines: rank moves, rows added and removed, values, metrics, other tables, changes of shape.

    Shape   At most `limit` lines, and one more that says how many are left; empty for an empty diff. No line holds a
            control character, whatever the data holds.
    """
    shown = list(islice(_lines(diff, titles), limit))
    left = _total(diff) - len(shown)
    return [*shown, f"… and {left:,} more"] if left > 0 else shown


def _lines(diff: Diff, titles: Mapping[RowId, str]) -> Iterator[str]:
    yield from _table_lines(_told_table(diff), titles)
    yield from map(_metric_line, _told_metrics(diff))
    for panel, table in diff.panels.items():
        yield from (f"{name(panel, most=CELL_MOST)}: {line}" for line in _table_lines(table, {}))
    yield from map(schema_phrase, diff.schema_changes)


def _told_table(diff: Diff) -> TableDiff:
    """Return the primary table's diff; the rows of a project are its dimensions, whose scores are told as metrics."""
    return EMPTY_TABLE_DIFF if diff.primary.rows == DIMENSIONS_PANEL and diff.dimension_states else diff.table


def _told_metrics(diff: Diff) -> list[MetricDelta]:
    """Return the metrics that differ, a project's headline score once."""
    named = {metric.name for metric in diff.metric_deltas}
    twice = HEALTH_PANEL if HEALTH_SCORE in named else None
    return [metric for metric in diff.metric_deltas if metric.differs and metric.name != twice]


def _table_lines(table: TableDiff, titles: Mapping[RowId, str]) -> Iterator[str]:
    told = {(type(change.id), change.id) for change in table.top_n_changes if not _in_both(change)}
    yield from (_rank_line(change, titles) for change in table.top_n_changes)
    for sign, word, ids in (("+", "added", table.id_set_added), ("-", "removed", table.id_set_removed)):
        yield from (f"{sign} {title(row_id, titles)} {word}" for row_id in ids if (type(row_id), row_id) not in told)
    yield from (_value_line(change, titles) for change in table.row_value_deltas)


def _total(diff: Diff) -> int:
    tables = sum(_table_total(table) for table in (_told_table(diff), *diff.panels.values()))
    return tables + len(_told_metrics(diff)) + diff.total("schema_changes")


def _table_total(table: TableDiff) -> int:
    twice = sum(not _in_both(change) for change in table.top_n_changes)
    return sum(table.total(member) for member in TABLE_LISTS) - twice


def _rank_line(change: TopNChange, titles: Mapping[RowId, str]) -> str:
    called = title(change.id, titles)
    if change.rank_a is None:
        return f"+ {called} new at {change.rank_b}"
    if change.rank_b is None:
        return f"- {called} gone, was {change.rank_a}"
    return f"{'▲' if change.rank_b < change.rank_a else '▼'} {called} {change.rank_a} → {change.rank_b}"


def _value_line(change: ValueDelta, titles: Mapping[RowId, str]) -> str:
    return f"  {title(change.id, titles)} {name(change.field, most=CELL_MOST)} {_went(change)}"


def _metric_line(metric: MetricDelta) -> str:
    called = label(metric.name)
    if metric.presence == "only_a":
        return f"  {called} gone, was {cell(metric.old, most=CELL_MOST)}"
    if metric.presence == "only_b":
        return f"  {called} new at {cell(metric.new, most=CELL_MOST)}"
    state = "" if metric.state == "unchanged" else f" {metric.state}"
    return f"  {called} {_went(metric)}{state}"


def _went(change: ValueDelta | MetricDelta) -> str:
    old, new = cells_apart(change.old, change.new, most=CELL_MOST)
    if change.delta is None or not is_number(change.delta):
        return f"{old} → {new}"
    share = (
        "from zero"
        if change.delta_pct is None
        else f"{'+' if change.delta_pct > 0 else '-'}{percent(change.delta_pct)}"
    )
    return f"{old} → {new} ({signed(change.delta)}, {share})"


def _in_both(change: TopNChange) -> bool:
    return change.rank_a is not None and change.rank_b is not None

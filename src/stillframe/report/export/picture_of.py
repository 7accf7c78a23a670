"""What one snapshot showed: its tables in rank order, its metrics, its six dimensions with their measures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stillframe.model.payload import Cell, Payload, Table
from stillframe.model.scope import DIMENSIONS, DIMENSIONS_PANEL, FINDINGS_PANEL, MEMBERS_PANEL
from stillframe.report.export.document import (
    CELL_MOST,
    COLUMNS_MOST,
    Block,
    Column,
    Grid,
    Remark,
    Said,
    Section,
)
from stillframe.report.export.writing import EMPTY, Writer

_NAMES_MOST = 12
"""So many of the columns that are not shown are named."""
_OURS = (DIMENSIONS_PANEL, FINDINGS_PANEL, MEMBERS_PANEL)
"""Tables whose columns are Stillframe's own, so that their names can be said in the reader's language."""


def picture_sections(payload: Payload, writer: Writer) -> Iterator[Section]:
    """Return what the dashboard showed: metrics, dimensions, then every table, the primary one first."""
    if payload.metrics:
        yield _metrics(payload, writer)
    if payload.summaries:
        yield from _dimensions(payload, writer)
    primary = payload.primary.rows
    for name, table in sorted(payload.tables.items(), key=lambda found: found[0] != primary):
        if name != DIMENSIONS_PANEL or not payload.summaries:
            title = writer.language.label(name, most=CELL_MOST)
            yield Section(title=title, blocks=_table(name, table, writer))


def _metrics(payload: Payload, writer: Writer) -> Section:
    columns = [
        writer.head("metric", weight=1),
        writer.head("value", right=True),
        writer.head("unit"),
        writer.head("better"),
        writer.head("tolerance", right=True),
    ]
    rows = (
        (
            writer.text(writer.language.label(name, most=CELL_MOST), "strong"),
            writer.cell(metric.value),
            writer.text(metric.field.unit),
            Said(writer.say(f"better.{metric.field.better}")),
            writer.cell(metric.field.tolerance) if metric.field.tolerance else EMPTY,
        )
        for name, metric in payload.metrics.items()
    )
    grid = writer.grid(columns, rows, total=len(payload.metrics), sparse=True)
    return Section(title=writer.say("section.metrics"), blocks=(grid,))


def _dimensions(payload: Payload, writer: Writer) -> Iterator[Section]:
    summaries = payload.summaries
    others = [name for name in summaries if name not in DIMENSIONS]
    named = [*DIMENSIONS, *others]
    columns = [
        writer.head("dimension", weight=1),
        writer.head("score", right=True),
        writer.head("status"),
        writer.head("measures", right=True),
    ]
    rows = (_dimension_row(name, _mapping(summaries.get(name)), writer) for name in named)
    yield Section(
        title=writer.say("section.dimensions"), blocks=(writer.grid(columns, rows, total=len(named), sparse=True),)
    )
    measures = [(name, measure) for name in named for measure in _measures(_mapping(summaries.get(name)))]
    if measures:
        yield Section(title=writer.say("section.measures"), blocks=(_measure_grid(measures, writer),))


def _dimension_row(name: str, summary: Mapping[str, Any], writer: Writer) -> tuple[Said, ...]:
    score = summary.get("score")
    count = len(_measures(summary))
    return (
        Said(writer.language.label(name, most=CELL_MOST), "strong"),
        _plain(score, writer) if score is not None else EMPTY,
        writer.state("missing" if score is None else "measured"),
        writer.whole(count) if count else EMPTY,
    )


def _measure_grid(measures: Sequence[tuple[str, Mapping[str, Any]]], writer: Writer) -> Grid:
    columns = [
        writer.head("dimension"),
        writer.head("measure", weight=1),
        writer.head("value", right=True),
        writer.head("unit"),
        writer.head("score", right=True),
        writer.head("status"),
    ]
    rows = (
        (
            Said(writer.language.label(name, most=CELL_MOST), "muted"),
            Said(writer.language.label(f".{measure.get('id', '')}".strip(), most=CELL_MOST)),
            _plain(measure.get("value"), writer),
            _optional(measure.get("unit"), writer),
            _plain(measure["score"], writer) if measure.get("score") is not None else EMPTY,
            _status(measure.get("status"), writer),
        )
        for name, measure in measures
    )
    return writer.grid(columns, rows, total=len(measures), sparse=True)


def _table(name: str, table: Table, writer: Writer) -> tuple[Block, ...]:
    if not table.rows:
        return (Remark(text=writer.say("remark.no_rows")),)
    shown, hidden = table.columns[:COLUMNS_MOST], table.columns[COLUMNS_MOST:]
    notes = []
    if hidden:
        names = ", ".join(writer.language.name(column, most=CELL_MOST) for column in hidden[:_NAMES_MOST])
        more = names if len(hidden) <= _NAMES_MOST else f"{names} …"
        notes.append(writer.language.count("cut.columns", len(hidden), names=more))
    columns = [writer.head("rank", right=True), *(_column(column, writer, panel=name, table=table) for column in shown)]
    rows = (
        (Said(writer.language.whole(rank), "muted"), *(writer.cell(row.get(column)) for column in shown))
        for rank, row in enumerate(table.rows, start=1)
    )
    return (writer.grid(columns, rows, total=len(table.rows), notes=notes),)


def _column(column: str, writer: Writer, *, panel: str, table: Table) -> Column:
    title, unit = _column_title(panel, column, writer), table.field(column).unit
    numeric = table.kinds.get(column, frozenset()) <= {"number", "null"} and column != table.key
    return Column(
        title=writer.language.name(f"{title} ({unit})" if unit else title, most=CELL_MOST),
        align="right" if numeric else "left",
    )


def _column_title(panel: str, column: str, writer: Writer) -> str:
    """Return what a column is called: a dashboard's own names as they are, Stillframe's in the reader's language."""
    if panel not in _OURS:
        return column
    key = f"column.{column}"
    return writer.language.texts.get(key) or writer.language.label(column, most=CELL_MOST)


def _measures(summary: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = summary.get("measures")
    return [measure for measure in found if isinstance(measure, Mapping)] if isinstance(found, list | tuple) else []


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}


def _plain(value: object, writer: Writer) -> Said:
    """Return a cell of a summary, which may be any JSON value: its writers are other programs."""
    cell: Cell = value if value is None or isinstance(value, str | int | float | bool) else str(value)
    return writer.cell(cell)


def _optional(value: object, writer: Writer) -> Said:
    return EMPTY if value is None else _plain(value, writer)


def _status(value: object, writer: Writer) -> Said:
    return EMPTY if value is None else Said(writer.language.known("state", _plain(value, writer).text))

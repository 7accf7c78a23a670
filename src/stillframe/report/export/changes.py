"""What differs between two snapshots, as sections: dimensions, metrics, rank moves, values, sets of rows, shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stillframe.model.delta import MetricDelta
from stillframe.model.diff import Diff, TableDiff
from stillframe.model.payload import Better, Payload, RowId, Table
from stillframe.model.scope import DIMENSIONS, DIMENSIONS_PANEL, FINDINGS_PANEL, HEALTH_PANEL, HEALTH_SCORE
from stillframe.report.charts import Chart
from stillframe.report.clauses import SCORE
from stillframe.report.export.charting import metrics_charts, moves_charts
from stillframe.report.export.document import CELL_MOST, Block, Column, Grid, Remark, Said, Section
from stillframe.report.export.writing import EMPTY, Writer
from stillframe.report.languages import Language
from stillframe.report.phrases import schema_phrase
from stillframe.report.words import row_titles

_EMPTY_TABLE = Table(key="id", columns=(), rows=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """
    A diff, the two payloads that it is of, and the charts that show it.

    Shape   `moves`: of the primary table's ranks; `metrics`: of the metrics.
    """

    diff: Diff
    before: Payload
    after: Payload
    moves: tuple[Chart, ...] = ()
    metrics: tuple[Chart, ...] = ()

    @classmethod
    def of(cls, diff: Diff, *, before: Payload, after: Payload, language: Language) -> Changes:
        """Return a diff with the charts that show it."""
        return cls(
            diff=diff,
            before=before,
            after=after,
            moves=tuple(moves_charts(diff, before=before, after=after, language=language)),
            metrics=tuple(metrics_charts(diff, before=before, after=after, language=language)),
        )


def change_sections(changes: Changes, writer: Writer) -> Iterator[Section]:
    """Return every section that has something to say; one sentence when nothing differs."""
    diff = changes.diff
    if diff.is_empty:
        yield Section(title=writer.say("section.changed"), blocks=(Remark(text=writer.say("remark.same")),))
        return
    if diff.dimension_states:
        yield _dimensions(diff, writer)
    metrics = _told_once(diff)
    if metrics or changes.metrics:
        grids = (_metric_grid(diff, metrics, writer),) if metrics else ()
        yield Section(title=writer.say("section.metrics"), blocks=(*changes.metrics, *grids))
    for name, table in diff.tables.items():
        # What the six dimensions did is said above; the table of them would say it again.
        if not table.is_empty and not (name == DIMENSIONS_PANEL and diff.dimension_states):
            yield from _table_sections(_Compared.of(changes, name, table), writer)
    if diff.schema_changes:
        yield _schema(diff, writer)


def _dimensions(diff: Diff, writer: Writer) -> Section:
    scores = {metric.name: metric for metric in diff.metric_deltas}
    names: list[str] = [name for name in DIMENSIONS if name in diff.dimension_states]
    names += [name for name in diff.dimension_states if name not in DIMENSIONS]
    columns = [writer.head("dimension", weight=1), *_number_heads(writer), writer.head("state")]
    rows = (
        (
            Said(writer.language.label(name, most=CELL_MOST), "strong"),
            *(_numbers(scores[name + SCORE], writer) if name + SCORE in scores else (EMPTY,) * 4),
            _state_of(scores.get(name + SCORE), diff.dimension_states[name], writer),
        )
        for name in names
    )
    grid = writer.grid(columns, rows, total=len(names))
    return Section(title=writer.say("section.dimensions"), blocks=(grid,))


def _told_once(diff: Diff) -> list[MetricDelta]:
    """Return every metric but the dimensions' scores, which are told as such; those that differ come first."""
    told = {name + SCORE for name in diff.dimension_states}
    if HEALTH_SCORE in told:
        told.add(HEALTH_PANEL)
    return sorted(
        (metric for metric in diff.metric_deltas if metric.name not in told), key=lambda metric: not metric.differs
    )


def _metric_grid(diff: Diff, metrics: Sequence[MetricDelta], writer: Writer) -> Grid:
    columns = [writer.head("metric", weight=1), *_number_heads(writer), writer.head("state")]
    rows = (
        (
            Said(writer.language.label(metric.name, most=CELL_MOST), "strong"),
            *_numbers(metric, writer),
            _state_of(metric, metric.state, writer),
        )
        for metric in metrics
    )
    beyond = diff.total("metric_deltas") - len(diff.metric_deltas)
    return writer.grid(columns, rows, total=len(metrics) + beyond)


def _number_heads(writer: Writer) -> list[Column]:
    return [writer.head(word, right=True) for word in ("old", "new", "delta", "share")]


def _numbers(metric: MetricDelta, writer: Writer) -> tuple[Said, ...]:
    old, new = writer.old_and_new(metric)
    return (old, new, *writer.difference(metric, better=metric.better))


def _state_of(metric: MetricDelta | None, state: str, writer: Writer) -> Said:
    """Return the state of a metric; that it came, went, or has no value now is said as such."""
    if metric is None:
        return writer.state(state)
    if metric.presence != "both":
        return writer.state("gone" if metric.presence == "only_a" else "new")
    return writer.state("missing" if metric.missing else "changed" if metric.changed else state)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """One table on both sides."""

    name: str
    diff: TableDiff
    top_n: int
    before: Table
    after: Table
    titles: Mapping[RowId, str]
    is_primary: bool
    pictures: tuple[Chart, ...]

    @classmethod
    def of(cls, changes: Changes, name: str, diff: TableDiff) -> _Compared:
        is_primary = name == changes.diff.primary.rows
        before, after = (found.tables.get(name, _EMPTY_TABLE) for found in (changes.before, changes.after))
        return cls(
            name=name,
            diff=diff,
            top_n=changes.diff.top_n,
            before=before,
            after=after,
            titles=row_titles(before) | row_titles(after),
            is_primary=is_primary,
            pictures=changes.moves if is_primary else (),
        )

    def row(self, row_id: RowId, writer: Writer) -> Said:
        return writer.text(self.titles.get(row_id) or str(row_id), "strong")

    def better(self, field: str) -> Better:
        """Which way of a field is better, by the later table, else by the earlier."""
        told = self.after.field(field).better
        return told if told != "none" else self.before.field(field).better

    def heading(self, section: str, writer: Writer) -> str:
        said = writer.say(f"section.{section}")
        return said if self.is_primary else f"{writer.language.label(self.name, most=CELL_MOST)}: {said}"


def _table_sections(table: _Compared, writer: Writer) -> Iterator[Section]:
    diff = table.diff
    # Findings are a set: where one stands in the list says nothing.
    if table.name != FINDINGS_PANEL and (diff.top_n_changes or diff.rank_changes_total):
        yield Section(title=table.heading("moves", writer), blocks=(*table.pictures, *_moves(table, writer)))
    if diff.total("row_value_deltas"):
        yield Section(title=table.heading("values", writer), blocks=(_values(table, writer),))
    sets = tuple(_sets(table, writer))
    if sets:
        yield Section(title=table.heading("sets", writer), blocks=sets)


def _moves(table: _Compared, writer: Writer) -> Iterator[Block]:
    diff, total = table.diff, table.diff.rank_changes_total
    if total:
        yield Remark(text=writer.language.count("remark.moved", total))
    if diff.top_n_changes:
        columns = [
            writer.head("after", right=True),
            writer.head("move", right=True),
            writer.head("row", weight=1),
            writer.head("before", right=True),
            writer.head("state"),
        ]
        rows = (
            (
                writer.whole(change.rank_b),
                writer.move(change.rank_a, change.rank_b),
                table.row(change.id, writer),
                writer.whole(change.rank_a),
                writer.state(change.change),
            )
            for change in diff.top_n_changes
        )
        note = writer.say("remark.top", top=writer.language.whole(table.top_n))
        yield writer.grid(columns, rows, total=diff.total("top_n_changes"), notes=(note,))


def _values(table: _Compared, writer: Writer) -> Grid:
    columns = [writer.head("row", weight=2), writer.head("field", weight=1), *_number_heads(writer)]
    rows = (
        (
            table.row(change.id, writer),
            writer.text(change.field, "muted"),
            *writer.old_and_new(change),
            *writer.difference(change, better=table.better(change.field)),
        )
        for change in table.diff.row_value_deltas
    )
    return writer.grid(columns, rows, total=table.diff.total("row_value_deltas"))


def _sets(table: _Compared, writer: Writer) -> Iterator[Grid]:
    listed = (("added", table.diff.id_set_added, table.after), ("removed", table.diff.id_set_removed, table.before))
    for word, ids, where in listed:
        total = table.diff.total(f"id_set_{word}")
        if total:
            columns = [writer.head("rank", right=True), writer.head(word, weight=1), writer.head("id", weight=1)]
            rows = (
                (
                    writer.whole(where.places[row_id] + 1) if row_id in where.places else EMPTY,
                    table.row(row_id, writer),
                    writer.code(str(row_id)),
                )
                for row_id in ids
            )
            yield writer.grid(columns, rows, total=total)


def _schema(diff: Diff, writer: Writer) -> Section:
    columns = [writer.head("what", weight=1)]
    rows: Sequence[tuple[Said]] = [
        (Said(schema_phrase(change, language=writer.language)),) for change in diff.schema_changes
    ]
    grid = writer.grid(columns, rows, total=diff.total("schema_changes"))
    return Section(title=writer.say("section.schema"), blocks=(grid,))

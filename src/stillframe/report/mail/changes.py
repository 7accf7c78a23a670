"""What changed, as blocks of a mail: ranks, values, rows, metrics, each cut where its reader wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from stillframe.model.delta import MetricDelta, ValueDelta
from stillframe.model.diff import Diff, TableDiff
from stillframe.model.moves import TopNChange
from stillframe.model.payload import Cell, RowId
from stillframe.model.scope import DIMENSIONS_PANEL, FINDINGS_PANEL, HEALTH_PANEL, HEALTH_SCORE
from stillframe.report.figures import cells_apart, is_number, name, percent, signed
from stillframe.report.mail.document import Block, Bullets, Column, Grid, Said, Tone
from stillframe.report.mail.reasons import EntryKey
from stillframe.report.phrases import label, schema_phrase, title

TITLE_MOST: Final = 60
CELL_MOST: Final = 40
FINDING_MOST: Final = 120
PANELS_MOST: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """
    What the blocks are made from.

    Shape   `titles`: what rows of the primary table are called; `others`: those of other tables, by panel. `limits`:
            which limit an entry met.
    Units   `most`: entries shown of each list.
    """

    diff: Diff
    titles: Mapping[RowId, str]
    limits: Mapping[EntryKey, str]
    most: int
    others: Mapping[str, Mapping[RowId, str]] = field(default_factory=dict)

    def blocks(self) -> Iterator[Block]:
        """Return every block that has something to show, the primary table first."""
        diff = self.diff
        # The rows of a project are its dimensions, whose scores are told as metrics.
        if not (diff.primary.rows == DIMENSIONS_PANEL and diff.dimension_states):
            yield from self._table(diff.table, titles=self.titles)
        yield from self._metrics()
        told = [(panel, table) for panel, table in diff.panels.items() if not table.is_empty]
        for panel, table in told[:PANELS_MOST]:
            yield from self._panel(panel, table)
        if len(told) > PANELS_MOST:
            names = tuple(label(panel, most=TITLE_MOST) for panel, _ in told[PANELS_MOST:])
            yield Bullets(title="Other tables that changed", items=names[: self.most], more=_left(names, self.most))
        if diff.schema_changes:
            said = tuple(_opened(schema_phrase(change)) for change in diff.schema_changes[: self.most])
            left = diff.total("schema_changes") - len(said)
            yield Bullets(title="Shape", items=said, more=_more(left))

    def _table(self, table: TableDiff, *, titles: Mapping[RowId, str], prefix: str = "") -> Iterator[Block]:
        told = {(type(change.id), change.id) for change in table.top_n_changes if not _in_both(change)}
        yield from self._ranks(table, titles, prefix=prefix)
        yield from self._values(table, titles, prefix=prefix)
        sets = (("Added", table.id_set_added, "id_set_added"), ("Removed", table.id_set_removed, "id_set_removed"))
        for word, ids, member in sets:
            rest = [row_id for row_id in ids if (type(row_id), row_id) not in told]
            shown = tuple(title(row_id, titles, most=TITLE_MOST) for row_id in rest[: self.most])
            left = table.total(member) - (len(ids) - len(rest)) - len(shown)
            if shown:
                yield Bullets(title=_titled(prefix, word), items=shown, more=_more(left))

    def _panel(self, panel: str, table: TableDiff) -> Iterator[Block]:
        prefix, titles = label(panel, most=TITLE_MOST), self.others.get(panel, {})
        if panel == FINDINGS_PANEL:
            # Where a finding stands in their list says nothing.
            sets = (("New findings", "id_set_added"), ("Resolved findings", "id_set_removed"))
            for word, member in sets:
                ids = getattr(table, member)
                shown = tuple(_finding(found, titles) for found in ids[: self.most])
                if shown:
                    yield Bullets(title=word, items=shown, more=_more(table.total(member) - len(shown)))
            return
        yield from self._table(table, titles=titles, prefix=prefix)

    def _ranks(self, table: TableDiff, titles: Mapping[RowId, str], *, prefix: str) -> Iterator[Block]:
        moves = table.top_n_changes[: self.most]
        if not moves:
            return
        columns = (
            Column(title="Row"),
            Column(title="Before", right=True),
            Column(title="After", right=True),
            Column(title="Move"),
        )
        rows = tuple(
            (
                Said(title(move.id, titles, most=TITLE_MOST), "strong"),
                _rank(move.rank_a),
                _rank(move.rank_b),
                _moved(move),
            )
            for move in moves
        )
        left = table.total("top_n_changes") - len(rows)
        yield Grid(title=_titled(prefix, "Ranks"), columns=columns, rows=rows, more=_more(left))

    def _values(self, table: TableDiff, titles: Mapping[RowId, str], *, prefix: str) -> Iterator[Block]:
        met = [delta for delta in table.row_value_deltas if self._limit(delta) and not prefix]
        rest = (delta for delta in table.row_value_deltas if prefix or not self._limit(delta))
        shown = [*met[: self.most], *islice(rest, max(self.most - len(met), 0))]
        if not shown:
            return
        rows = [
            (
                Said(title(delta.id, titles, most=TITLE_MOST), "strong", name(delta.field, most=CELL_MOST)),
                *_went(delta),
                Said("" if prefix else self._limit(delta), "muted"),
            )
            for delta in shown
        ]
        left = table.total("row_value_deltas") - len(rows)
        yield _value_grid(_titled(prefix, "Values"), "Row", rows, more=_more(left))

    def _metrics(self) -> Iterator[Block]:
        diff = self.diff
        named = {metric.name for metric in diff.metric_deltas}
        twice = HEALTH_PANEL if HEALTH_SCORE in named else None
        told = [metric for metric in diff.metric_deltas if metric.differs and metric.name != twice]
        if not told:
            return
        rows = [
            (
                Said(label(metric.name, most=TITLE_MOST), "strong", _state(metric)),
                *_went(metric),
                Said(self.limits.get(("metric", None, metric.name), ""), "muted"),
            )
            for metric in told[: self.most]
        ]
        beyond = diff.total("metric_deltas") - len(diff.metric_deltas)
        yield _value_grid("Metrics", "Metric", rows, more=_more(len(told) - len(rows) + beyond))

    def _limit(self, delta: ValueDelta) -> str:
        return self.limits.get(("row", delta.id, delta.field), "")


def _value_grid(caption: str, first: str, rows: Sequence[tuple[Said, ...]], *, more: str) -> Grid:
    """Return old and new side by side; the limit has a column where some entry met one."""
    heads = [
        Column(title=first),
        Column(title="Old", right=True),
        Column(title="New", right=True),
        Column(title="Change", right=True),
        Column(title="Limit", right=True),
    ]
    width = 5 if any(row[-1].text for row in rows) else 4
    return Grid(title=caption, columns=tuple(heads[:width]), rows=tuple(row[:width] for row in rows), more=more)


def _went(change: ValueDelta | MetricDelta) -> tuple[Said, Said, Said]:
    old, new = cells_apart(change.old, change.new, most=CELL_MOST)
    return Said(old), Said(new), _difference(change.old, change.new, change=change)


def _difference(old: Cell, new: Cell, *, change: ValueDelta | MetricDelta) -> Said:
    if not (is_number(old) and is_number(new)):
        return Said("changed", "muted")
    sign, tone = _sign(up=new > old)
    if change.delta is None:
        return Said(f"{sign} more than a number holds", tone)
    if change.delta_pct is None:
        return Said(f"{sign} {signed(change.delta)}", tone, "from zero")
    return Said(
        f"{sign} {signed(change.delta)}", tone, f"{'+' if change.delta_pct > 0 else '-'}{percent(change.delta_pct)}"
    )


def _rank(rank: int | None) -> Said:
    return Said("–", "muted") if rank is None else Said(f"{rank:,}")


def _moved(move: TopNChange) -> Said:
    if move.rank_a is None:
        return Said("+ new", "up")
    if move.rank_b is None:
        return Said("− gone", "down")
    sign, tone = _sign(up=move.rank_b < move.rank_a)
    places = abs(move.rank_a - move.rank_b)
    return Said(f"{sign} {'up' if tone == 'up' else 'down'} {places:,}", tone)


def _sign(*, up: bool) -> tuple[str, Tone]:
    return ("▲", "up") if up else ("▼", "down")


def _state(metric: MetricDelta) -> str:
    if metric.presence != "both":
        return "gone" if metric.presence == "only_a" else "new"
    if metric.missing:
        return "no value on one side"
    return "" if metric.state == "unchanged" else metric.state


def _finding(row_id: RowId, titles: Mapping[RowId, str]) -> str:
    """Return a finding by its title and the id that it can be suppressed by."""
    known = name(str(row_id), most=FINDING_MOST)
    called = titles.get(row_id, "")
    return known if called in ("", str(row_id)) else f"{name(called, most=FINDING_MOST)}, id {known}"


def _titled(prefix: str, word: str) -> str:
    return f"{prefix}: {word.lower()}" if prefix else word


def _opened(text: str) -> str:
    return text[:1].upper() + text[1:]


def _more(left: int) -> str:
    return f"and {left:,} more" if left > 0 else ""


def _left(entries: Sequence[object], most: int) -> str:
    return _more(len(entries) - most)


def _in_both(change: TopNChange) -> bool:
    return change.rank_a is not None and change.rank_b is not None

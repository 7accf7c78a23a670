"""A diff: everything that differs between two snapshots, as one frozen value that is also JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from stillframe.errors import InvalidInput
from stillframe.model.delta import MetricDelta, SchemaChange, State, ValueDelta
from stillframe.model.diff_json import DiffReader
from stillframe.model.moves import NO_MOVES, Moves, TopNChange
from stillframe.model.payload import Primary, RowId


class _Entry(Protocol):
    def as_dict(self) -> dict[str, Any]: ...


E = TypeVar("E")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDiff:
    """
    What differs between two versions of one table.

    Shape   `row_value_deltas` by later rank, then column order; ids in the rank order of the table that has them.
    """

    columns: tuple[str, ...] | None
    """Fields that either table has; None when a diff's JSON does not say."""
    moves: Moves = field(compare=False, repr=False)
    top_n_changes: tuple[TopNChange, ...] = ()
    rank_changes_total: int | None = 0
    """Rows of both with another rank, wherever they stand; None when a diff's JSON does not say."""
    row_value_deltas: tuple[ValueDelta, ...] = ()
    id_set_added: tuple[RowId, ...] = ()
    id_set_removed: tuple[RowId, ...] = ()
    cut_totals: Mapping[str, int] = field(default_factory=dict)
    """The true length of each list that was cut when this diff was written as JSON."""

    @property
    def is_empty(self) -> bool:
        entries = self.row_value_deltas or self.id_set_added or self.id_set_removed or self.top_n_changes
        return not (entries or self.rank_changes_total or any(self.cut_totals.values()))

    @property
    def deltas_cut(self) -> bool:
        """Whether more values differ than this diff holds."""
        return self.cut_totals.get("row_value_deltas", 0) > len(self.row_value_deltas)

    def total(self, name: str) -> int:
        """Return the true length of one of the four lists, also where this diff holds only its beginning."""
        return self.cut_totals.get(name, len(getattr(self, name)))

    def members(self, limit: int | None) -> dict[str, Any]:
        """Return the four lists and the count of rank changes as JSON, each list cut to `limit`."""
        return {
            "top_n_changes": _dicts(self.top_n_changes, limit),
            "rank_changes_total": self.rank_changes_total,
            "row_value_deltas": _dicts(self.row_value_deltas, limit),
            "id_set_added": list(self.id_set_added[:limit]),
            "id_set_removed": list(self.id_set_removed[:limit]),
        }

    def ranks(self, limit: int | None) -> list[list[Any]]:
        """Return `[id, rank_a, rank_b]` of each row with a listed value delta, each row once."""
        kept = self.row_value_deltas[:limit]
        return [list(ranks) for ranks in dict.fromkeys((row.id, row.rank_a, row.rank_b) for row in kept if row.rank_b)]


TABLE_LISTS = ("top_n_changes", "row_value_deltas", "id_set_added", "id_set_removed")
EMPTY_TABLE_DIFF = TableDiff(columns=(), moves=NO_MOVES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """
    Everything that differs between an earlier and a later snapshot of one dashboard.

    `as_dict` gives the documented members and four more, without which a rule could not be judged from the JSON:
    `primary` (which panels `top_n_changes` and `primary_metric` speak of), `columns` (panel → its fields in either
    snapshot), `row_ranks` (panel → `[id, rank_a, rank_b]` of each row with a value delta) and, in each of `panels`,
    `rank_changes_total`. A cut diff also has `totals` (panel lists as `panels.ID.LIST`) and `truncated`.

    Shape   `table` is the primary table's; `panels` holds every other table's.
    Errors  `from_dict`: InvalidInput at the path that is wrong.
    Source  docs/reference/semantics.md, "Diff".
    """

    top_n: int
    primary: Primary = Primary()
    table: TableDiff = EMPTY_TABLE_DIFF
    primary_metric: MetricDelta | None = None
    metric_deltas: tuple[MetricDelta, ...] = ()
    dimension_states: Mapping[str, State] = field(default_factory=dict)
    panels: Mapping[str, TableDiff] = field(default_factory=dict)
    schema_changes: tuple[SchemaChange, ...] = ()
    is_empty: bool
    cut_totals: Mapping[str, int] = field(default_factory=dict)

    @property
    def top_n_changes(self) -> tuple[TopNChange, ...]:
        return self.table.top_n_changes

    @property
    def rank_changes_total(self) -> int | None:
        return self.table.rank_changes_total

    @property
    def row_value_deltas(self) -> tuple[ValueDelta, ...]:
        return self.table.row_value_deltas

    @property
    def id_set_added(self) -> tuple[RowId, ...]:
        return self.table.id_set_added

    @property
    def id_set_removed(self) -> tuple[RowId, ...]:
        return self.table.id_set_removed

    @property
    def primary_metric_delta_pct(self) -> float | None:
        return self.primary_metric.delta_pct if self.primary_metric else None

    @property
    def tables(self) -> dict[str, TableDiff]:
        """Every table's diff by panel id, the primary first."""
        primary = {self.primary.rows: self.table} if self.primary.rows is not None else {}
        return primary | dict(self.panels)

    def total(self, name: str) -> int:
        """Return the true length of a list of this diff, also where it holds only its beginning."""
        if name in TABLE_LISTS:
            return self.table.total(name)
        return self.cut_totals.get(name, len(getattr(self, name)))

    def as_dict(self, limit: int | None = None) -> dict[str, Any]:
        """
        Return the JSON of this diff; with a `limit` of 1 or more every list is cut there, before its entries are built.

        Errors  InvalidInput if `limit` is less than 1.
        """
        if limit is not None and limit < 1:
            raise InvalidInput.at("$.limit", f"{limit} is too few; a list is cut at 1 entry or more")
        headline = self.primary_metric
        document: dict[str, Any] = {
            "top_n": self.top_n,
            **self.table.members(limit),
            "primary_metric": headline.as_headline() if headline else None,
            "primary_metric_delta_pct": self.primary_metric_delta_pct,
            "metric_deltas": _dicts(self.metric_deltas, limit),
            "dimension_states": dict(self.dimension_states),
            "panels": {name: table.members(limit) for name, table in self.panels.items()},
            "schema_changes": _dicts(self.schema_changes, limit),
            "is_empty": self.is_empty,
            "primary": {"rows": self.primary.rows, "metric": self.primary.metric},
            "columns": {name: list(table.columns) for name, table in self.tables.items() if table.columns is not None},
            "row_ranks": {name: ranks for name, table in self.tables.items() if (ranks := table.ranks(limit))},
        }
        if limit is not None or self._was_cut:
            totals = self.totals()
            document["totals"] = totals
            document["truncated"] = self._was_cut or any(
                limit is not None and total > limit for total in totals.values()
            )
        return document

    def totals(self) -> dict[str, int]:
        """Return the true length of every list; those of `panels` are named `panels.ID.LIST`."""
        own = {name: self.total(name) for name in (*TABLE_LISTS, "metric_deltas", "schema_changes")}
        panels = {
            f"panels.{name}.{member}": table.total(member)
            for name, table in self.panels.items()
            for member in TABLE_LISTS
        }
        return own | panels

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Diff:
        """
        Return the diff that a JSON document holds; a cut one knows what it does not know.

        Shape   Members that are absent hold nothing, except that `columns` and `rank_changes_total` are then unknown.
        """
        reader = DiffReader(document)
        totals = reader.totals()
        primary = reader.primary()
        metrics = reader.metric_deltas()
        schema_changes = reader.schema_changes()
        table = TableDiff(**reader.table("$", panel=primary.rows, prefix=""))
        panels = {
            name: TableDiff(**reader.table(f"$.panels.{name}", panel=name, prefix=f"panels.{name}."))
            for name in reader.mapping("panels")
        }
        states = reader.dimension_states()
        headline = reader.headline(metrics, primary)
        same = (
            all(found.is_empty for found in (table, *panels.values()))
            and not schema_changes
            and not any(metric.differs for metric in (*metrics, *([headline] if headline else ())))
            and set(states.values()) <= {"unchanged"}
        )
        return cls(
            top_n=reader.top_n,
            primary=primary,
            table=table,
            primary_metric=headline,
            metric_deltas=metrics,
            dimension_states=states,
            panels=panels,
            schema_changes=schema_changes,
            is_empty=reader.flag("is_empty", default=same),
            cut_totals={name: totals[name] for name in ("metric_deltas", "schema_changes") if name in totals},
        )

    @property
    def _was_cut(self) -> bool:
        tables = (self.table, *self.panels.values())
        cut = any(table.total(name) > len(getattr(table, name)) for table in tables for name in TABLE_LISTS)
        return cut or any(total > len(getattr(self, name)) for name, total in self.cut_totals.items())


def _dicts(entries: Sequence[_Entry], limit: int | None) -> list[dict[str, Any]]:
    return [entry.as_dict() for entry in _first(entries, limit)]


def _first(entries: Sequence[E], limit: int | None) -> Iterable[E]:
    return entries if limit is None else entries[:limit]

"""What rules ask of a diff, found once: each table's fields with their greatest moves, and the metrics by name."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Protocol

from stillframe.errors import IncompleteDiff
from stillframe.model.delta import MetricDelta, ValueDelta
from stillframe.model.diff import Diff, TableDiff
from stillframe.model.moves import CountRange
from stillframe.model.payload import Cell, Number
from stillframe.rules.conditions import Direction, Measure, NamedRows, RowFilter, TopRows

RELATIVE_SLACK = 1e-9
"""0.6 → 0.54 is ten per cent although no binary fraction says so."""
_NOTHING = -1.0


class Move(Protocol):
    """Anything that went from one value to another."""

    @property
    def old(self) -> Cell: ...
    @property
    def new(self) -> Cell: ...
    @property
    def delta(self) -> Number | None: ...
    @property
    def delta_pct(self) -> float | None: ...
    @property
    def from_zero(self) -> bool: ...
    @property
    def overflow(self) -> bool: ...


def reaches(size: Number, limit: Number) -> bool:
    """
    Say whether a size meets a limit: inclusive, with a relative slack of 1e-9.

    >>> reaches(abs(0.54 - 0.6) / 0.6, 0.1)
    True
    """
    return size >= limit * (1 - RELATIVE_SLACK)


def is_numeric(move: Move) -> bool:
    """Say whether something went from a number to a number."""
    return move.delta is not None or move.overflow


def size_of(move: Move, measure: Measure) -> Number:
    """
    Return how far a number moved, without sign.

    Units   For `pct` a fraction of abs(old), infinite from zero; infinite where it overflowed.
    """
    moved = move.delta if measure == "abs" else move.delta_pct
    return inf if moved is None else abs(moved)


def goes(move: Move, direction: Direction) -> bool:
    """Say whether a number moved in this direction."""
    return direction == "any" or rises(move) is (direction == "up")


def rises(move: Move) -> bool:
    """Say whether a number went up."""
    return move.new > move.old  # type: ignore[operator]  # because a numeric move is between two numbers


def row_is_meant(delta: ValueDelta, rows: RowFilter | None) -> bool:
    """
    Say whether a rule speaks of this row.

    Errors  IncompleteDiff if the rule asks for ranks and the diff's JSON does not say this row's.
    """
    match rows:
        case None:
            return True
        case NamedRows():
            return delta.id in rows.ids
        case TopRows():
            if not delta.rank_b:
                raise IncompleteDiff(
                    f"this diff's JSON does not say the rank of row {delta.id!r}; judge it on the whole diff"
                )
            return min(delta.rank_a, delta.rank_b) <= rows.top


class FieldFacts:
    """One field's moves between numbers, and the greatest size of each measure and direction."""

    __slots__ = ("_greatest", "moves")

    def __init__(self) -> None:
        self.moves: list[ValueDelta] = []
        self._greatest: dict[tuple[Measure, Direction], Number] = {}

    def add(self, delta: ValueDelta) -> None:
        self.moves.append(delta)
        greatest = self._greatest
        direction: Direction = "up" if rises(delta) else "down"
        size, fraction = size_of(delta, "abs"), size_of(delta, "pct")
        if size > greatest.get(("abs", direction), _NOTHING):
            greatest["abs", direction] = size
        if fraction > greatest.get(("pct", direction), _NOTHING):
            greatest["pct", direction] = fraction

    def greatest(self, measure: Measure, direction: Direction) -> Number:
        """Return the greatest size, or a negative one where nothing moved that way."""
        if direction == "any":
            greatest = self._greatest
            return max(greatest.get((measure, "up"), _NOTHING), greatest.get((measure, "down"), _NOTHING))
        return self._greatest.get((measure, direction), _NOTHING)


class Facts:
    """
    One diff as rules ask of it; a field is indexed when the first rule asks.

    Shape   A panel of None is the primary table.
    """

    def __init__(self, diff: Diff) -> None:
        self.diff = diff
        self.metrics: Mapping[str, MetricDelta] = {metric.name: metric for metric in diff.metric_deltas}
        self.metrics_cut = diff.total("metric_deltas") > len(diff.metric_deltas)
        self._rank_changes: dict[tuple[int, int], CountRange] = {}
        self._fields: dict[tuple[str | None, str], FieldFacts] = {}

    def table(self, panel: str | None) -> TableDiff | None:
        """Return a table's diff, or None where neither snapshot has the table."""
        diff = self.diff
        if panel is None or panel == diff.primary.rows:
            return diff.table if diff.primary.rows is not None else None
        return diff.panels.get(panel)

    def rank_changes(self, table: TableDiff, top: int) -> CountRange:
        """Return how many rows changed place in the first `top` of a table."""
        found = self._rank_changes.get((id(table), top))
        if found is None:
            found = self._rank_changes[id(table), top] = table.moves.count_range(top)
        return found

    def field(self, panel: str | None, name: str) -> FieldFacts:
        """Return what one field's numbers did; one pass over the table's deltas when the first rule asks."""
        found = self._fields.get((panel, name))
        if found is None:
            found = self._fields[panel, name] = FieldFacts()
            table = self.table(panel)
            for delta in table.row_value_deltas if table else ():
                if delta.field == name and is_numeric(delta):
                    found.add(delta)
        return found

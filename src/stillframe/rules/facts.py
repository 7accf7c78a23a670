"""What rules ask of a diff, found once: each table's fields with their greatest moves, and the metrics by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Literal, NamedTuple, Protocol, TypeAlias

from stillframe.errors import IncompleteDiff
from stillframe.model.delta import MetricDelta, ValueDelta
from stillframe.model.diff import Diff, TableDiff
from stillframe.model.moves import CountRange
from stillframe.model.payload import Cell, Number
from stillframe.model.verdict import Outcome
from stillframe.rules.conditions import Asked, Direction, Measure, NamedRows, RowFilter, TopRows, least_size

_NOTHING = -1.0
"""Less than any limit."""

Answer: TypeAlias = Outcome | Literal["incomplete"]
"""`incomplete`: the diff was read from JSON that holds less than the rule needs."""


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
    return size >= least_size(limit)


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

    __slots__ = ("down_abs", "down_pct", "moves", "up_abs", "up_pct")

    def __init__(self) -> None:
        self.moves: list[ValueDelta] = []
        self.up_abs: Number = _NOTHING
        self.up_pct: Number = _NOTHING
        self.down_abs: Number = _NOTHING
        self.down_pct: Number = _NOTHING

    def greatest(self, measure: Measure, direction: Direction) -> Number:
        """Return the greatest size, or a negative one where nothing moved that way."""
        up, down = (self.up_abs, self.down_abs) if measure == "abs" else (self.up_pct, self.down_pct)
        if direction == "any":
            return max(up, down)
        return up if direction == "up" else down


class Greatest(NamedTuple):
    """The greatest move that a condition asks for, what it says where that is too small, and the field's moves."""

    size: Number
    otherwise: Answer
    moves: Sequence[ValueDelta]


class Strongest(NamedTuple):
    """
    The moves between numbers that a condition asks for, the largest first.

    Shape   `sizes`: of each, negated, so that they rise.
    """

    moves: Sequence[ValueDelta]
    sizes: Sequence[Number]


class Facts:
    """
    One diff as rules ask of it; each part is indexed when the first rule asks.

    Shape   A panel of None is the primary table.
    """

    __slots__ = ("_fields", "_metrics", "_rank_changes", "_strongest", "diff", "found")

    def __init__(self, diff: Diff) -> None:
        self.diff = diff
        self._metrics: dict[str, MetricDelta] | None = None
        self._rank_changes: dict[tuple[str | None, int], CountRange] = {}
        self._fields: dict[str | None, dict[str, FieldFacts]] = {}
        self._strongest: dict[Asked, Strongest] = {}
        self.found: dict[Asked, Greatest] = {}
        """What `find` has found so far; whoever judges looks here first."""

    @property
    def metrics(self) -> Mapping[str, MetricDelta]:
        """Every metric by its name."""
        if self._metrics is None:
            self._metrics = {metric.name: metric for metric in self.diff.metric_deltas}
        return self._metrics

    @property
    def metrics_cut(self) -> bool:
        """Whether there were more metrics than the diff's JSON holds."""
        return self.diff.total("metric_deltas") > len(self.diff.metric_deltas)

    def table(self, panel: str | None) -> TableDiff | None:
        """Return a table's diff, or None where neither snapshot has the table."""
        diff = self.diff
        if panel is None or panel == diff.primary.rows:
            return diff.table if diff.primary.rows is not None else None
        return diff.panels.get(panel)

    def rank_changes(self, panel: str | None, top: int) -> CountRange | None:
        """Return how many rows changed place in the first `top` of a table, or None where there is no such table."""
        found = self._rank_changes.get((panel, top))
        if found is None:
            table = self.table(panel)
            if table is not None:
                found = self._rank_changes[panel, top] = table.moves.count_range(top)
        return found

    def find(self, asked: Asked) -> Greatest:
        """Return the greatest move of a field; the table's deltas are gone through once, when the first rule asks."""
        panel, name, measure, direction = asked
        moved = self._moved(panel).get(name)
        if moved is None:
            found = Greatest(_NOTHING, self._without_moves(panel, name), ())
        else:
            found = Greatest(moved.greatest(measure, direction), self._short_of_limit(panel), moved.moves)
        self.found[asked] = found
        return found

    def strongest(self, asked: Asked) -> Strongest:
        """Return a field's moves by size; they are put in order once, when the first rule is explained."""
        found = self._strongest.get(asked)
        if found is None:
            panel, name, measure, direction = asked
            field = self._moved(panel).get(name)
            moves = [move for move in field.moves if goes(move, direction)] if field else []
            moves.sort(key=lambda move: -size_of(move, measure))
            found = Strongest(moves, [-size_of(move, measure) for move in moves])
            self._strongest[asked] = found
        return found

    def _moved(self, panel: str | None) -> dict[str, FieldFacts]:
        fields = self._fields.get(panel)
        if fields is None:
            table = self.table(panel)
            fields = self._fields[panel] = fields_moved(table.row_value_deltas) if table else {}
        return fields

    def _without_moves(self, panel: str | None, name: str) -> Answer:
        table = self.table(panel)
        if table is None or not (knows_field(table, name) or (table.columns is None and table.deltas_cut)):
            return "unknown"
        return "incomplete" if table.deltas_cut else "false"

    def _short_of_limit(self, panel: str | None) -> Answer:
        table = self.table(panel)
        return "incomplete" if table and table.deltas_cut else "false"


def knows_field(table: TableDiff, name: str) -> bool:
    """Say whether either snapshot has the field, as far as the diff says."""
    if table.columns is None:
        return any(delta.field == name for delta in table.row_value_deltas)
    return name in table.columns


def fields_moved(deltas: Iterable[ValueDelta]) -> dict[str, FieldFacts]:
    """Return what each field's numbers did: one loop without a call, since there may be thousands of deltas."""
    found: dict[str, FieldFacts] = {}
    for delta in deltas:
        _, name, old, new, size, fraction, _, overflow, _, _ = delta
        if size is None and not overflow:
            continue
        size = inf if size is None else size if size >= 0 else -size
        fraction = inf if fraction is None else fraction if fraction >= 0 else -fraction
        facts = found.get(name)
        if facts is None:
            facts = found[name] = FieldFacts()
        facts.moves.append(delta)
        if new > old:  # type: ignore[operator]  # because a delta stands between two numbers
            if size > facts.up_abs:
                facts.up_abs = size
            if fraction > facts.up_pct:
                facts.up_pct = fraction
        else:
            if size > facts.down_abs:
                facts.down_abs = size
            if fraction > facts.down_pct:
                facts.down_pct = fraction
    return found

"""The kinds of rule: six conditions, three combinators, each a frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as member
from typing import Literal, TypeAlias

from stillframe.model.delta import State
from stillframe.model.payload import Number, RowId

Direction: TypeAlias = Literal["any", "up", "down"]
Measure: TypeAlias = Literal["pct", "abs"]
Side: TypeAlias = Literal["added", "removed"]
Asked: TypeAlias = tuple[str | None, str, Measure, Direction]
"""Panel, field, measure and direction: what the greatest move is looked up by."""

RELATIVE_SLACK = 1e-9
"""0.6 → 0.54 is ten per cent although no binary fraction says so."""


def least_size(limit: Number) -> float:
    """Return the least size that meets a limit."""
    return limit * (1 - RELATIVE_SLACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopRows:
    """The rows that stand in the first `top` before or after."""

    top: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRows:
    """The rows with these ids."""

    ids: tuple[RowId, ...]


RowFilter: TypeAlias = TopRows | NamedRows


@dataclass(frozen=True, slots=True, kw_only=True)
class TopNReordering:
    """At least `min_changes` rows entered, left or moved within the first `top`."""

    top: int
    min_changes: int = 1
    panel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueMoved:
    """
    Some row's field moved by at least `limit`.

    Shape   `least`, `least_abs`, `asked` and `is_plain` follow from the others; they are worked out once for each rule
            and not once for each judgement.
    Units   `limit`: for `pct` a fraction (0.10 is ten per cent), else the field's own unit, as `min_abs` always is.
    """

    measure: Measure
    limit: Number
    field: str
    direction: Direction = "any"
    min_abs: Number = 0
    rows: RowFilter | None = None
    panel: str | None = None
    least: float = member(init=False, repr=False, compare=False)
    least_abs: float = member(init=False, repr=False, compare=False)
    asked: Asked = member(init=False, repr=False, compare=False)
    is_plain: bool = member(init=False, repr=False, compare=False)
    """The greatest move of the field decides it; a floor or a row filter asks for the moves one by one."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "least", least_size(self.limit))
        object.__setattr__(self, "least_abs", least_size(self.min_abs))
        object.__setattr__(self, "asked", (self.panel, self.field, self.measure, self.direction))
        object.__setattr__(self, "is_plain", self.rows is None and not self.min_abs)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetChanged:
    """At least `minimum` ids were added, or removed."""

    side: Side
    minimum: int
    panel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricMoved:
    """
    A metric moved by at least `limit`; `metric` is None for the primary one.

    Units   As of ValueMoved.
    """

    measure: Measure
    limit: Number
    metric: str | None = None
    direction: Direction = "any"
    min_abs: Number = 0
    least: float = member(init=False, repr=False, compare=False)
    least_abs: float = member(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "least", least_size(self.limit))
        object.__setattr__(self, "least_abs", least_size(self.min_abs))


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionState:
    """A dimension is in this state; `dimension` is None for any."""

    state: State
    dimension: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyChange:
    """The diff is not empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Every one of these holds."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """At least one of these holds."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """This does not hold."""

    rule: Rule


Condition: TypeAlias = TopNReordering | ValueMoved | SetChanged | MetricMoved | DimensionState | AnyChange
Rule: TypeAlias = Condition | AllOf | AnyOf | Not

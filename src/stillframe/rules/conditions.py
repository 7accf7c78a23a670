"""The kinds of rule: six conditions, three combinators, each a frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from stillframe.model.delta import State
from stillframe.model.payload import Number, RowId

Direction: TypeAlias = Literal["any", "up", "down"]
Measure: TypeAlias = Literal["pct", "abs"]
Side: TypeAlias = Literal["added", "removed"]


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

    Units   `limit`: for `pct` a fraction (0.10 is ten per cent), else the field's own unit, as `min_abs` always is.
    """

    measure: Measure
    limit: Number
    field: str
    direction: Direction = "any"
    min_abs: Number = 0
    rows: RowFilter | None = None
    panel: str | None = None


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

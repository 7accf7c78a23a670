"""Deltas: what one value, one metric or one schema entry did between two snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from stillframe.model.payload import Better, Cell, Number, RowId

State: TypeAlias = Literal["improved", "regressed", "unchanged"]
Presence: TypeAlias = Literal["both", "only_a", "only_b"]
SchemaChangeKind: TypeAlias = Literal["added", "removed", "retyped", "rekeyed"]


class ValueDelta(NamedTuple):
    """
    One value that differs, in a row that both tables have.

    A named tuple and no frozen dataclass: where every row changed there are thousands, and it is built twice as fast.

    Units   `delta_pct` is a signed fraction of abs(old): 0.10 is ten per cent. Ranks count from 1; 0 where a diff's
            JSON does not say the rank.
    """

    id: RowId
    field: str
    old: Cell
    new: Cell
    delta: Number | None
    delta_pct: float | None
    from_zero: bool
    overflow: bool
    rank_a: int
    rank_b: int

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "field": self.field,
            "old": self.old,
            "new": self.new,
            "delta": self.delta,
            "delta_pct": self.delta_pct,
            **flags(from_zero=self.from_zero, overflow=self.overflow),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDelta:
    """
    What one metric did: a metric panel, a dimension's score or a measure.

    Shape   `changed`: it differs and `better` is `none`; `missing`: one side has no value, which is not worse.
    Units   `delta_pct` is a signed fraction of abs(old).
    """

    name: str
    old: Cell
    new: Cell
    delta: Number | None
    delta_pct: float | None
    better: Better
    state: State
    presence: Presence
    from_zero: bool = False
    overflow: bool = False
    changed: bool = False
    missing: bool = False

    @property
    def moved(self) -> bool:
        """Whether both sides have a value and they differ by more than the tolerance."""
        return self.changed or self.state != "unchanged"

    @property
    def differs(self) -> bool:
        return self.moved or self.missing or self.presence != "both"

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "old": self.old,
            "new": self.new,
            "delta": self.delta,
            "delta_pct": self.delta_pct,
            "better": self.better,
            "state": self.state,
            "presence": self.presence,
            **flags(from_zero=self.from_zero, overflow=self.overflow, changed=self.changed, missing=self.missing),
        }

    def as_headline(self) -> dict[str, Any]:
        """Return the JSON of the primary metric."""
        return {
            "old": self.old,
            "new": self.new,
            "delta": self.delta,
            "delta_pct": self.delta_pct,
            "from_zero": self.from_zero,
            **flags(overflow=self.overflow),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaChange:
    """
    A panel or a column that was added, removed, or is of another type or key.

    Shape   `column` is None for the panel itself. `old` and `new`: a panel's kind, a column's kinds joined by `|`
            (nulls are no kind), the key's name when rekeyed; None where there is none.
    """

    panel: str
    column: str | None
    change: SchemaChangeKind
    old: str | None
    new: str | None

    def as_dict(self) -> dict[str, Any]:
        return {"panel": self.panel, "column": self.column, "change": self.change, "old": self.old, "new": self.new}


def flags(**said: bool) -> dict[str, bool]:
    """Return the flags that are true: what is not said in JSON is false."""
    return {name: True for name, true in said.items() if true}

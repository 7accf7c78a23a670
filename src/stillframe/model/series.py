"""Series: what metrics were over time, column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Column: TypeAlias = Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesBlock:
    """
    The values of some metrics at each snapshot of one dashboard, oldest first by what the data describes.

    Shape   All sequences have one entry a snapshot. `values`: by metric, in the order that was asked for; None where it
            was not measured.
    Units   `as_of`: milliseconds since 1970. `sequences`: the snapshots' numbers in their dashboard.
    """

    as_of: Sequence[int]
    sequences: Sequence[int]
    values: Mapping[str, Column]

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics."""
        return tuple(self.values)

    def __len__(self) -> int:
        return len(self.as_of)

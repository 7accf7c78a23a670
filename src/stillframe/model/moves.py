"""Rank moves: which rows changed place at the top of a table, known whole or only as far as they were listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from operator import eq
from typing import Any, Literal, NamedTuple, TypeAlias

from stillframe.errors import IncompleteDiff
from stillframe.model.payload import RowId

Change: TypeAlias = Literal["entered", "left", "moved"]

ABSENT = -1
"""The place of a row that the earlier table does not have."""
_FEW_DEPARTURES = 64
"""Up to so many departures are looked up one by one in C; beyond, an inverse map is cheaper."""


class TopNChange(NamedTuple):
    """One row whose place in the first rows differs. Ranks count from 1; None where the row does not exist."""

    id: RowId
    rank_a: int | None
    rank_b: int | None
    change: Change

    def as_dict(self) -> dict[str, Any]:
        return self._asdict()


def change_within(top: int, *, row_id: RowId, rank_a: int | None, rank_b: int | None) -> TopNChange | None:
    """
    Return how a row's place in the first `top` differs, or None when it does not.

    >>> change_within(3, row_id="h-1", rank_a=5, rank_b=2)
    TopNChange(id='h-1', rank_a=5, rank_b=2, change='entered')
    >>> change_within(3, row_id="h-1", rank_a=5, rank_b=4) is None
    True
    """
    was_in = rank_a is not None and rank_a <= top
    is_in = rank_b is not None and rank_b <= top
    if rank_a == rank_b or not (was_in or is_in):
        return None
    change: Change = "moved" if was_in and is_in else "entered" if is_in else "left"
    return TopNChange(row_id, rank_a, rank_b, change)


def in_listing_order(changes: Iterable[TopNChange]) -> tuple[TopNChange, ...]:
    """Return the changes by their later rank, then those without one by their earlier rank."""
    return tuple(sorted(changes, key=lambda change: (change.rank_b or inf, change.rank_a or inf)))


class CountRange(NamedTuple):
    """How many rows changed place, as far as it is known: at least `low`, at most `high`."""

    low: int
    high: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WholeMoves:
    """
    Every rank move between two rankings, computed for whatever top is asked.

    Shape   `places`: for each row of `ids_b` its place in `ids_a`, or ABSENT.
    Units   Places count from 0, ranks from 1.
    """

    ids_a: Sequence[RowId]
    ids_b: Sequence[RowId]
    places: Sequence[int]

    def within(self, top: int) -> tuple[TopNChange, ...]:
        """Return the rows whose place in the first `top` differs, by later rank, then departures by earlier rank."""
        found: list[TopNChange] = []
        for place, before in enumerate(self.places[:top]):
            if before != place:
                rank_a = None if before == ABSENT else before + 1
                found.append(
                    TopNChange(self.ids_b[place], rank_a, place + 1, "moved" if 0 <= before < top else "entered")
                )
        left = self._departures(top)
        if left:
            left.sort(key=lambda change: change.rank_b or inf)
            found.extend(left)
        return tuple(found)

    def count_range(self, top: int) -> CountRange:
        head, top_of_a = self.places[:top], range(min(top, len(self.ids_a)))
        elsewhere = len(head) - sum(map(eq, head, range(len(head))))
        left = len(top_of_a) - sum(map(top_of_a.__contains__, head))
        return CountRange(elsewhere + left, elsewhere + left)

    def _departures(self, top: int) -> list[TopNChange]:
        still = set(self.places[:top])
        gone = [place for place in range(min(top, len(self.ids_a))) if place not in still]
        if len(gone) > _FEW_DEPARTURES:
            later = {before: place for place, before in enumerate(self.places)}
            ranks = [later.get(place, ABSENT) + 1 or None for place in gone]
        else:
            ranks = [self._later_rank(place, start=top) for place in gone]
        return [TopNChange(self.ids_a[place], place + 1, rank, "left") for place, rank in zip(gone, ranks, strict=True)]

    def _later_rank(self, place: int, *, start: int) -> int | None:
        try:
            return self.places.index(place, start) + 1
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ListedMoves:
    """
    The rank moves that a diff's JSON lists, which may be fewer than there were.

    Shape   `listed_total`: how many changes of the first `top_n` there were before the list was cut; `moves_total`: how
            many rows have another rank, or one only on one side, wherever they stand; None when nobody said.
    Errors  IncompleteDiff when what is asked is not certain from what is listed.
    """

    top_n: int
    listed: tuple[TopNChange, ...]
    listed_total: int
    moves_total: int | None

    def within(self, top: int) -> tuple[TopNChange, ...]:
        """Return the rows whose place in the first `top` differs."""
        if not self._is_exact(top):
            raise IncompleteDiff(
                f"this diff's JSON lists {len(self.listed)} of {self.listed_total} changes of the first {self.top_n} "
                f"rows, and the rule asks for the first {top}; judge it on the whole diff"
            )
        return in_listing_order(self._known(top))

    def count_range(self, top: int) -> CountRange:
        """Return the least and the greatest number of rows that can have changed place in the first `top`."""
        low = len(self._known(top))
        if self._is_exact(top):
            return CountRange(low=low, high=low)
        if top <= self.top_n:
            return CountRange(low=low, high=low + self.listed_total - len(self.listed))
        return CountRange(low=low, high=inf if self.moves_total is None else self.moves_total)

    def _known(self, top: int) -> list[TopNChange]:
        asked = (change_within(top, row_id=row.id, rank_a=row.rank_a, rank_b=row.rank_b) for row in self.listed)
        return [change for change in asked if change is not None]

    def _is_exact(self, top: int) -> bool:
        whole_top = top <= self.top_n and len(self.listed) == self.listed_total
        return whole_top or len(self.listed) == self.moves_total


Moves: TypeAlias = WholeMoves | ListedMoves
NO_MOVES = WholeMoves(ids_a=(), ids_b=(), places=())

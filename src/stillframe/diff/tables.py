"""Comparing two ranked tables: one index, passes in C, and Python only over the rows that differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import compress, filterfalse, repeat
from operator import eq, ne

from stillframe.diff.numbers import NO_MOVE, is_number, move_between
from stillframe.model.delta import ValueDelta
from stillframe.model.diff import EMPTY_TABLE_DIFF, TableDiff
from stillframe.model.moves import ABSENT, WholeMoves
from stillframe.model.payload import Row, RowId, Table

_as_delta = partial(tuple.__new__, ValueDelta)
"""Builds a ValueDelta from a plain tuple without a Python call for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedTables:
    """A table's diff, with the tables and the rows on one side only, from which the schema's changes are read."""

    a: Table | None
    b: Table | None
    diff: TableDiff
    rows_only_a: Sequence[Row] = ()
    rows_only_b: Sequence[Row] = ()


def compare_tables(a: Table | None, b: Table | None, *, top_n: int) -> ComparedTables:
    """
    Compare two versions of a table; a missing one counts as empty.

    Units   `top_n` is a number of rows.
    """
    if a is None and b is None:
        return ComparedTables(a=a, b=b, diff=EMPTY_TABLE_DIFF)
    rows_a, rows_b = a.rows if a else (), b.rows if b else ()
    ids_a, ids_b = a.ids if a else [], b.ids if b else []
    place_in_a = dict(zip(ids_a, range(len(ids_a)), strict=True))
    places = list(map(place_in_a.get, ids_b, repeat(ABSENT)))
    added_count = places.count(ABSENT)
    common = len(places) - added_count
    in_place = sum(map(eq, places, range(len(places))))
    aligned = rows_a if in_place == len(ids_a) == len(ids_b) else list(map([*rows_a, None].__getitem__, places))
    differing = _differing(a, b, aligned=aligned) if common else list(range(len(places)))
    gone = _only_in(ids_a, ids_b) if common < len(ids_a) else ()
    moves = WholeMoves(ids_a=ids_a, ids_b=ids_b, places=places)
    new_places = [place for place in differing if places[place] == ABSENT] if added_count else []
    diff = TableDiff(
        columns=_columns(a, b),
        moves=moves,
        top_n_changes=moves.within(top_n) if in_place < max(len(ids_a), len(ids_b)) else (),
        rank_changes_total=common - in_place,
        row_value_deltas=tuple(map(_as_delta, _value_deltas(a, b, moves=moves, differing=differing)))
        if a and b
        else (),
        id_set_added=tuple(map(ids_b.__getitem__, new_places)),
        id_set_removed=tuple(gone),
    )
    return ComparedTables(
        a=a,
        b=b,
        diff=diff,
        rows_only_a=[rows_a[place_in_a[row_id]] for row_id in gone],
        rows_only_b=[rows_b[place] for place in new_places],
    )


def same_table(table: Table) -> TableDiff:
    """Return the diff of a table and itself without looking at its rows."""
    ids = table.ids
    return TableDiff(columns=table.columns, moves=WholeMoves(ids_a=ids, ids_b=ids, places=range(len(ids))))


def _only_in(ids: Sequence[RowId], others: Iterable[RowId]) -> list[RowId]:
    return list(filterfalse(set(others).__contains__, ids))


def _columns(a: Table | None, b: Table | None) -> tuple[str, ...]:
    if a is None or b is None:
        return (a or b or Table(key="", columns=(), rows=())).columns
    if a.columns == b.columns:
        return b.columns
    return (*b.columns, *(name for name in a.columns if name not in set(b.columns)))


def _differing(a: Table | None, b: Table | None, *, aligned: Sequence[Row | None]) -> list[int]:
    """
    Return the places in `b` of rows that are new or differ.

    `True == 1` in Python, so rows that compare equal are looked at again where a truth value may have become a number.
    """
    rows_b = b.rows if b else ()
    suspects = _bool_columns(a, b)
    differ = map(_differs_in_kind, repeat(suspects), aligned, rows_b) if suspects else map(ne, aligned, rows_b)
    return list(compress(range(len(rows_b)), differ))


def _bool_columns(a: Table | None, b: Table | None) -> tuple[str, ...]:
    """Return the columns of both in which both truth values and numbers stand."""
    if a is None or b is None or not (a.holds_bools or b.holds_bools):
        return ()
    kinds = {name: a.kinds[name] | b.kinds[name] for name in b.columns if name in a.kinds}
    return tuple(name for name, found in kinds.items() if {"bool", "number"} <= found)


def _differs_in_kind(columns: tuple[str, ...], x: Row | None, y: Row) -> bool:
    return x is None or x != y or any((type(x[name]) is bool) is not (type(y[name]) is bool) for name in columns)


def _value_deltas(a: Table, b: Table, *, moves: WholeMoves, differing: Iterable[int]) -> list[tuple[object, ...]]:
    """Return the members of a ValueDelta for each value that differs; in one loop, since a call a cell doubles it."""
    rows_a, rows_b, places, ids_b = a.rows, b.rows, moves.places, moves.ids_b
    shared = b.columns if a.columns == b.columns else tuple(filter(set(a.columns).__contains__, b.columns))
    tolerances = dict.fromkeys(shared, 0.0) | {
        name: max(a.field(name).tolerance, b.field(name).tolerance)
        for name in {**a.fields, **b.fields}
        if name in shared
    }
    fields = tuple(tolerances.items())
    found: list[tuple[object, ...]] = []
    for place in differing:
        before = places[place]
        if before == ABSENT:
            continue
        x, y = rows_a[before], rows_b[place]
        for name, tolerance in fields:
            old, new = x[name], y[name]
            if old is new:
                continue
            if is_number(old) and is_number(new):
                if old == new:
                    continue
                move = move_between(old, new)
                if move[0] is not None and abs(move[0]) <= tolerance:
                    continue
            elif old == new and type(old) is type(new):
                continue
            else:
                move = NO_MOVE
            found.append((ids_b[place], name, old, new, *move, before + 1, place + 1))
    return found

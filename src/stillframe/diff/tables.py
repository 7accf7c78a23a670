"""Comparing two ranked tables: one index, passes in C, and Python only over the rows that differ."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from itertools import compress, filterfalse, repeat
from math import isfinite
from operator import eq, ne
from typing import NamedTuple

from stillframe.diff.numbers import NO_MOVE, is_number, move_between
from stillframe.model.delta import ValueDelta
from stillframe.model.diff import EMPTY_TABLE_DIFF, TableDiff
from stillframe.model.moves import ABSENT, WholeMoves
from stillframe.model.payload import Row, RowId, Table

_as_delta = partial(tuple.__new__, ValueDelta)
"""Builds a ValueDelta from a plain tuple without a Python call for each."""


class ComparedTables(NamedTuple):
    """
    A table's diff, and what the schema's changes are read from.

    Shape   `retyped`: columns in which a value went from one kind to another; the rows are those on one side only.
    """

    a: Table | None
    b: Table | None
    diff: TableDiff
    retyped: Collection[str] = ()
    rows_only_a: Sequence[Row] = ()
    rows_only_b: Sequence[Row] = ()


def compare_tables(a: Table | None, b: Table | None, *, top_n: int) -> ComparedTables:
    """
    Compare two versions of a table; a missing one counts as empty.

    Units   `top_n` is a number of rows.
    """
    if a is None or b is None:
        return _compare_with_none(a, b, top_n=top_n)
    ids_a, ids_b, rows_a, rows_b = a.ids, b.ids, a.rows, b.rows
    if ids_a == ids_b:
        deltas, retyped = _value_deltas(a, b, places=range(len(ids_b)), differing=_differing(a, b, aligned=rows_a))
        moves = WholeMoves(ids_a=ids_a, ids_b=ids_b, places=range(len(ids_b)))
        return ComparedTables(a, b, TableDiff(columns=_columns(a, b), moves=moves, row_value_deltas=deltas), retyped)
    places = list(map(a.places.get, ids_b, repeat(ABSENT)))
    common = len(places) - places.count(ABSENT)
    differing = _differing(a, b, aligned=list(map([*rows_a, None].__getitem__, places)))
    deltas, retyped = _value_deltas(a, b, places=places, differing=differing)
    new = [place for place in differing if places[place] == ABSENT] if common < len(places) else ()
    gone = _only_in(ids_a, ids_b) if common < len(ids_a) else ()
    moves = WholeMoves(ids_a=ids_a, ids_b=ids_b, places=places)
    diff = TableDiff(
        columns=_columns(a, b),
        moves=moves,
        top_n_changes=moves.within(top_n),
        rank_changes_total=common - sum(map(eq, places, range(len(places)))),
        row_value_deltas=deltas,
        id_set_added=tuple(map(ids_b.__getitem__, new)),
        id_set_removed=tuple(gone),
    )
    only_a, only_b = [rows_a[a.places[row_id]] for row_id in gone], [rows_b[place] for place in new]
    return ComparedTables(a, b, diff, retyped, only_a, only_b)


def _compare_with_none(a: Table | None, b: Table | None, *, top_n: int) -> ComparedTables:
    """Compare a table with one that is not there: all its rows were removed, or added."""
    only = a or b
    if only is None:
        return ComparedTables(a, b, EMPTY_TABLE_DIFF)
    ids_a, ids_b = a.ids if a else [], b.ids if b else []
    moves = WholeMoves(ids_a=ids_a, ids_b=ids_b, places=[ABSENT] * len(ids_b))
    diff = TableDiff(
        columns=only.columns,
        moves=moves,
        top_n_changes=moves.within(top_n),
        id_set_added=tuple(ids_b),
        id_set_removed=tuple(ids_a),
    )
    return ComparedTables(a, b, diff)


def same_table(table: Table) -> TableDiff:
    """Return the diff of a table and itself without looking at its rows."""
    ids = table.ids
    return TableDiff(columns=table.columns, moves=WholeMoves(ids_a=ids, ids_b=ids, places=range(len(ids))))


def _only_in(ids: Sequence[RowId], others: Iterable[RowId]) -> list[RowId]:
    return list(filterfalse(set(others).__contains__, ids))


def _columns(a: Table, b: Table) -> tuple[str, ...]:
    if a.columns == b.columns:
        return b.columns
    return (*b.columns, *(name for name in a.columns if name not in set(b.columns)))


def _differing(a: Table, b: Table, *, aligned: Sequence[Row | None]) -> list[int]:
    """
    Return the places in `b` of rows that are new or differ.

    `True == 1` in Python, so rows that compare equal are looked at again where a truth value may have become a number.
    """
    rows_b = b.rows
    suspects = _bool_columns(a, b) if a.holds_bools or b.holds_bools else ()
    differ = map(_differs_in_kind, repeat(suspects), aligned, rows_b) if suspects else map(ne, aligned, rows_b)
    return list(compress(range(len(rows_b)), differ))


def _bool_columns(a: Table, b: Table) -> tuple[str, ...]:
    """Return the columns of both in which both truth values and numbers stand."""
    kinds = {name: a.kinds[name] | b.kinds[name] for name in b.columns if name in a.kinds}
    return tuple(name for name, found in kinds.items() if {"bool", "number"} <= found)


def _differs_in_kind(columns: tuple[str, ...], x: Row | None, y: Row) -> bool:
    return x is None or x != y or any((type(x[name]) is bool) is not (type(y[name]) is bool) for name in columns)


def _value_deltas(
    a: Table, b: Table, *, places: Sequence[int], differing: Iterable[int]
) -> tuple[tuple[ValueDelta, ...], set[str]]:
    """
    Return each value that differs, and the columns in which one went to another type.

    One loop with the arithmetic of `move_between` inside: a call for each cell doubles what it costs.
    """
    rows_a, rows_b, ids_b = a.rows, b.rows, b.ids
    shared = b.columns if a.columns == b.columns else tuple(filter(set(a.columns).__contains__, b.columns))
    tolerances = _tolerances(a, b) if a.fields or b.fields else {}
    found: list[tuple[object, ...]] = []
    retyped: set[str] = set()
    for place in differing:
        before = places[place]
        if before == ABSENT:
            continue
        row_id, x, y = ids_b[place], rows_a[before], rows_b[place]
        for name in shared:
            old, new = x[name], y[name]
            if old is new or (old == new and type(old) is type(new)):
                continue
            if not (is_number(old) and is_number(new)):
                if type(old) is not type(new):
                    retyped.add(name)
                found.append((row_id, name, old, new, *NO_MOVE, before + 1, place + 1))
                continue
            if old == new:
                continue
            try:
                delta = new - old
                delta_pct = delta / abs(old)
                move = (delta, delta_pct, False, False) if isfinite(delta_pct) else move_between(old, new)
            except ArithmeticError:
                move = move_between(old, new)
            if tolerances and move[0] is not None and abs(move[0]) <= tolerances.get(name, 0.0):
                continue
            found.append((row_id, name, old, new, *move, before + 1, place + 1))
    return tuple(map(_as_delta, found)), retyped


def _tolerances(a: Table, b: Table) -> dict[str, float]:
    """Return the larger tolerance of each field that has any."""
    found = {name: max(a.field(name).tolerance, b.field(name).tolerance) for name in {**a.fields, **b.fields}}
    return {name: tolerance for name, tolerance in found.items() if tolerance}

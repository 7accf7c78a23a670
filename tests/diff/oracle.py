"""A second, slow and plain reading of what a diff is, and the payloads it is tried on."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from stillframe.model.payload import Field, Metric, Payload, Primary, Table

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, 2, -1, 0.0, -0.0, 1.0, 0.1, 1.05, 2.5, -1e308, 1e308, 5e-324]),
    st.sampled_from(["", "1", "x"]),
)
IDS = st.one_of(st.integers(0, 4), st.sampled_from(["0", "1", "a", "b"]))
COLUMNS = ("p", "q", "r")


def is_number(cell: object) -> bool:
    """Say whether a cell is a number, the long way."""
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def same(old: object, new: object, tolerance: float = 0.0) -> bool:
    """Say whether two cells are equal as the reference page has it."""
    if is_number(old) and is_number(new):
        return abs(Fraction(new) - Fraction(old)) <= Fraction(tolerance)  # type: ignore[arg-type]  # because both are numbers
    return type(old) is type(new) and old == new


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Draw a small table whose columns, order and cells vary."""
    columns = draw(st.permutations(["id", *draw(st.lists(st.sampled_from(COLUMNS), unique=True))]))
    ids = draw(st.lists(IDS, unique_by=lambda one: (type(one), one), max_size=6))
    rows = [{name: one if name == "id" else draw(CELLS) for name in columns} for one in ids]
    fields = {"p": Field(tolerance=draw(st.sampled_from([0.0, 0.05, 1.0])))}
    return Table(key="id", columns=tuple(columns), rows=rows, fields=fields)


@st.composite
def metrics(draw: st.DrawFn) -> Metric:
    """Draw a metric, perhaps without a value."""
    better: Any = draw(st.sampled_from(["higher", "lower", "none"]))
    value = draw(st.one_of(st.none(), st.sampled_from([0, 1, 1.0, 2, -3, 100, 1e308, -1e308])))
    return Metric(value=value, field=Field(better=better, tolerance=draw(st.sampled_from([0.0, 1.0]))))


@st.composite
def summaries(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the summary of one dimension."""
    measures = [
        {
            "id": name,
            "value": draw(st.sampled_from([None, 0, 1, 2.5])),
            "better": draw(st.sampled_from(["lower", "none"])),
        }
        for name in draw(st.lists(st.sampled_from(["open", "fixed"]), unique=True))
    ]
    return {"score": draw(st.sampled_from([None, 0, 50, 50.5, 100])), "measures": measures}


@st.composite
def payloads(draw: st.DrawFn) -> Payload:
    """Draw a payload with a primary table, perhaps another one, perhaps metrics and dimensions."""
    panels: dict[str, Any] = {"board": draw(tables())}
    if draw(st.booleans()):
        panels["other"] = draw(st.one_of(tables(), metrics()))
    if draw(st.booleans()):
        panels["papers"] = draw(metrics())
    dimensions = draw(st.lists(st.sampled_from(["sca", "audit"]), unique=True))
    primary = Primary(rows="board", metric="papers" if "papers" in panels else None)
    return Payload(panels=panels, primary=primary, summaries={name: draw(summaries()) for name in dimensions})


def table_oracle(a: Table, b: Table, top_n: int) -> dict[str, Any]:
    """Return the five members of a table's diff, found by walking every pair."""
    rank_a = {(type(row["id"]), row["id"]): place for place, row in enumerate(a.rows, 1)}
    rank_b = {(type(row["id"]), row["id"]): place for place, row in enumerate(b.rows, 1)}
    both = [one for one in rank_b if one in rank_a]
    pairs = [(one, a.rows[rank_a[one] - 1], b.rows[rank_b[one] - 1]) for one in both]
    return {
        "top_n_changes": _changes(rank_a, rank_b, top_n),
        "rank_changes_total": sum(rank_a[one] != rank_b[one] for one in both),
        "row_value_deltas": [
            _value(one[1], name, old[name], new[name])
            for one, old, new in pairs
            for name in b.columns
            if name in a.columns and not same(old[name], new[name], _tolerance(a, b, name))
        ],
        "id_set_added": [one[1] for one in rank_b if one not in rank_a],
        "id_set_removed": [one[1] for one in rank_a if one not in rank_b],
    }


def _tolerance(a: Table, b: Table, name: str) -> float:
    return max(a.field(name).tolerance, b.field(name).tolerance)


def _changes(rank_a: dict[Any, int], rank_b: dict[Any, int], top_n: int) -> list[dict[str, Any]]:
    found = []
    for one in {**rank_a, **rank_b}:
        before, after = rank_a.get(one), rank_b.get(one)
        was_in, is_in = before is not None and before <= top_n, after is not None and after <= top_n
        if before != after and (was_in or is_in):
            change = "moved" if was_in and is_in else "entered" if is_in else "left"
            found.append({"id": one[1], "rank_a": before, "rank_b": after, "change": change})
    return sorted(found, key=lambda row: (row["rank_b"] or 1e9, row["rank_a"] or 1e9))


def _value(row_id: Any, name: str, old: Any, new: Any) -> dict[str, Any]:
    entry = {"id": row_id, "field": name, "old": old, "new": new, "delta": None, "delta_pct": None}
    if not (is_number(old) and is_number(new)):
        return entry
    exact, most = Fraction(new) - Fraction(old), Fraction(1.7976931348623157e308)
    if abs(exact) > most:
        return entry | {"overflow": True}
    entry["delta"] = new - old
    if old == 0:
        return entry | {"from_zero": True}
    if abs(exact / Fraction(old)) > most:
        return entry | {"overflow": True}
    return entry | {"delta_pct": (new - old) / abs(old)}

"""Mappings from outside: what is wrong with one is told with its path, and what is odd but right is read."""

from __future__ import annotations

from collections import UserDict
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from stillframe.diff import compute_diff
from stillframe.diff.reading import read_table
from stillframe.errors import InvalidInput
from stillframe.model.payload import Table
from tests.diff.oracle import tables

GOOD: dict[str, Any] = {"primary_rows": [{"id": 1, "v": 1}]}


def panel(**members: Any) -> dict[str, Any]:
    """Return a payload's JSON with one table panel."""
    table = {"kind": "table", "key": "id", "columns": ["id", "v"], "fields": {}, "rows": [{"id": 1, "v": 1}]}
    return {"materialized_data": {"t": table | members}, "primary": {"rows": "t"}}


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ([], "snapshot_b"),
        ("{}", "snapshot_b"),
        ({}, "snapshot_b"),
        ({"primary_row": []}, "snapshot_b"),
        ({**GOOD, "keys": "id"}, "snapshot_b.keys"),
        ({"primary_rows": {}}, "snapshot_b.primary_rows"),
        ({"primary_rows": [3]}, "snapshot_b.primary_rows[0]"),
        ({"primary_rows": [{"id": 1}, [2]]}, "snapshot_b.primary_rows[1]"),
        ({"primary_rows": [{"v": 1}]}, "snapshot_b.primary_rows[0].id"),
        ({"primary_rows": [{"id": 1}, {"v": 1}]}, "snapshot_b.primary_rows[1].id"),
        ({"primary_rows": [{"id": 1}, {"id": None}]}, "snapshot_b.primary_rows[1].id"),
        ({"primary_rows": [{"id": 1}, {"id": 1}]}, "snapshot_b.primary_rows[1].id"),
        ({"primary_rows": [{"id": True}]}, "snapshot_b.primary_rows[0].id"),
        ({"primary_rows": [{"id": 1.0}]}, "snapshot_b.primary_rows[0].id"),
        ({"primary_rows": [{"id": 1}], "key": "slug"}, "snapshot_b.primary_rows[0].slug"),
        ({"primary_rows": [{"id": 1, "v": [1]}]}, "snapshot_b.primary_rows[0].v"),
        ({**GOOD, "primary_metric": "5"}, "snapshot_b.primary_metric"),
        ({**GOOD, "primary_metric": float("nan")}, "snapshot_b.primary_metric"),
        ({**GOOD, "fields": {"v": {"tolerance": -1}}}, "snapshot_b.primary_rows.fields.v.tolerance"),
        ({"materialized_data": []}, "snapshot_b.materialized_data"),
        ({"materialized_data": {}, "schema": "other/1"}, "snapshot_b.schema"),
        ({"materialized_data": {"t": {"kind": "chart"}}}, "snapshot_b.materialized_data.t.kind"),
        ({"materialized_data": {"m": {"kind": "metric", "value": True}}}, "snapshot_b.materialized_data.m.value"),
        (panel(rows=None), "snapshot_b.materialized_data.t.rows"),
        (panel(columns=["id"]), "snapshot_b.materialized_data.t.rows"),
        (panel(fields={"v": {"better": "more"}}), "snapshot_b.materialized_data.t.rows.fields.v.better"),
        ({"materialized_data": {}, "summaries": {"sca": 3}}, "snapshot_b.summaries.sca"),
        ({"materialized_data": {}, "summaries": {"sca": {"score": "A"}}}, "snapshot_b.summaries.sca.score"),
        (
            {"materialized_data": {}, "summaries": {"sca": {"measures": [{}]}}},
            "snapshot_b.summaries.sca.measures[0].id",
        ),
    ],
)
def test_a_bad_mapping_is_refused_with_the_path_of_its_fault(given: Any, path: str) -> None:
    """Nothing is compared that could be read in two ways."""
    with pytest.raises(InvalidInput) as refused:
        compute_diff(GOOD, given)
    assert path in [fault.path for fault in refused.value.faults]


def test_one_and_text_one_are_two_keys() -> None:
    """A key is text or an integer, and they never meet."""
    diff = compute_diff({"primary_rows": [{"id": 1}]}, {"primary_rows": [{"id": "1"}]})
    assert (diff.id_set_added, diff.id_set_removed) == (("1",), (1,))


@pytest.mark.parametrize("key", ["id", "artifact_id", "slug", "name"])
def test_the_usual_keys_need_not_be_named(key: str) -> None:
    """The first of them that is present is the key."""
    diff = compute_diff({"primary_rows": [{key: "a", "v": 1}]}, {"primary_rows": [{key: "a", "v": 2}]})
    assert [delta.id for delta in diff.row_value_deltas] == ["a"]


def test_a_cell_that_is_not_there_is_null() -> None:
    """Rows from outside may leave out what they do not have, also where each row has as many cells as the others."""
    a = {"primary_rows": [{"id": 1, "v": 1}, {"id": 2, "w": 1}]}
    b = {"primary_rows": [{"id": 1, "w": 1}, {"id": 2, "w": 1, "v": None}]}
    told = [(delta.id, delta.field, delta.old, delta.new) for delta in compute_diff(a, b).row_value_deltas]
    assert told == [(1, "w", None, 1), (1, "v", 1, None)]


def test_any_mapping_may_be_a_row() -> None:
    """Rows need not be dicts."""
    diff = compute_diff({"primary_rows": [UserDict(GOOD["primary_rows"][0])]}, {"primary_rows": [{"id": 1, "v": 3}]})
    assert diff.row_value_deltas[0].delta == 2


def test_a_bool_that_became_a_number_is_seen_in_bare_rows() -> None:
    """Also where every other cell of the row is equal, and on either side."""
    one, true = {"primary_rows": [{"id": 1, "v": 1}]}, {"primary_rows": [{"id": 1, "v": True}]}
    for a, b in ((one, true), (true, one)):
        diff = compute_diff(a, b)
        assert len(diff.row_value_deltas) == len(diff.schema_changes) == 1


@pytest.mark.parametrize("cell", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_not_compared(cell: float) -> None:
    """NaN and infinity are refused where they are met."""
    with pytest.raises(InvalidInput, match="cannot be compared"):
        compute_diff(GOOD, {"primary_rows": [{"id": 1, "v": cell}]})


def test_integers_no_float_can_hold_overflow() -> None:
    """A mapping may hold what JSON would not."""
    diff = compute_diff({"primary_rows": [{"id": 1, "v": 0.5}]}, {"primary_rows": [{"id": 1, "v": 10**400}]})
    assert diff.row_value_deltas[0].overflow


@given(found=tables())
def test_what_was_seen_while_reading_is_what_a_second_look_sees(found: Table) -> None:
    """Keys, kinds and truth values are kept from the one pass over the cells, and only where they are certain."""
    read = read_table(found.rows, path="$", columns=found.columns)
    again = Table(key="id", columns=found.columns, rows=found.rows)
    assert read.ids == again.ids
    assert read.kinds == again.kinds
    assert read.holds_bools is again.holds_bools
    assert replace(read, rows=found.rows[::-1]).ids == again.ids[::-1]


@pytest.mark.parametrize("columns", [None, ("id", "x"), ()])
def test_no_rows_are_an_empty_table(columns: tuple[str, ...] | None) -> None:
    """Nothing has no fault."""
    read = read_table([], path="$", columns=columns)
    assert (read.ids, read.columns, read.holds_bools) == ([], columns or (), False)


def test_one_column_is_a_table_too() -> None:
    """A ranking of bare keys is read as any other."""
    assert read_table([{"id": 1}, {"id": 2}], path="$").ids == [1, 2]
    with pytest.raises(InvalidInput, match=r"\[1\]\.id"):
        read_table([{"id": 1}, {"id": True}], path="$")

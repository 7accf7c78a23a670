"""The laws of a diff: what `compute_diff` must say of any two snapshots."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.errors import InvalidInput, NotComparable
from stillframe.model.diff import Diff
from stillframe.model.payload import Field, Metric, Payload, Primary, Table
from stillframe.model.snapshot import Snapshot, SnapshotRecord
from stillframe.model.times import time_from_text
from tests.diff.oracle import payloads, same, table_oracle

TABLE_MEMBERS = ("top_n_changes", "rank_changes_total", "row_value_deltas", "id_set_added", "id_set_removed")
TOPS = st.integers(1, 7)
EMPTY = Table(key="id", columns=(), rows=())


def board(*rows: dict[str, Any], **fields: Field) -> Payload:
    """Return a payload with one primary table of these rows."""
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    table = Table(key="id", columns=columns, rows=rows, fields=fields)
    return Payload(panels={"board": table}, primary=Primary(rows="board"))


def snapshot(payload: Payload, *, content_hash: str = "00", dashboard_id: str = "d-1") -> Snapshot:
    """Return a snapshot with a record as any other."""
    time = time_from_text("2026-01-02T03:04:05Z")
    record = SnapshotRecord(
        id=f"s-{content_hash}",
        dashboard_id=dashboard_id,
        sequence=1,
        parent_snapshot_id=None,
        timestamp=time,
        as_of=time,
        initiator="alice",
        trigger_source="manual",
        content_hash=content_hash,
        view_spec_hash="11",
        capture_status="good",
    )
    return Snapshot(record=record, payload=payload)


@given(payload=payloads(), top_n=TOPS)
def test_a_snapshot_does_not_differ_from_itself(payload: Payload, top_n: int) -> None:
    """compute_diff(x, x) is empty, whatever x holds."""
    diff = compute_diff(payload, payload, top_n=top_n)
    assert diff.is_empty
    assert not diff.row_value_deltas
    assert not diff.top_n_changes
    assert not diff.schema_changes


@given(a=payloads(), b=payloads(), top_n=TOPS)
def test_every_table_is_compared_as_the_slow_oracle_does(a: Payload, b: Payload, top_n: int) -> None:
    """The fast passes say what walking every pair says, member by member, in the same order."""
    diff = compute_diff(a, b, top_n=top_n).as_dict()
    panels = {"board": diff, **diff["panels"]}
    assert set(panels) == set(a.tables) | set(b.tables)
    for name, found in panels.items():
        expected = table_oracle(a.tables.get(name, EMPTY), b.tables.get(name, EMPTY), top_n)
        told = {member: found[member] for member in TABLE_MEMBERS}
        assert json.dumps(told) == json.dumps(expected)


@given(a=payloads(), b=payloads())
def test_a_diff_is_empty_only_when_nothing_differs(a: Payload, b: Payload) -> None:
    """`is_empty` is decided by rows, values, ranks, sets, metrics and schema, each counted by the oracle."""
    diff = compute_diff(a, b)
    tables = [
        table_oracle(a.tables.get(name, EMPTY), b.tables.get(name, EMPTY), 10) for name in {**a.tables, **b.tables}
    ]
    moved = [metric for metric in diff.metric_deltas if metric.differs]
    assert diff.is_empty is not bool(any(any(table.values()) for table in tables) or moved or diff.schema_changes)


@given(a=payloads(), b=payloads(), top_n=TOPS)
def test_swapping_the_snapshots_swaps_the_diff(a: Payload, b: Payload, top_n: int) -> None:
    """Added and removed, both ranks, entered and left change places; every delta changes its sign."""
    there, back = compute_diff(a, b, top_n=top_n), compute_diff(b, a, top_n=top_n)
    turned = {"entered": "left", "left": "entered", "moved": "moved"}
    for one, other in ((there.table, back.table), *((there.panels[name], back.panels[name]) for name in there.panels)):
        assert one.id_set_added == other.id_set_removed
        assert one.rank_changes_total == other.rank_changes_total
        assert {(c.id, c.rank_a, c.rank_b, c.change) for c in one.top_n_changes} == {
            (c.id, c.rank_b, c.rank_a, turned[c.change]) for c in other.top_n_changes
        }
        negated = [
            (repr(d.id), d.field, repr(d.new), repr(d.old), None if d.delta is None else -d.delta)
            for d in other.row_value_deltas
        ]
        assert sorted(map(repr, negated)) == sorted(
            repr((repr(d.id), d.field, repr(d.old), repr(d.new), d.delta)) for d in one.row_value_deltas
        )
    metrics = {metric.name: metric.delta for metric in back.metric_deltas}
    assert {m.name: m.delta for m in there.metric_deltas} == {n: None if d is None else -d for n, d in metrics.items()}
    assert len(there.schema_changes) == len(back.schema_changes)
    assert there.is_empty is back.is_empty


@given(a=payloads(), b=payloads(), top_n=TOPS)
def test_a_diff_read_back_from_its_json_is_the_same(a: Payload, b: Payload, top_n: int) -> None:
    """`from_dict` reads what `as_dict` wrote, through real JSON text."""
    diff = compute_diff(a, b, top_n=top_n)
    written = json.dumps(diff.as_dict())
    read = Diff.from_dict(json.loads(written))
    assert read == diff
    assert json.dumps(read.as_dict()) == written


@given(a=payloads(), b=payloads(), limit=st.integers(1, 3))
def test_a_cut_diff_tells_its_true_totals(a: Payload, b: Payload, limit: int) -> None:
    """Cutting shortens lists and nothing else: totals are exact, `truncated` is honest, and the JSON reads back."""
    diff = compute_diff(a, b)
    whole, cut = diff.as_dict(), diff.as_dict(limit=limit)
    lists = [name for name, value in whole.items() if isinstance(value, list)]
    assert all(cut[name] == whole[name][:limit] for name in lists)
    assert {name: cut["totals"][name] for name in lists} == {name: len(whole[name]) for name in lists}
    assert cut["truncated"] is any(total > limit for total in cut["totals"].values())
    assert cut["is_empty"] is whole["is_empty"]
    assert Diff.from_dict(cut).as_dict(limit=limit) == cut
    assert not cut["truncated"] or Diff.from_dict(cut).as_dict() == cut


@given(a=payloads(), b=payloads())
def test_the_forms_of_a_snapshot_are_all_compared_alike(a: Payload, b: Payload) -> None:
    """A Snapshot, a Payload and a payload's JSON hold the same, so their diff is the same."""
    expected = compute_diff(a, b).as_dict()
    assert compute_diff(json.loads(json.dumps(a.as_dict())), b.as_dict()).as_dict() == expected
    assert compute_diff(snapshot(a, content_hash="0a"), snapshot(b, content_hash="0b")).as_dict() == expected


@given(payload=payloads(), top_n=TOPS)
def test_equal_hashes_give_what_a_full_comparison_gives(payload: Payload, top_n: int) -> None:
    """The short cut is a short cut: metrics, states and columns are told as always."""
    one, two = snapshot(payload), snapshot(payload)
    assert compute_diff(one, two, top_n=top_n).as_dict() == compute_diff(payload, payload, top_n=top_n).as_dict()


@given(a=payloads(), order=st.randoms(use_true_random=False))
def test_the_order_of_columns_is_no_change_and_the_order_of_rows_is(a: Payload, order: Any) -> None:
    """A table is its rows in their order; how its columns stand says nothing."""
    table = a.tables["board"]
    columns = list(table.columns)
    order.shuffle(columns)
    rows = [{name: row[name] for name in columns} for row in table.rows]
    turned = replace(a, panels={**a.panels, "board": replace(table, columns=tuple(columns), rows=rows)})
    assert compute_diff(a, turned).is_empty
    backwards = replace(a, panels={**a.panels, "board": replace(table, rows=table.rows[::-1])})
    assert compute_diff(a, backwards).is_empty is (len(table.rows) < 2)


def test_rows_that_change_places_below_the_listed_ones_are_a_change() -> None:
    """A diff listed to the top 1 is not empty because the rows below it moved."""
    a, b = board({"id": 1}, {"id": 2}, {"id": 3}), board({"id": 1}, {"id": 3}, {"id": 2})
    diff = compute_diff(a, b, top_n=1)
    assert not diff.top_n_changes
    assert diff.rank_changes_total == 2
    assert not diff.is_empty


def test_true_is_not_one() -> None:
    """`True == 1` in Python and not here: one delta without a number, and a schema change."""
    diff = compute_diff(board({"id": "x", "a": 1, "b": 2}), board({"id": "x", "a": True, "b": 2}))
    assert [delta.as_dict() for delta in diff.row_value_deltas] == [
        {"id": "x", "field": "a", "old": 1, "new": True, "delta": None, "delta_pct": None}
    ]
    assert [change.as_dict() for change in diff.schema_changes] == [
        {"panel": "board", "column": "a", "change": "retyped", "old": "number", "new": "bool"}
    ]


def test_one_and_one_point_zero_are_equal() -> None:
    """JSON has one kind of number."""
    assert compute_diff(board({"id": "x", "a": 1}), board({"id": "x", "a": 1.0})).is_empty


def test_from_zero_has_no_per_cent() -> None:
    """A rise from zero is told as such, never as zero or infinity."""
    (delta,) = compute_diff(board({"id": 1, "a": 0}), board({"id": 1, "a": 3})).row_value_deltas
    assert (delta.delta, delta.delta_pct, delta.from_zero) == (3, None, True)


def test_what_no_number_can_hold_is_null_and_says_so() -> None:
    """A difference beyond the greatest float overflows; so does a percentage of next to nothing."""
    (delta,) = compute_diff(board({"id": 1, "a": -1e308}), board({"id": 1, "a": 1e308})).row_value_deltas
    assert (delta.delta, delta.delta_pct, delta.overflow) == (None, None, True)
    (delta,) = compute_diff(board({"id": 1, "a": 5e-324}), board({"id": 1, "a": 10})).row_value_deltas
    assert (delta.delta, delta.delta_pct, delta.overflow) == (10, None, True)


@pytest.mark.parametrize(("in_a", "in_b", "differs"), [(0.0, 0.0, True), (0.5, 0.0, False), (0.0, 0.5, False)])
def test_the_larger_tolerance_of_the_two_counts(in_a: float, in_b: float, differs: bool) -> None:
    """Within a field's tolerance values are equal, the edge included."""
    a = board({"id": 1, "a": 1.0}, a=Field(tolerance=in_a))
    b = board({"id": 1, "a": 1.5}, a=Field(tolerance=in_b))
    assert bool(compute_diff(a, b).row_value_deltas) is differs


def test_columns_and_panels_that_come_go_or_change_their_type_are_schema_changes() -> None:
    """Every change of shape is told once, with what it was and what it is."""
    a = Payload(
        panels={
            "t": Table(key="id", columns=("id", "x", "old"), rows=[{"id": 1, "x": 1, "old": 1}]),
            "m": Metric(value=1),
        }
    )
    b = Payload(
        panels={
            "t": Table(key="id", columns=("id", "x", "new"), rows=[{"id": 1, "x": "1", "new": 1}]),
            "n": Metric(value=1),
        }
    )
    told = {(c.panel, c.column, c.change, c.old, c.new) for c in compute_diff(a, b).schema_changes}
    assert told == {
        ("m", None, "removed", "metric", None),
        ("n", None, "added", None, "metric"),
        ("t", "old", "removed", "number", None),
        ("t", "new", "added", None, "number"),
        ("t", "x", "retyped", "number", "text"),
    }


def test_a_null_is_no_type() -> None:
    """A value that went missing is a delta and no schema change."""
    diff = compute_diff(board({"id": 1, "a": 1}), board({"id": 1, "a": None}))
    assert not diff.schema_changes
    assert diff.row_value_deltas[0].delta is None


def test_snapshots_of_two_dashboards_are_not_comparable() -> None:
    """Comparing strangers is refused with both names, even when their content is equal."""
    payload = board({"id": 1})
    with pytest.raises(NotComparable, match="d-2"):
        compute_diff(snapshot(payload), snapshot(payload, dashboard_id="d-2"))


def test_a_table_of_one_side_only_is_compared_with_an_empty_one() -> None:
    """Its rows were all added, and its panel is a schema change."""
    diff = compute_diff(Payload(panels={}), board({"id": 1}, {"id": 2}))
    assert diff.id_set_added == (1, 2)
    assert [change.change for change in diff.schema_changes] == ["added"]


def test_bare_rows_are_compared_with_a_payload_under_its_names() -> None:
    """A mapping with only rows has no panel name of its own."""
    diff = compute_diff(board({"id": 1, "a": 1}), {"primary_rows": [{"id": 1, "a": 2}]})
    assert not diff.schema_changes
    assert diff.row_value_deltas[0].delta == 1


@pytest.mark.parametrize("top_n", [0, -1, True, 1.0, "3"])
def test_a_top_that_is_no_number_of_rows_is_refused(top_n: Any) -> None:
    """`top_n` counts rows."""
    with pytest.raises(InvalidInput, match="top_n"):
        compute_diff(board({"id": 1}), board({"id": 1}), top_n=top_n)


@settings(max_examples=50)
@given(a=payloads(), b=payloads())
def test_known_kinds_change_nothing_but_the_time_it_takes(a: Payload, b: Payload) -> None:
    """What capture saw in each column saves a scan; the diff is the same without it."""

    def seen(payload: Payload) -> Payload:
        panels = {
            name: replace(panel, known_kinds=panel.kinds) if isinstance(panel, Table) else panel
            for name, panel in payload.panels.items()
        }
        return replace(payload, panels=panels)

    assert compute_diff(seen(a), seen(b)).as_dict() == compute_diff(a, b).as_dict()


@given(a=payloads(), b=payloads())
def test_metrics_move_beyond_their_tolerance_and_never_by_absence(a: Payload, b: Payload) -> None:
    """A state needs two numbers apart by more than the tolerance, in a direction that is better or worse."""
    diff = compute_diff(a, b)
    for metric in diff.metric_deltas:
        if metric.state != "unchanged":
            assert metric.better in ("higher", "lower")
            rose = metric.new > metric.old  # type: ignore[operator]  # because a state needs two numbers
            assert (metric.state == "improved") is (rose is (metric.better == "higher"))
        if metric.missing:
            assert metric.state == "unchanged"
            assert not metric.changed
        if same(metric.old, metric.new):
            assert not metric.moved
    assert set(diff.dimension_states) == set(a.summaries) | set(b.summaries)
    states = {metric.name: metric.state for metric in diff.metric_deltas}
    assert all(state == states[f"{name}.score"] for name, state in diff.dimension_states.items())

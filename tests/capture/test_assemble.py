"""What was read becomes a payload, its canonical bytes and a hash that changes only when the picture does."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from stillframe.capture import decide_status, parse_view_spec
from stillframe.capture.columns import SAFE_INTEGER, bad_number
from stillframe.model.payload import Metric, Payload, Table
from tests.capture.specs import document, metric_spec, pushed, refusal, table_spec

NAMES = st.text(min_size=1, max_size=6).filter(lambda name: name.isprintable())
FLOATS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([1e-6, 1e-5, 1e15, 1e21, -0.0, 5e-324, 0.1])
INTEGERS = st.integers(-SAFE_INTEGER, SAFE_INTEGER)
CELLS = (
    st.none() | st.booleans() | st.text(max_size=8) | INTEGERS | FLOATS.filter(lambda number: not bad_number(number))
)


def test_a_payload_says_what_was_shown_and_nothing_about_when() -> None:
    """Times, row counts and labels are outside, so that nothing changed means the same hash."""
    spec = parse_view_spec(
        document(
            panels={
                "board": {"source": "feed", "kind": "table", "fields": {"n": {"better": "higher", "tolerance": 1e-6}}},
                "papers": {"source": "feed", "kind": "metric", "unit": "papers", "label": "Papers"},
            }
        )
    )
    captured = pushed(spec, {"board": [{"id": "h-1", "n": 0.71}], "papers": 15025})
    assert json.loads(captured.canonical) == {
        "schema": "stillframe.snapshot/1",
        "materialized_data": {
            "board": {
                "kind": "table",
                "key": "id",
                "columns": ["id", "n"],
                "fields": {"n": {"better": "higher", "tolerance": 1e-6}},
                "rows": [{"id": "h-1", "n": 0.71}],
            },
            "papers": {"kind": "metric", "value": 15025, "unit": "papers", "better": "none", "tolerance": 0},
        },
        "primary": {"rows": "board", "metric": "papers"},
        "summaries": {},
        "sources": [{"name": "feed", "type": "push"}],
    }
    assert captured.content_hash == hashlib.sha256(captured.canonical).hexdigest()


@given(
    st.lists(st.dictionaries(NAMES, CELLS, max_size=5), max_size=8),
    st.sampled_from(["none", "higher"]),
    st.floats(min_value=0, max_value=1e6),
)
def test_the_bytes_are_those_of_rfc_8785(rows: list[dict[str, Any]], better: str, tolerance: float) -> None:
    """The quick way and the standard's way write one form, whatever the cells and names hold."""
    spec = table_spec(key="the key", fields={"n": {"better": better, "tolerance": tolerance}})
    captured = pushed(spec, {"board": [{**row, "the key": index} for index, row in enumerate(rows)]})
    assert captured.canonical == rfc8785.dumps(json.loads(json.dumps(captured.payload.as_dict())))


@given(
    st.lists(st.dictionaries(NAMES, CELLS, max_size=5), max_size=8),
    CELLS.filter(lambda cell: type(cell) in (int, float)),
)
def test_what_is_read_back_is_what_was_captured(rows: list[dict[str, Any]], number: Any) -> None:
    """A live capture and a stored one of the same picture differ in nothing, cell types included."""
    panels = {
        "board": {"source": "feed", "kind": "table", "key": "the key"},
        "count": {"source": "feed", "kind": "metric"},
    }
    data = {"board": [{**row, "the key": index} for index, row in enumerate(rows)], "count": number}
    captured = pushed(parse_view_spec(document(panels=panels)), data)
    again = Payload.from_dict(json.loads(captured.canonical))
    assert again == captured.payload
    kinds = [[list(map(type, row.values())) for row in sorted_rows(found)] for found in (again, captured.payload)]
    assert kinds[0] == kinds[1]
    assert type(again.metrics["count"].value) is type(captured.payload.metrics["count"].value)


def sorted_rows(payload: Payload) -> list[dict[str, Any]]:
    return [dict(sorted(row.items())) for row in payload.tables["board"].rows]


def test_names_beyond_the_basic_plane_are_sorted_as_the_standard_sorts_them() -> None:
    """RFC 8785 sorts by UTF-16 code units, in which an emoji stands before a private character."""
    captured = pushed(table_spec(), {"board": [{"id": 1, "\ue000": 2, "😀": 3}]})
    assert captured.canonical == rfc8785.dumps(json.loads(json.dumps(captured.payload.as_dict())))


@given(st.permutations(["id", "a", "b"]))
def test_the_order_of_members_inside_a_row_changes_no_row(names: list[str]) -> None:
    """JSON objects have no order; only the columns' list remembers one."""
    row = {"id": 1, "a": 2, "b": 3}
    first = pushed(table_spec(), {"board": [{"id": 0, "a": 0, "b": 0}, row]})
    other = pushed(table_spec(), {"board": [{"id": 0, "a": 0, "b": 0}, {name: row[name] for name in names}]})
    assert first.content_hash == other.content_hash


def test_one_changed_cell_changes_the_hash() -> None:
    """And a number that is spelled otherwise does not."""
    of = {value: pushed(table_spec(), {"board": [{"id": 1, "n": value}]}).content_hash for value in (1, 1.5)}
    assert of[1] != of[1.5]
    assert pushed(table_spec(), {"board": [{"id": 1, "n": 1.0}]}).content_hash == of[1]


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3),
        (2.5, 2.5),
        (3.0, "3"),
        (-0.0, "0"),
        ([7], 7),
        ([{"n": 7}], 7),
        ({"n": 7}, 7),
        ([{"value": 7, "job": "a"}], 7),
    ],
)
def test_a_metric_is_the_one_number_that_the_source_gives(value: Any, number: Any) -> None:
    """A number, or the one cell of the one row, or its column `value`."""
    metric = pushed(metric_spec(), {"count": value}).payload.panels["count"]
    assert isinstance(metric, Metric)
    assert str(metric.value) == str(number)


def test_a_metric_may_name_its_column() -> None:
    """One row with several columns is fine when somebody says which."""
    captured = pushed(metric_spec(column="b"), {"count": [{"a": 1, "b": 2}]})
    assert captured.payload.metrics["count"].value == 2


@pytest.mark.parametrize(
    ("value", "path", "said"),
    [
        (None, "$.panels.count", "the source gave nothing"),
        ([], "$.panels.count", "the source gave nothing"),
        ([{"n": None}], "$.panels.count", "`null_ok: true`"),
        ([{"n": 1}, {"n": 2}], "$.panels.count", "2 rows; a metric needs exactly one"),
        ([{"a": 1, "b": 2}], "$.panels.count.column", "it has a, b"),
        ("3", "$.panels.count", "not text"),
        (True, "$.panels.count", "not true or false"),
        ([[1]], "$.panels.count", "not a list"),
        (float("nan"), "$.panels.count", "nan"),
        (2**53, "$.panels.count", "send it as text"),
        (1e17, "$.panels.count", "send it as text"),
        pytest.param(10**5_000, "$.panels.count", "send it as text", id="very large"),
    ],
)
def test_a_metric_source_that_gives_other_than_one_number_is_refused(value: Any, path: str, said: str) -> None:
    """A missing number is an error of its source and not a zero."""
    assert said in refusal(metric_spec(), {"count": value})[path]


@pytest.mark.parametrize("value", [None, [], [{"n": None}]])
def test_nothing_is_an_answer_where_the_panel_says_so(value: Any) -> None:
    """`null_ok` admits no number; it admits nothing else."""
    assert pushed(metric_spec(null_ok=True), {"count": value}).payload.metrics["count"].value is None
    assert refusal(metric_spec(null_ok=True), {"count": "3"})


def payload(**tables: int) -> Payload:
    panels = {
        name: Table(key="id", columns=("id",), rows=[{"id": n} for n in range(rows)]) for name, rows in tables.items()
    }
    return Payload(panels=panels)


@pytest.mark.parametrize(
    ("now", "before", "status"),
    [
        (payload(a=0), None, "good"),
        (payload(a=0), payload(a=0), "good"),
        (payload(a=1), payload(a=3), "good"),
        (payload(a=0), payload(a=1), "empty"),
        (payload(a=5, b=0), payload(a=5, b=2), "empty"),
        (payload(a=1, new=0), payload(a=1), "good"),
        (payload(a=1), payload(a=1, gone=3), "good"),
    ],
)
def test_a_table_without_rows_where_there_were_some_is_empty(now: Payload, before: Payload | None, status: str) -> None:
    """An empty answer is more often a fault of its source than news."""
    assert decide_status(now, before, False) == status
    assert decide_status(now, before, True) == "good"

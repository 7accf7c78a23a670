"""Rows become a table with a key, a rank and columns, or are refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.capture.spec_models import TablePanel
from stillframe.capture.tables import table_from
from stillframe.errors import CaptureRefused
from stillframe.model.payload import Field, Table

KEYS = st.lists(st.integers(-50, 50) | st.text(max_size=2), unique_by=lambda key: (type(key), key), max_size=12)
RANKS = st.none() | st.integers(-3, 3) | st.sampled_from([0.5, -1.5, 1e300])


def table(rows: Any, *, max_rows: int = 1_000, known_columns: tuple[str, ...] = (), **panel: Any) -> Table:
    made = TablePanel(kind="table", source="feed", **panel)
    return table_from(made, name="board", value=rows, max_rows=max_rows, known_columns=known_columns)[0]


def refusal(rows: Any, **options: Any) -> dict[str, str]:
    with pytest.raises(CaptureRefused) as caught:
        table(rows, **options)
    return {fault.path: fault.message for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("rows", "options", "path", "said"),
    [
        ([{"id": 1}, {"n": 2}], {}, "$.panels.board.rows[1].id", "a key is text or an integer, not null"),
        ([{"id": None}], {}, "$.panels.board.rows[0].id", "not null"),
        ([{"id": 1.5}], {}, "$.panels.board.rows[0].id", "not 1.5"),
        ([{"id": True}], {}, "$.panels.board.rows[0].id", "not True"),
        ([{"id": "a"}, {"id": "b"}, {"id": "a"}], {}, "$.panels.board.rows[2].id", "that of row 0 already"),
        ([{"id": 1}, {"id": 1.0}], {}, "$.panels.board.rows[1].id", "that of row 0 already"),
        ([{"a": 1}], {}, "$.panels.board.key", "none of id, artifact_id, slug, name is among a"),
        ([{"a": 1}], {"key": "b"}, "$.panels.board.key", "no row has 'b'; the columns are a"),
        ([{"id": 1, "a": [1]}], {}, "$.panels.board.rows[0].a", "not a list"),
        ([{"id": 1, "a": {"b": 1}}], {}, "$.panels.board.rows[0].a", "not an object"),
        ([{"id": 1, "a": float("nan")}], {}, "$.panels.board.rows[0].a", "nan"),
        ([{"id": 1, "a": 2**53}], {}, "$.panels.board.rows[0].a", "send it as text"),
        ([{"id": "x" * 65_537}], {}, "$.panels.board.rows[0].id", "at most 65536"),
        ([{"id": n} for n in range(4)], {"max_rows": 3}, "$.panels.board", "4 rows, and at most 3 are taken"),
        ([1, {"id": 1}, "x"], {}, "$.panels.board.rows[0]", "a row is an object, not a number"),
        ({"id": 1}, {}, "$.panels.board", "a table needs a list of rows, not an object"),
        (None, {}, "$.panels.board", "not null"),
        ([{"id": 1}], {"rank_by": "n"}, "$.panels.board.rank_by", "no row has 'n'"),
        ([{"id": 1, "n": 1}, {"id": 2, "n": "1"}], {"rank_by": "n"}, "$.panels.board.rank_by", "number and text"),
        ([{"id": 1, "n": 1}, {"id": 2, "n": True}], {"rank_by": "n"}, "$.panels.board.rank_by", "bool and number"),
    ],
)
def test_rows_that_are_no_evidence_are_refused(rows: Any, options: dict[str, Any], path: str, said: str) -> None:
    """Each refusal of the semantics names panel, row and field."""
    assert said in refusal(rows, **options)[path]


def test_a_text_and_a_number_that_look_alike_are_two_keys() -> None:
    """`1` and `"1"` are two rows."""
    assert table([{"id": 1}, {"id": "1"}]).ids == [1, "1"]


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ({"name": "a", "slug": "b", "artifact_id": "c", "id": "d"}, "id"),
        ({"name": "a", "slug": "b", "artifact_id": "c"}, "artifact_id"),
        ({"name": "a", "slug": "b"}, "slug"),
        ({"name": "a"}, "name"),
    ],
)
def test_the_key_is_the_first_default_that_is_there(row: dict[str, Any], key: str) -> None:
    """Most tables need no word about their key."""
    assert table([row]).key == key


def test_absent_cells_become_null_in_the_order_of_first_appearance() -> None:
    """Every row has every column, and the source's order is the rank."""
    made = table([{"id": 2, "b": 1}, {"id": 1, "a": 2}, {"a": 3, "b": 4, "id": 0}])
    assert made.columns == ("id", "b", "a")
    assert [dict(row) for row in made.rows] == [
        {"id": 2, "b": 1, "a": None},
        {"id": 1, "b": None, "a": 2},
        {"id": 0, "b": 4, "a": 3},
    ]


def test_the_caller_s_rows_are_not_changed() -> None:
    """Two panels may read one source."""
    for second in ({"id": 1}, {"id": 1, "n": 0.5}):
        rows = [{"id": 2, "n": 1.0}, second]
        before = repr(rows)
        table(rows, rank_by="n")
        assert repr(rows) == before


def test_a_whole_number_is_an_integer_however_it_was_spelled() -> None:
    """JSON does not tell 1.0 from 1, so neither does the payload."""
    rows = table([{"id": 1, "n": 2.0}, {"id": 2, "n": -0.0}, {"id": 3, "n": 0.5}, {"id": 4, "n": 1e300}]).rows
    assert [str(row["n"]) for row in rows] == ["2", "0", "0.5", "1e+300"]


@given(KEYS, st.data())
def test_a_ranking_orders_by_value_then_by_key_with_nulls_last(keys: list[Any], data: st.DataObject) -> None:
    """Ties by key ascending, numbers before texts; the same rows in another order give the same ranking."""
    rows = [{"id": key, "n": data.draw(RANKS)} for key in keys]
    shuffled = data.draw(st.permutations(rows))
    for order in ("asc", "desc"):
        sign = -1 if order == "desc" else 1

        def place(row: dict[str, Any], sign: int = sign) -> tuple[Any, ...]:
            value, key = row["n"], row["id"]
            return (value is None, 0 if value is None else sign * value, isinstance(key, str), key)

        made = table(shuffled, rank_by="n", order=order)
        assert made.ids == [row["id"] for row in sorted(rows, key=place)]


@given(KEYS, st.integers(1, 15))
def test_a_limit_keeps_the_first_ranks(keys: list[Any], limit: int) -> None:
    """The ids of a limited table are those that are captured."""
    rows = [{"id": key, "n": index} for index, key in enumerate(keys)]
    whole, cut = table(rows, rank_by="n"), table(rows, rank_by="n", limit=limit)
    assert cut.ids == whole.ids[:limit]
    assert dict(cut.kinds) == dict(Table(key="id", columns=cut.columns, rows=cut.rows).kinds)


def test_texts_and_booleans_have_an_order_too() -> None:
    """Text by code point, false before true."""
    assert table([{"id": 1, "n": "b"}, {"id": 2, "n": "é"}, {"id": 3, "n": "B"}], rank_by="n", order="asc").ids == [
        3,
        1,
        2,
    ]
    assert table([{"id": 1, "n": False}, {"id": 2, "n": True}], rank_by="n").ids == [2, 1]


def test_a_table_without_rows_keeps_the_columns_that_its_source_knows() -> None:
    """A query that gives nothing today is the same table as yesterday."""
    empty = table([], known_columns=("slug", "n"), rank_by="n")
    assert (empty.columns, empty.key, list(empty.rows)) == (("slug", "n"), "slug", [])
    assert (table([]).columns, table([]).key, table([], key="k").key) == ((), "id", "k")
    assert "no row has 'k'" in refusal([], known_columns=("a",), key="k")["$.panels.board.key"]


def test_the_fields_of_the_panel_become_those_of_the_table() -> None:
    """How a column is read travels with the data."""
    panel = {"fields": {"n": {"better": "higher", "tolerance": 0.5, "label": "N"}}}
    assert table([{"id": 1, "n": 1}], **panel).fields == {"n": Field(better="higher", tolerance=0.5)}

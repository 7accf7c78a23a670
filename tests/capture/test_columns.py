"""Every cell is looked at once, and what no snapshot can hold is refused by row and field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.capture.columns import (
    LONGEST_CELL_BYTES,
    MOST_COLUMNS,
    SAFE_INTEGER,
    bad_number,
    becomes_integer,
    column_names,
    kind_word,
    looked_at,
)
from stillframe.errors import CaptureRefused
from stillframe.model.canonical import float_is_plain

FLOATS = st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not bad_number(number))
INTEGERS = st.integers(-SAFE_INTEGER, SAFE_INTEGER)
CELLS = st.none() | st.booleans() | st.text(max_size=5) | FLOATS | INTEGERS


def look(*cells: Any) -> Any:
    return looked_at([{"c": cell} for cell in cells], "c", "$.panels.board")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ({"a": 1}, "not an object"),
        ([1], "not a list"),
        (b"x", "not bytes"),
        (Decimal("1.5"), "not Decimal"),
        (date(2026, 1, 2), "not date"),
        (float("nan"), "nan is no number that can be kept"),
        (float("-inf"), "-inf is no number that can be kept"),
        (SAFE_INTEGER + 1, "send it as text"),
        (-SAFE_INTEGER - 1, "send it as text"),
        (2.0**53, "send it as text"),
        (-9.99e20, "send it as text"),
        pytest.param(10**5_000, "send it as text", id="very large"),
        pytest.param("x" * (LONGEST_CELL_BYTES + 1), f"a cell holds at most {LONGEST_CELL_BYTES}", id="too long"),
        pytest.param(
            "é" * (LONGEST_CELL_BYTES // 2 + 1), f"{LONGEST_CELL_BYTES + 2} bytes of text", id="too many bytes"
        ),
        pytest.param("x" * 5_000_000, "5000000 bytes of text", id="very long"),
        pytest.param("\ud800", "a lone surrogate is no character", id="surrogate"),
    ],
)
def test_a_cell_that_no_snapshot_can_hold_is_refused_by_row_and_field(cell: Any, said: str) -> None:
    """The refusal leads to the cell, among good cells before and after it."""
    with pytest.raises(CaptureRefused) as caught:
        look("good", cell, 1)
    assert [fault.path for fault in caught.value.faults] == ["$.panels.board.rows[1].c"]
    assert said in caught.value.faults[0].message


@pytest.mark.parametrize(
    "cell",
    [
        "",
        pytest.param("x" * LONGEST_CELL_BYTES, id="longest"),
        pytest.param("é" * (LONGEST_CELL_BYTES // 2), id="longest in bytes"),
        SAFE_INTEGER,
        -SAFE_INTEGER,
        2.0**53 - 1,
        1e21,
        1e308,
        5e-324,
        -0.0,
    ],
)
def test_a_cell_at_the_limit_is_taken(cell: Any) -> None:
    """The edge belongs to the permitted side."""
    assert look(cell).kinds


@given(st.lists(CELLS, max_size=20))
def test_the_kinds_and_the_plainness_are_those_of_the_cells(cells: list[Any]) -> None:
    """The quick look at a whole column says what a slow look at each cell would."""
    column = look(*cells)
    words = {str: "text", int: "number", float: "number", bool: "bool", type(None): "null"}
    floats = [cell for cell in cells if type(cell) is float]
    assert column.kinds == {words[type(cell)] for cell in cells}
    assert column.integral_floats == any(number.is_integer() for number in floats)
    assert column.plain == all(float_is_plain(number) or becomes_integer(number) for number in floats)


@pytest.mark.parametrize(
    ("cells", "plain"),
    [([0.5, 1e-7], False), ([1e-7, 0.5], False), ([0.5, 2.0], True), ([0.5, 1e21], False), ([1, "a", None], True)],
)
def test_one_number_with_an_exponent_makes_its_column_odd(cells: list[Any], plain: bool) -> None:
    """The fast writer writes a column only where it writes every number of it as the standard does."""
    assert look(*cells).plain is plain


def test_columns_come_in_the_order_of_their_first_appearance() -> None:
    """A column that only later rows have stands after those of the first."""
    assert column_names([{"b": 1, "a": 1}, {"c": 1, "a": 1}, {"d": 1, "b": 1}], "$") == ("b", "a", "c", "d")


@pytest.mark.parametrize(
    "name", ["", pytest.param("x" * 257, id="long"), pytest.param("\udfff", id="surrogate"), 1, None]
)
def test_a_column_needs_a_name(name: Any) -> None:
    """A name that JSON cannot say, or that nobody can read, is none."""
    with pytest.raises(CaptureRefused, match="a column's name"):
        column_names([{name: 1}], "$")


def test_a_table_has_a_bounded_number_of_columns() -> None:
    """Rows as columns are a mistake of the query."""
    names = [str(n) for n in range(MOST_COLUMNS + 1)]
    assert len(column_names([dict.fromkeys(names[:-1])], "$")) == MOST_COLUMNS
    with pytest.raises(CaptureRefused, match="1001 columns"):
        column_names([dict.fromkeys(names)], "$")


def test_numbers_that_can_be_kept_have_no_fault() -> None:
    """One rule for cells and metrics."""
    assert bad_number(SAFE_INTEGER) is bad_number(1e300) is bad_number(0) is None
    assert becomes_integer(2.0**53 - 1)
    assert not becomes_integer(2.0**53)
    assert not becomes_integer(0.5)


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (None, "null"),
        (True, "true or false"),
        ({}, "an object"),
        ([], "a list"),
        ("", "text"),
        (b"", "bytes"),
        (1.5, "a number"),
        (Decimal(1), "Decimal"),
    ],
)
def test_a_value_is_named_in_words(value: object, word: str) -> None:
    """A person is told "a list", not a class and its whole content."""
    assert kind_word(value) == word

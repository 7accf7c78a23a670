"""Packing: numbers come out as they went in, in the least room that holds them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from stillframe.store.packing import PACKED_MOST, pack, unpack_columns

NUMBERS = some.one_of(
    some.none(),
    some.integers(-40_000, 40_000),
    some.integers(-(2**53) + 1, 2**53 - 1),
    some.floats(allow_nan=False, allow_infinity=False),
)


@given(
    some.integers(1, PACKED_MOST).flatmap(
        lambda count: some.lists(some.lists(NUMBERS, min_size=count, max_size=count), min_size=1, max_size=8)
    )
)
def test_columns_are_the_rows_turned(rows: list[list[float | None]]) -> None:
    """Rows of every form side by side, whole numbers and fractions, and what was not measured."""
    count = len(rows[0])
    columns = unpack_columns([pack(row) for row in rows], count=count)
    assert [list(row) for row in zip(*columns, strict=True)] == rows


@pytest.mark.parametrize(
    ("values", "size"),
    [
        ([1, None, 3], 6),
        ([32_767, -32_767.0], 4),
        ([32_768, None], 8),
        ([-32_768], 4),
        ([2**31 - 1, -(2**31) + 1], 8),
        ([2**31], 8),
        ([-(2**31)], 8),
        ([0.5, 1], 16),
        ([None], 2),
    ],
)
def test_small_whole_numbers_take_little_room(values: list[float | None], size: int) -> None:
    """The least value of each form stands for none, so it is no value of that form."""
    assert len(pack(values)) == size


def test_a_sum_too_large_for_a_double_is_no_missing_value() -> None:
    """Whether anything is missing is asked of the sum first, which may run over."""
    assert unpack_columns([pack([1e308]), pack([1e308]), pack([-1.5e308])], count=1) == [[1e308, 1e308, -1.5e308]]


def test_a_full_row_fits_where_it_has_to() -> None:
    """231 bytes of a row lie in a small page of SQLite; PostgreSQL's index rows hold eleven times that."""
    assert len(pack([0.5] * PACKED_MOST)) + 30 < 231

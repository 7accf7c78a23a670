"""Which value of a database becomes which cell."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stillframe.capture.cells import LARGEST_ANSWER_CHARACTERS, NoCell, cell_from, rows_from
from stillframe.capture.deadline import Deadline
from stillframe.errors import CaptureRefused, SourceFailed


@example(Decimal(10**17))
@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_no_digit_of_a_decimal_is_lost(value: Decimal) -> None:
    """As a number it is written with the same value, or else it is text with every digit."""
    cell: Any = cell_from(value)
    assert Decimal(cell if isinstance(cell, str) else repr(cell)) == value
    assert not isinstance(cell, int) or abs(cell) < 2**53


@given(
    st.lists(
        st.builds(
            lambda seconds, minutes: datetime.fromtimestamp(seconds, timezone(timedelta(minutes=minutes))),
            st.floats(-6e10, 2e11) | st.integers(0, 9).map(float),
            st.integers(-720, 720),
        )
    )
)
def test_the_texts_of_times_sort_as_the_times(moments: list[datetime]) -> None:
    """Wherever a time was written, and whether or not it has a fraction."""
    assert sorted(map(str, map(cell_from, moments))) == [str(cell_from(moment)) for moment in sorted(moments)]


@pytest.mark.parametrize("value", [b"x", bytearray(b"x"), memoryview(b"x"), timedelta(1), 1j, {1}])
def test_what_has_no_form_is_no_cell(value: object) -> None:
    """Better no snapshot than a guess."""
    with pytest.raises(NoCell):
        cell_from(value)


def test_more_text_than_fits_is_refused_early() -> None:
    """Rows are counted by their text as well, before all of them are in memory."""
    text = "x" * (LARGEST_ANSWER_CHARACTERS // 4)
    batches = ([("a", text)] for _ in range(1_000))
    with pytest.raises(CaptureRefused, match="64 Mi characters"):
        rows_from(("id", "text"), batches, max_rows=1_000, deadline=Deadline.after(60))


def test_the_deadline_is_looked_at_between_batches() -> None:
    """A source that drips rows is left in time."""
    with pytest.raises(SourceFailed):
        rows_from(("id",), [[(1,)]], max_rows=9, deadline=Deadline.after(0))

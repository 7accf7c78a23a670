"""How far a number moved."""

from __future__ import annotations

from fractions import Fraction
from math import inf, isfinite, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.diff.numbers import is_number, move_between
from stillframe.errors import InvalidInput

NUMBERS = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False))


def fits(exact: Fraction) -> bool:
    """Say whether a float can hold the exact number, rounded."""
    try:
        return isfinite(float(exact))
    except OverflowError:
        return False


@given(old=NUMBERS, new=NUMBERS)
def test_a_move_is_finite_or_says_that_it_overflowed(old: float, new: float) -> None:
    """Nothing that JSON cannot write comes out, and what is left out is flagged."""
    delta, delta_pct, from_zero, overflow = move_between(old, new)
    assert delta is None or isfinite(delta)
    assert delta_pct is None or isfinite(delta_pct)
    assert from_zero is (old == 0 and new != 0)
    assert (delta is None) is (not fits(Fraction(new) - Fraction(old)))
    assert overflow is (delta is None or (delta_pct is None and not from_zero))


@given(old=NUMBERS, new=NUMBERS)
def test_the_way_back_is_as_far(old: float, new: float) -> None:
    """Swapping negates the delta."""
    there, back = move_between(old, new)[0], move_between(new, old)[0]
    assert there == (None if back is None else -back)


@pytest.mark.parametrize("odd", [nan, inf, -inf])
def test_what_is_no_finite_number_is_refused(odd: float) -> None:
    """A payload cannot hold it; a mapping might."""
    with pytest.raises(InvalidInput):
        move_between(1, odd)


def test_a_fraction_has_the_sign_of_the_move_below_zero_too() -> None:
    """From -2 to -1 is a rise of a half."""
    assert move_between(-2, -1)[:2] == (1, 0.5)
    assert move_between(-2, -3)[:2] == (-1, -0.5)


def test_truth_values_and_numeric_text_are_no_numbers() -> None:
    """Only what JSON writes as a number is one."""
    assert [is_number(cell) for cell in (1, 1.0, True, "1", None)] == [True, True, False, False, False]

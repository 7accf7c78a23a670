"""Figures and names as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.report.figures import (
    cell,
    cells_apart,
    figure,
    figures_apart,
    is_number,
    name,
    ordinal,
    percent,
    signed,
)
from tests.report.pictures import CELLS, NUMBERS


def read(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


@given(old=NUMBERS, new=NUMBERS)
def test_numbers_that_differ_look_different(old: float, new: float) -> None:
    """Rounding never hides that something crossed, and never invents that it did."""
    before, after = figures_apart(old, new)
    assert (before == after) is (old == new)


@given(old=NUMBERS, new=NUMBERS)
def test_rounding_keeps_the_order_of_numbers(old: float, new: float) -> None:
    """A value that rose never reads as one that fell."""
    before, after = figures_apart(old, new)
    assert (read(after) > read(before)) is (new > old)


@given(number=NUMBERS)
def test_a_figure_is_near_its_number(number: float) -> None:
    """Three digits are kept at least."""
    exact = Decimal(repr(number))
    assert abs(read(figure(number)) - exact) <= abs(exact) / 100


@given(fraction=st.floats(0.0001, 1e6))
def test_a_percentage_is_near_its_fraction(fraction: float) -> None:
    """Per cent is a hundredth, rounded by less than five in a hundred of itself."""
    shown = read(percent(fraction).removesuffix(" %"))
    assert abs(shown / 100 - Decimal(fraction)) <= Decimal(fraction) * Decimal("0.06")


@pytest.mark.parametrize(
    ("number", "text"), [(1234.5, "1,235"), (2.5, "2.5"), (-0.0, "0"), (1e-9, "1e-9"), (0.05, "0.05")]
)
def test_a_figure_is_rounded_as_people_round(number: float, text: str) -> None:
    """Halves go up, zeros at the end go away, and nothing is minus zero."""
    assert figure(number) == text


def test_what_json_has_no_number_for_is_still_a_word() -> None:
    """A foreign mapping may hold what a capture would have refused; saying it must not fail."""
    assert (figure(float("inf")), figure(float("nan"))) == ("Infinity", "NaN")


@pytest.mark.parametrize(("number", "text"), [(0.5, "+0.5"), (-3, "-3"), (0, "0")])
def test_a_difference_has_its_sign(number: float, text: str) -> None:
    """Up and down differ at the first character."""
    assert signed(number) == text


@given(value=CELLS)
def test_a_cell_is_one_short_printable_line(value: str | float | bool | None) -> None:
    """No cell reaches a terminal or a page with anything that they would act upon."""
    text = cell(value, most=40)
    assert 0 < len(text) <= 40
    assert all(character.isprintable() or character in "\u200c\u200d" for character in text)


def test_cells_of_two_kinds_are_shown_each_in_its_way() -> None:
    """A number that became text is not rounded along with it."""
    assert cells_apart(0.123456, "high", most=20) == ("0.123", "high")


def test_a_bool_is_no_number() -> None:
    """True is not one."""
    assert is_number(1)
    assert not is_number(True)


def test_joiners_stay_in_the_words_that_need_them() -> None:
    """Persian words and family emoji are written with invisible characters."""
    assert name("می\u200cخواهم", most=20) == "می\u200cخواهم"


@pytest.mark.parametrize("text", ["", " ", "\x00\n", "\u202e"])
def test_a_name_of_nothing_is_said_to_be_one(text: str) -> None:
    """An empty name in the middle of a sentence reads as a mistake of ours."""
    assert name(text, most=20) == "(no name)"


def test_ranks_read_as_ordinals() -> None:
    """Eleventh to thirteenth are the exception, also beyond a hundred."""
    assert [ordinal(rank) for rank in (11, 12, 13, 21, 101, 111, 1_002)] == [
        "11th", "12th", "13th", "21st", "101st", "111th", "1,002nd",
    ]  # fmt: skip

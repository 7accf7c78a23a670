"""Lettering: an estimate that is never far too small, and cuts that fit it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stillframe.report.charts.lettering import fitted, width_of
from tests.report.charts.anything import NAMES


@given(text=NAMES, width=st.integers(20, 400))
def test_what_is_fitted_fits(text: str, width: int) -> None:
    """On one printable line, whatever came from outside; never nothing at all."""
    found = fitted(text, width=width, size=12)
    assert width_of(found, size=12) <= width or found == "…"
    assert found
    assert all(letter.isprintable() or letter in "\u200c\u200d" for letter in found)


def test_wide_scripts_are_wider() -> None:
    """A Chinese name takes its square for each sign; an accent takes nothing."""
    assert width_of("日本", size=10) > width_of("ab", size=10) * 1.5
    assert width_of("e\u0301", size=10) == width_of("e", size=10)
    assert width_of("WWW", size=10) > width_of("iii", size=10) * 2


def test_what_fits_is_left_alone() -> None:
    """A cut is a loss; there is none without need."""
    assert fitted("Alaska", width=60, size=12) == "Alaska"

"""Numbers in words: short where that is honest, long where it is not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stillframe.rules.facts import reaches
from stillframe.rules.wording import pair_text, size_text

FLOATS = st.floats(min_value=1e-6, max_value=1e6, allow_nan=False)


@given(size=FLOATS, limit=FLOATS)
def test_a_shown_size_stays_on_its_side_of_the_limit(size: float, limit: float) -> None:
    """9.96 % is never shown as 10.0 % beside a limit of 10 %."""
    shown = float(size_text(size, limit, measure="abs"))
    assert reaches(shown, limit) is reaches(size, limit)


def test_a_size_next_to_its_limit_gets_the_digits_it_needs() -> None:
    """One decimal is enough until it would lie."""
    assert size_text(0.0999999, 0.1, measure="pct") == "9.99999 %"
    assert size_text(0.12345, 0.1, measure="pct") == "12.3 %"


@given(old=FLOATS, new=FLOATS)
def test_two_values_that_differ_are_shown_to_differ(old: float, new: float) -> None:
    """Nobody reads `went from 0.33 to 0.33`."""
    before, after = pair_text(old, new)
    assert (before == after) is (old == new)

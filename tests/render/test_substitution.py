"""What no font has is shown as code points, counted, and told apart; what a font has stays as it is."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from stillframe.render.substitution import Substitution, only
from tests.report.pictures import TEXTS

LATIN = frozenset(range(0x20, 0x250))
MARKS = frozenset({0x41, 0x300})


def test_a_run_without_glyphs_is_one_pair_of_brackets() -> None:
    """Two names stay two names, and a reader can look them up."""
    substitution = Substitution([LATIN])
    assert substitution.text("Go 東京, 中!") == "Go [U+6771 4EAC], [U+4E2D]!"
    assert substitution.count == 3


def test_a_base_and_its_marks_are_in_one_font_or_are_replaced() -> None:
    """A mark that is drawn by another font than its letter is a gap in either."""
    assert Substitution([MARKS]).text("A\u0300") == "A\u0300"
    assert Substitution([frozenset({0x41}), frozenset({0x300})]).text("A\u0300") == "[U+0041 0300]"


def test_joiners_go_with_what_they_join() -> None:
    """A family of emoji is one replaced sign; a joiner between letters needs no glyph."""
    substitution = Substitution([LATIN])
    assert substitution.text("x👩\u200d💻y") == "x[U+1F469 200D 1F4BB]y"
    assert substitution.text("a\u200cb") == "a\u200cb"


def test_a_long_run_is_cut() -> None:
    """A book in a cell does not become a book of numbers."""
    said = Substitution([LATIN]).text("東" * 1_000)
    assert said.count("6771") == 24
    assert said.endswith(" …]")


def test_a_document_is_changed_in_its_texts_alone() -> None:
    """Names of members and numbers are not text."""
    substitution = Substitution([LATIN])
    assert substitution.document({"東": ["東", 1, None, {"a": "é"}]}) == {"東": ["[U+6771]", 1, None, {"a": "é"}]}


@given(text=st.one_of(TEXTS, st.text()))
def test_what_is_written_has_glyphs_and_what_was_replaced_is_counted(text: str) -> None:
    """Whatever comes in, no missing glyph goes out."""
    substitution = Substitution([LATIN])
    written = substitution.text(text)
    assert {ord(sign) for sign in written} <= LATIN | {0x200C, 0x200D, 0xFE0E, 0xFE0F, ord("…")}
    if substitution.count == 0:
        assert written == text
    elif len(text) < 24:
        codes = re.findall(r"\[U\+([0-9A-F ]+)\]", written)
        assert sum(len(found.split()) for found in codes) >= substitution.count


def test_the_sure_characters_have_no_marks() -> None:
    """The last resort sets single characters of the alphabets that everybody has."""
    assert only([frozenset({0x41, 0x300, 0x4E00})], 0x500) == [frozenset({0x41})]

"""The fonts of documents are those of the packages, and what they are said to have they have."""

from __future__ import annotations

import typst

from stillframe.render.typefaces import typefaces


def test_the_typesetter_knows_every_family() -> None:
    """A family that it does not find it would leave out without a word."""
    faces = typefaces()
    known = typst.Fonts(include_system_fonts=False, font_paths=list(faces.folders)).families()
    assert set(faces.families) <= set(known)


def test_latin_greek_and_cyrillic_need_no_substitute() -> None:
    """What most readers of a report expect of it."""
    text = typefaces(cjk=False).characters[0]
    assert {ord(sign) for sign in "AzÄßŁőΑωЀяҐґ0%‰→▲▼–−…·●○\u00a0\u202f"} <= text


def test_chinese_japanese_and_korean_come_with_the_extra() -> None:
    """Without it they are shown as code points, and the document says so."""
    signs = {ord(sign) for sign in "東京中国あア한국"}
    assert not any(signs & found for found in typefaces(cjk=False).characters)
    assert signs <= typefaces(cjk=True).characters[-1]

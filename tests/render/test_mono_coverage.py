"""What the typesetter's own font is said to have, it has."""

from __future__ import annotations

import json

import typst

from stillframe.render.mono_coverage import FAMILY, characters


def test_every_character_can_be_set() -> None:
    """Under PDF/A a missing glyph is an error, so the typesetter itself checks the table."""
    source = '#set text(font: "%s", fallback: false)\n#for said in json(bytes(sys.inputs.texts)) [#said ]' % FAMILY  # noqa: UP031  # braces are markup there
    texts = json.dumps([chr(code) for code in sorted(characters())])
    for weight in ("regular", "bold"):
        document = f'#set text(weight: "{weight}")\n{source}'.encode()
        compiler = typst.Compiler(document, ignore_system_fonts=True, sys_inputs={"texts": texts})
        assert compiler.compile(format="pdf", pdf_standards="a-3b", timestamp=0)


def test_it_is_more_than_latin() -> None:
    """Arrows, boxes, mathematical signs and the replacement character are there for what the text font lacks."""
    assert {ord(sign) for sign in "→▲☃✓∑█\ufffd"} <= characters()
    assert len(characters()) > 3_000

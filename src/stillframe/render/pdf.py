"""PDF, in the child process: a report's data, its charts and its attachments become one PDF/A-3b document."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

from stillframe.render.substitution import Substitution, only
from stillframe.render.typefaces import Typefaces, typefaces
from stillframe.report.languages import language

STANDARD: Final = "a-3b"
_TEMPLATES = Path(__file__).parent / "templates"
_SVG_TEXT = re.compile(r">[^<]+<")
_SURE_MOST = 0x0500
"""Latin, Greek and Cyrillic end here."""
_NO_GLYPH = "could not be displayed"


def compile_pdf(parts: Sequence[bytes], *, fonts: Typefaces | None = None) -> bytes:
    """
    Return the PDF of a report.

    What the fonts lack is shown as code points, with a remark on the last page; charts included, attachments not.

    Shape   `parts`: the report as `report/export/typeset.py` gives it, in JSON; then an SVG for each of its pictures;
            then the content of each attachment, in UTF-8.
    Errors  typst.TypstError if the template and the data do not fit.
    """
    report = json.loads(parts[0])
    attached = len(report["attachments"])
    split = len(parts) - attached
    pictures = [part.decode() for part in parts[1:split]]
    attachments = [part.decode() for part in parts[split:]]
    faces = fonts or typefaces()
    try:
        return _set(report, pictures, attachments, faces=faces, known=faces.characters)
    except typst.TypstError as error:
        if _NO_GLYPH not in str(error):
            raise
    # The map of a font promised a glyph that shaping did not find; a plainer document beats none.
    return _set(report, pictures, attachments, faces=faces, known=only(faces.characters, _SURE_MOST))


def warm_up() -> None:
    """Load the fonts and set one page, so that the first document need not wait for it."""
    texts = dict.fromkeys(("title", "kind", "lead", "footer", "proof", "attached"), "–")
    lists: Mapping[str, Any] = {"page": ["", "", ""], "attachments": [], "sections": []}
    empty = {"language": "en", "date": [2000, 1, 1, 0, 0, 0], **texts, **lists}
    compile_pdf([json.dumps(empty).encode()])


def _set(
    report: Mapping[str, Any],
    pictures: Sequence[str],
    attachments: Sequence[str],
    *,
    faces: Typefaces,
    known: Sequence[frozenset[int]],
) -> bytes:
    substitution = Substitution(known)
    names = report["attachments"]
    document = substitution.document(report) | {"attachments": names, "language": report["language"]}
    shown = [_SVG_TEXT.sub(lambda found: substitution.text(found[0]), picture) for picture in pictures]
    told = language(report["language"])
    count = substitution.count
    document["notes"] = [told.count("remark.substituted", count)] if count else []
    inputs = {
        "report": json.dumps(document),
        "fonts": ",".join(faces.families),
        **{f"picture-{number}": picture for number, picture in enumerate(shown)},
        **{f"attachment-{number}": content for number, content in enumerate(attachments)},
    }
    made = _compiler(faces.folders).compile(format="pdf", sys_inputs=inputs, pdf_standards=STANDARD)
    if not isinstance(made, bytes):
        raise TypeError("the typesetter gave no document")
    return made


@cache
def _compiler(folders: tuple[Path, ...]) -> typst.Compiler:
    """Return the compiler of the one template: it sees the template's folder, the fonts given, and nothing else."""
    fonts = typst.Fonts(include_system_fonts=False, font_paths=list(folders))
    return typst.Compiler(
        _TEMPLATES / "report.typ", root=_TEMPLATES, font_paths=fonts, ignore_system_fonts=True,
        package_path=_TEMPLATES, package_cache_path=_TEMPLATES,
    )  # fmt: skip

"""PDF documents to look into: what a reader sees, what is attached, which fonts they carry, what they declare."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pikepdf

from stillframe.render.charts import svg
from stillframe.render.pdf import compile_pdf
from stillframe.render.typefaces import Typefaces
from stillframe.report.export import Attachment, Report
from stillframe.report.export.typeset import typeset


def made(report: Report, *attachments: Attachment, fonts: Typefaces | None = None) -> bytes:
    """The PDF of a report, compiled here."""
    data = json.dumps(typeset(report, attachments=attachments)).encode()
    pictures = [svg([json.dumps(chart.spec).encode()]) for chart in report.charts]
    return compile_pdf([data, *pictures, *(attachment.content for attachment in attachments)], fonts=fonts)


def opened(document: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(document))


def text_of(document: bytes) -> str:
    """What pdftotext reads, all white space as single spaces."""
    ran = subprocess.run(["pdftotext", "-layout", "-", "-"], input=document, capture_output=True, check=True)
    return re.sub(r"\s+", " ", ran.stdout.decode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word and the box that it fills, in points."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    def lies_on(self, other: Word) -> bool:
        """Whether two words share more than a hair of width and more than half of a line's height."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide > 1 and high > 0.5 * min(self.bottom - self.top, other.bottom - other.top)


def words_by_page(document: bytes) -> Iterator[tuple[float, list[Word]]]:
    """Each page's width and words, as pdftotext finds them."""
    ran = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=document, capture_output=True, check=True)
    for page in ran.stdout.decode().split("<page ")[1:]:
        (width,) = re.findall(r'^width="([\d.]+)"', page)
        found = re.findall(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">([^<]*)<', page)
        yield (
            float(width),
            [
                Word(text=text, left=float(left), right=float(right), top=float(top), bottom=float(bottom))
                for left, top, right, bottom, text in found
            ],
        )


def attached(document: bytes) -> dict[str, bytes]:
    with opened(document) as pdf:
        return {name: found.get_file().read_bytes() for name, found in pdf.attachments.items()}


def fonts(document: bytes) -> Iterator[tuple[str, bool]]:
    """Each font's name, and whether its program is in the file."""
    with opened(document) as pdf:
        for found in pdf.objects:
            if isinstance(found, pikepdf.Dictionary) and found.get("/Type") == "/FontDescriptor":
                embedded = any(name in found for name in ("/FontFile", "/FontFile2", "/FontFile3"))
                yield str(found["/FontName"]), embedded


def metadata(document: bytes) -> Any:
    with opened(document) as pdf, pdf.open_metadata() as found:
        return dict(found)

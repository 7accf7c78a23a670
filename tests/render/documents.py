"""PDF documents to look into: what a reader sees, what is attached, which fonts they carry, what they declare."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
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

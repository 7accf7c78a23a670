"""Documents made in the child process: the same bytes from every process, charts and attachments included."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stillframe.render import Renderer, pdf_document
from stillframe.report.export import attachment_of, compare_report
from stillframe.report.languages import ENGLISH
from tests.render.documents import attached, made
from tests.report.export.frames import carriers, compared

ALL = ("HA", "UA", "DL", "AS", "B6")


@pytest.fixture
def renderer() -> Iterator[Renderer]:
    """A renderer that is closed after its test."""
    found = Renderer(children=1)
    yield found
    found.close()


def test_every_process_makes_the_same_bytes(renderer: Renderer) -> None:
    """A document can be made again anywhere, and compared."""
    pair = compared(carriers(*ALL), carriers(*reversed(ALL), papers=15_661))
    files = [attachment_of(pair.a), attachment_of(pair.b)]
    report = compare_report(pair, title="Carriers", language=ENGLISH)
    assert report.charts
    document = pdf_document(renderer, report, attachments=files)
    assert document == made(report, *files)
    assert set(attached(document)) == {file.name for file in files}


def test_a_document_is_compiled_once(renderer: Renderer) -> None:
    """The second reader of the same evidence does not wait."""
    pair = compared(carriers("HA"), carriers("UA"))
    report = compare_report(pair, title="Carriers", language=ENGLISH)
    first = pdf_document(renderer, report, attachments=[])
    assert pdf_document(renderer, report, attachments=[]) is first

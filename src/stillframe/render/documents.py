"""Documents: a report and its attachments become a PDF, compiled in the child process."""

from __future__ import annotations

import json
from collections.abc import Sequence

from stillframe.render.renderer import Renderer
from stillframe.report.export.document import Report
from stillframe.report.export.json_document import Attachment
from stillframe.report.export.typeset import typeset


def pdf_document(renderer: Renderer, report: Report, *, attachments: Sequence[Attachment]) -> bytes:
    """
    Return a report as a PDF that declares PDF/A-3b, with its charts and with these files attached.

    Its date is the report's, so the same report gives the same bytes.

    Errors  RenderFailed, TooManyRequests.
    Source  docs/howto/export-evidence.md.
    """
    data = json.dumps(typeset(report, attachments=attachments), ensure_ascii=False, separators=(",", ":")).encode()
    pictures = [renderer.chart_svg(chart.spec) for chart in report.charts]
    return renderer.run("pdf", data, *pictures, *(attachment.content for attachment in attachments))

"""Reports as data for the typesetter: plain JSON, so that nothing from outside is ever part of its markup."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from itertools import count
from typing import Any, assert_never

from stillframe.report.charts import Chart
from stillframe.report.export.document import Block, Facts, Grid, Remark, Report, Said
from stillframe.report.export.json_document import Attachment

_PAGE, _PAGES = "\x01", "\x02"
"""Where the numbers stand in the line at a page's foot; the typesetter alone knows them."""


def typeset(report: Report, *, attachments: Sequence[Attachment]) -> dict[str, Any]:
    """
    Return a report as JSON for `render/templates/report.typ`.

    Shape   Pictures stand as their number, in the order of `Report.charts`; so do attachments.
    """
    language, moment = report.language, report.date.astimezone(UTC)
    number = count()
    page = language.say("document.page", page=_PAGE, pages=_PAGES)
    before, _, rest = page.partition(_PAGE)
    between, _, after = rest.partition(_PAGES)
    names = ", ".join(attachment.name for attachment in attachments)
    return {
        "language": language.code,
        "title": report.title,
        "kind": report.kind,
        "lead": report.lead,
        "date": [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second],
        "footer": report.footer,
        "proof": report.proof,
        "page": [before, between, after],
        "attachments": [attachment.name for attachment in attachments],
        "attached": language.say("remark.attached", files=names) if attachments else "",
        "sections": [
            {"title": section.title, "blocks": [_block(block, number) for block in section.blocks]}
            for section in report.sections
        ],
    }


def _block(block: Block, number: count[int]) -> dict[str, Any]:
    match block:
        case Facts():
            return {"kind": "facts", "rows": [[name, _said(said)] for name, said in block.rows]}
        case Grid():
            return {
                "kind": "grid",
                "columns": [
                    {"title": column.title, "align": column.align, "weight": column.weight} for column in block.columns
                ],
                "rows": [[_said(said) for said in row] for row in block.rows],
                "notes": list(block.notes),
                "tight": block.tight,
            }
        case Remark():
            return {"kind": "remark", "text": block.text, "warning": block.warning}
        case Chart():
            return {"kind": "picture", "number": next(number), "alt": block.alt}
        case _:
            assert_never(block)


def _said(said: Said) -> list[str]:
    return [said.text, said.tone]

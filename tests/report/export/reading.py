"""What tests look up in a report: its sections, tables and facts by their names, and every text in it."""

from __future__ import annotations

from collections.abc import Iterator

from stillframe.report.charts import Chart
from stillframe.report.export.document import Facts, Grid, Remark, Report, Section


def titles(report: Report) -> list[str]:
    return [section.title for section in report.sections]


def section(report: Report, title: str) -> Section:
    return next(found for found in report.sections if found.title == title)


def grid(report: Report, title: str, *, place: int = 0) -> Grid:
    return [block for block in section(report, title).blocks if isinstance(block, Grid)][place]


def lines(found: Grid) -> list[list[str]]:
    return [[said.text for said in row] for row in found.rows]


def facts(report: Report, title: str) -> dict[str, str]:
    blocks = [block for block in section(report, title).blocks if isinstance(block, Facts)]
    return {name: said.text for block in blocks for name, said in block.rows}


def texts(report: Report) -> Iterator[str]:
    """Every text that a reader sees."""
    yield from (report.title, report.kind, report.lead, report.footer, report.proof)
    for found in report.sections:
        yield found.title
        for block in found.blocks:
            match block:
                case Facts():
                    yield from (text for name, said in block.rows for text in (name, said.text))
                case Grid():
                    yield from (column.title for column in block.columns)
                    yield from (said.text for row in block.rows for said in row)
                    yield from block.notes
                case Remark():
                    yield block.text
                case Chart():
                    yield block.alt

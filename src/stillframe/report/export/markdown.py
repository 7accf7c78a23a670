"""Reports as Markdown: CommonMark with GFM's tables, in which nothing from outside formats, links or mentions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from stillframe.report.charts import Chart
from stillframe.report.export.document import Block, Column, Facts, Grid, Remark, Report, Said, Section
from stillframe.report.markdown import in_cell

_MOST = 2_000
"""Beyond any text that a report holds; what is long was cut when the report was made."""


def markdown(report: Report) -> str:
    """
    Return a report as Markdown.

    Shape   A heading with the dashboard's title, the leading sentence, then a heading for each section. Charts are said
            in words.
    Source  CommonMark 0.31; GFM 4.10 (tables).
    """
    head = [f"# {_text(report.title)}", f"{_text(report.kind)}: **{_text(report.lead)}**"]
    body = [part for section in report.sections for part in _section(section)]
    foot = ["---", f"{_text(report.footer)} · {_text(report.proof)}"]
    return "\n\n".join([*head, *body, *foot]) + "\n"


def _section(section: Section) -> Iterator[str]:
    yield f"## {_text(section.title)}"
    for block in section.blocks:
        yield _block(block)


def _block(block: Block) -> str:
    match block:
        case Facts():
            return "\n".join(f"- {_text(name)}: {_said(said)}" for name, said in block.rows)
        case Grid():
            return _grid(block)
        case Remark():
            return f"> {_text(block.text)}" if block.warning else f"*{_text(block.text)}*"
        case Chart():
            return f"*{_text(block.alt)}*"
        case _:
            assert_never(block)


def _grid(grid: Grid) -> str:
    lines = [
        _line([_text(column.title) for column in grid.columns]),
        _line([_rule(column) for column in grid.columns]),
        *(_line([_said(said) for said in row]) for row in grid.rows),
    ]
    notes = "\n\n".join(f"*{_text(note)}*" for note in grid.notes)
    return "\n".join(lines) + (f"\n\n{notes}" if notes else "")


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(column: Column) -> str:
    return "---:" if column.align == "right" else "---"


def _said(said: Said) -> str:
    text = _text(said.text)
    return f"**{text}**" if text and said.tone == "strong" else text


def _text(text: str) -> str:
    return in_cell(text, most=_MOST)

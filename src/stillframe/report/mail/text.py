"""The text of a mail: what its HTML says, for who reads mail without HTML."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from stillframe.report.mail.document import Block, Bullets, Button, Frames, Grid, Mail, Paragraph, Picture, Said

WIDTH: Final = 76
_APART: Final = "  "
_CELL_MOST: Final = 30
"""A wider cell would push the others off a screen; its whole text is in the HTML."""


def mail_text(mail: Mail) -> str:
    """
    Return a mail as plain text: the same for the same mail, lines of at most 76 characters where words allow it.

    Shape   Ends with a signature (`-- `, RFC 3676 4.3), in which its foot stands.
    """
    marks = "".join(f"[{mark}] " for mark in mail.marks)
    head = [f"{marks}{mail.dashboard}", *_wrapped(mail.headline)]
    blocks = ["\n".join(_block(block)) for block in mail.blocks]
    stop = [f"Unsubscribe: {mail.stop_url}"] if mail.stop_url else []
    foot = [line for told in mail.foot for line in _wrapped(told)]
    return "\n\n".join(["\n".join(head), *blocks, "\n".join(["-- ", *foot, *stop])]) + "\n"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph():
            yield from _wrapped(block.text)
        case Grid():
            yield from _titled(block.title)
            yield from _grid_lines(block)
            yield from _wrapped(block.more)
        case Bullets():
            yield from _titled(block.title)
            for item in block.items:
                yield from _wrapped(item, first="- ", rest="  ")
            yield from _wrapped(block.more)
        case Picture():
            yield from _wrapped(f"Picture: {block.alt}")
        case Frames():
            yield from _titled("Evidence")
            for frame in block.frames:
                yield f"{frame.label}: {frame.name} of {frame.at}"
                yield f"  SHA-256 {frame.content_hash}"
                if frame.url:
                    yield f"  {frame.url}"
            if block.compare_url:
                yield f"Compare both: {block.compare_url}"
        case Button():
            yield f"{block.label}: {block.url}"
        case _:
            assert_never(block)


def _wrapped(text: str, *, first: str = "", rest: str = "") -> list[str]:
    """Return text as lines; an address or a hash is never cut, however long it is."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def _titled(title: str) -> tuple[str, str]:
    return title, "-" * len(title)


def _grid_lines(grid: Grid) -> Iterator[str]:
    table = [[column.title for column in grid.columns], *([_cell(said) for said in row] for row in grid.rows)]
    widths = [min(max(map(len, column)), _CELL_MOST) for column in zip(*table, strict=True)]
    for row in table:
        yield from _row_lines(row, widths=widths, sides=[column.right for column in grid.columns])


def _row_lines(row: Sequence[str], *, widths: Sequence[int], sides: Sequence[bool]) -> Iterator[str]:
    """Give a row as lines: a long first cell takes lines of its own, so that the figures stay below their heads."""
    parts = [textwrap.wrap(text, width) or [""] for text, width in zip(row, widths, strict=True)]
    for number in range(max(map(len, parts))):
        cells = [part[number] if number < len(part) else "" for part in parts]
        padded = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, sides, strict=True)
        )
        yield _APART.join(padded).rstrip()


def _cell(said: Said) -> str:
    return f"{said.text} ({said.note})" if said.note else said.text

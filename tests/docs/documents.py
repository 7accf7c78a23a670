"""Reading the documentation: its code blocks and its tables, with the line where each begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """
    One fenced block of a page.

    Units   `line` counts from 1 and is that of the block's first line of code.
    """

    language: str
    line: int
    text: str


def blocks_of(page: Path, *, language: str) -> list[Block]:
    """Return the fenced blocks of a page in one language."""
    text = page.read_text(encoding="utf8")
    return [
        Block(language=found[1], line=text.count("\n", 0, found.start(2)) + 1, text=found[2])
        for found in _FENCE.finditer(text)
        if found[1] == language
    ]


def table_of(page: Path, *, heading: str) -> list[tuple[str, ...]]:
    """Return the rows of the table whose first column is headed so, without its head."""
    rows: list[tuple[str, ...]] = []
    inside = False
    for line in page.read_text(encoding="utf8").splitlines():
        cells = tuple(cell.strip() for cell in line.strip("|").split("|")) if line.startswith("|") else ()
        inside = bool(cells) and (inside or cells[0] == heading)
        if inside and cells[0] != heading and not set(cells[0]) <= {"-", " "}:
            rows.append(cells)
    return rows


def anchors_in(text: str) -> set[str]:
    """Return the anchors that headings have where Markdown is rendered: lower case, dashes, no punctuation."""
    headings = re.findall(r"(?m)^#+ (.+)$", text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

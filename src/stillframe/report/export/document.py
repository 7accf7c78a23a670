"""A report as plain parts: sections of facts, tables, remarks and pictures, which Markdown and PDF show alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from stillframe.report.charts import Chart
from stillframe.report.languages import Language

ROWS_MOST = 100
"""A table is cut here; a line under it says of how many rows it shows the first."""
COLUMNS_MOST = 8
"""A table with more columns than a page is wide shows the first; a line under it names the others."""
CELL_MOST = 120
"""A cell may hold 64 KiB; a report shows its beginning."""

Tone: TypeAlias = Literal["plain", "up", "down", "muted", "code", "strong"]
Align: TypeAlias = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Said:
    """
    A piece of text, one line long, and how it is meant.

    Shape   `tone`: `up` and `down` for better and worse, which the words say too; `code` for ids and hashes.
    """

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The head of one column; `weight`: its share of the width that is left, 0 for what its cells need."""

    title: str
    align: Align = "left"
    weight: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Names and what they are, one a line."""

    rows: tuple[tuple[str, Said], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """
    A table.

    Shape   Every row has a cell for each column. `notes`: what stands under it, such as where it was cut. `tight`: its
            columns share the page, so that words are broken sooner.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Said, ...], ...]
    notes: tuple[str, ...] = ()
    tight: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A sentence to the reader; a warning is one that changes how the rest is to be read."""

    text: str
    warning: bool = False


Block: TypeAlias = Facts | Grid | Remark | Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """
    One document.

    Shape   `title`: the dashboard's. `kind`: what sort of document it is, in words. `lead`: the sentence at the top.
            `date`: of the document itself, which is the later snapshot's. `footer`: which snapshots it is about.
            `proof`: the hash of what it shows. `file_stem`: what its file is called, without the ending.
    """

    language: Language
    title: str
    kind: str
    lead: str
    date: datetime
    footer: str
    proof: str
    file_stem: str
    sections: tuple[Section, ...]

    @property
    def charts(self) -> tuple[Chart, ...]:
        """Every chart, in the order in which they stand."""
        return tuple(block for section in self.sections for block in section.blocks if isinstance(block, Chart))

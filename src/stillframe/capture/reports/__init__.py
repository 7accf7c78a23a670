"""Report files of other tools, each format in one file: recognised by content, bounded, read into plain facts."""

from __future__ import annotations

from typing import Final

from stillframe.capture.reports.interface import MOST_BYTES, ReportReader
from stillframe.capture.reports.recognising import read_with
from stillframe.model.facts import ReportFacts

READERS: Final[tuple[ReportReader, ...]] = ()
"""In the order in which they are asked; what only looks like another format comes after it."""


def read_report(name: str, data: bytes, *, root: str | None = None) -> ReportFacts:
    """
    Return what a report says.

    Shape   `name`: what the file is called; it decides nothing but what errors say. `root`: the folder that absolute
            paths in it start from.
    Errors  CaptureRefused naming file, format and position.
    Source  docs/reference/reports.md.
    """
    return read_with(READERS, name, data, root=root)


def reader_versions() -> dict[str, int]:
    """Return the version of every reader by its format, for the formula's digest."""
    return {reader.format: reader.version for reader in READERS}


__all__ = ["MOST_BYTES", "READERS", "ReportReader", "read_report", "reader_versions"]

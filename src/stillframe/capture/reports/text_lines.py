"""The lines of a text report, one at a time, each with its number."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Final

from stillframe.capture.reports.interface import Report
from stillframe.capture.reports.looking import without_mark

LONGEST_LINE: Final = 64 * 1024
"""Bytes."""
MOST_LINES: Final = 10_000_000
"""Of a text that programs write for programs."""
MOST_PRINTED_LINES: Final = 1_000_000
"""Of a text that a tool printed for people."""
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")


def byte_lines(report: Report, *, of: str, most: int = MOST_LINES) -> Iterator[tuple[int, bytes]]:
    """
    Give the lines of a report as they are in the file, from 1 on, without space at their end.

    Errors  CaptureRefused with the line that is too long, or one too many.
    """
    stream = io.BytesIO(without_mark(report.data))
    for number, line in enumerate(iter(lambda: stream.readline(LONGEST_LINE + 1), b""), start=1):
        if len(line) > LONGEST_LINE:
            raise report.refused(f"line {number}", f"more than {LONGEST_LINE:,} bytes in one line", of=of)
        if number > most:
            raise report.refused(f"line {number}", f"more than {most:,} lines; split the report", of=of)
        yield number, line.rstrip()


def text_lines(report: Report, *, of: str) -> Iterator[tuple[int, str]]:
    """
    Give the lines of a text that a tool printed for people, without the colours of a terminal.

    Errors  CaptureRefused with the line that is too long, or is not UTF-8.
    """
    for number, line in byte_lines(report, of=of, most=MOST_PRINTED_LINES):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise report.refused(f"line {number}, byte {error.start + 1}", "this is not UTF-8", of=of) from None
        yield number, (_COLOUR.sub("", text) if "\x1b" in text else text)

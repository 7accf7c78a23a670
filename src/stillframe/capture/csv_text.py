"""Comma-separated text: rows with typed cells, or the line that is at fault."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Literal

from stillframe.capture.cells import too_many_rows
from stillframe.capture.deadline import Deadline
from stillframe.errors import CaptureRefused, Fault, nearest

ColumnType = Literal["text"]
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_LONGEST_NUMBER = 400
_ROWS_BETWEEN_LOOKS = 2_000

Cell = int | float | str | None


def rows_of_csv(
    data: bytes, *, types: Mapping[str, ColumnType], max_rows: int, deadline: Deadline
) -> tuple[tuple[str, ...], list[dict[str, Cell]]]:
    """
    Return the columns and rows of a CSV file with a header.

    A cell that is written as JSON writes a number is that number; an empty cell is null; everything else is text, so
    `007` and `1,5` stay text. `types` keeps the numbers of a column as text.

    Shape   UTF-8, with or without a byte order mark; commas; quotes doubled inside quotes; empty lines are skipped.
    Errors  CaptureRefused at `line N` (the line where the row begins), or at `$.types.COLUMN`.
    Source  RFC 4180; RFC 8259, section 6, for numbers.
    """
    lines = _lines(_decoded(data))
    at, header = next(lines, (1, []))
    if not header:
        raise refused_line(1, "a header is needed: the names of the columns, separated by commas")
    twins = sorted({name for name in header if header.count(name) > 1})
    if twins or "" in header:
        raise refused_line(at, f"two columns are called {twins[0][:80]!r}" if twins else "a column has no name")
    unknown = [name for name in types if name not in header]
    if unknown:
        raise _refused(f"$.types.{unknown[0][:80]}", f"there is no such column{nearest(unknown[0], header)}")
    rows: list[dict[str, Cell]] = []
    for at, values in lines:
        if len(values) != len(header):
            raise refused_line(at, f"{len(values)} cells, and the header has {len(header)}")
        if len(rows) == max_rows:
            raise too_many_rows(max_rows)
        if len(rows) % _ROWS_BETWEEN_LOOKS == 0:
            deadline.check()
        rows.append({name: _cell(text, as_text=name in types) for name, text in zip(header, values, strict=True)})
    return tuple(header), rows


def refused_line(line: int, message: str) -> CaptureRefused:
    """Return the refusal of one line of a file, counted from 1."""
    return _refused(f"line {line}", message)


def _refused(path: str, message: str) -> CaptureRefused:
    return CaptureRefused(faults=[Fault(path=path, message=message)])


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refused_line(line, "this is not UTF-8; save the file as UTF-8") from None


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield every row that is not empty with the line where it begins."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    begins = 1
    while True:
        try:
            values = next(reader, None)
        except csv.Error as error:
            raise refused_line(begins, f"this is not CSV: {error}") from None
        if values is None:
            return
        if values:
            yield begins, values
        begins = reader.line_num + 1


def _cell(text: str, *, as_text: bool) -> Cell:
    if text == "":
        return None
    found = None if as_text or len(text) > _LONGEST_NUMBER else _NUMBER.fullmatch(text)
    if found is None:
        return text
    return float(text) if found[1] or found[2] else int(text)

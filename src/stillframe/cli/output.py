"""What a command gives: JSON that is complete and stable, or a plain table for people; talk goes to stderr."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

from stillframe.errors import InvalidInput, StillframeError

OutputFormat: TypeAlias = Literal["table", "json"]

_GAP = "  "
_SHOWN_AS_SPACE = ("Cc", "Zl", "Zp")
_NOT_SHOWN = ("Cf", "Cs", "Co", "Cn")


def give(document: Any, *, output: OutputFormat, lines: Iterable[str]) -> None:  # noqa: ANN401  # because any JSON is allowed
    """Print the document as JSON, or the lines that show it to people."""
    if output == "json":
        print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
        return
    for line in lines:
        print(line)


def give_items(
    items: Sequence[Mapping[str, Any]],
    *,
    output: OutputFormat,
    lines: Iterable[str],
    empty: str = "",
    next_cursor: str | None = None,
) -> None:
    """Print a page of a list, or the lines that show it; of an empty one, say what that means."""
    give_page({"items": items, "next_cursor": next_cursor}, output=output, lines=lines, empty=empty)


def give_page(page: Mapping[str, Any], *, output: OutputFormat, lines: Iterable[str], empty: str = "") -> None:
    """Print a page of a list as it was answered, or the lines that show it; of an empty one, say what that means."""
    give(page, output=output, lines=lines)
    if not page["items"] and empty:
        say(empty)


def check_place(file: Path | None, *, binary: bool) -> None:
    """
    Refuse to send to a terminal what it cannot show, before the work is done.

    Errors  InvalidInput naming the option.
    """
    if file is None and binary and sys.stdout.isatty():
        raise InvalidInput.at("--output", "name a file, or send standard output to one: a terminal cannot show this")


def check_file(file: Path | None) -> None:
    """
    Refuse a file that cannot be written, before what would be written to it is done.

    Errors  InvalidInput naming the option.
    """
    if file is not None and (file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK)):
        raise InvalidInput.at("--output", f"{file} cannot be written")


def give_bytes(content: bytes, *, file: Path | None) -> None:
    """
    Write a document to a file, or to standard output, byte for byte.

    Errors  InvalidInput for a file that cannot be written; StillframeError for standard output that cannot.
    """
    try:
        if file is not None:
            file.write_bytes(content)
            return
        if sys.stdout is None:
            raise StillframeError("standard output cannot be written: it is closed")
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        if file is None:
            raise StillframeError(f"standard output cannot be written: {error.strerror}") from error
        raise InvalidInput.at("--output", f"{file} cannot be written: {error.strerror}") from error


def say(text: str) -> None:
    """Print one line of talk, which is no part of the data."""
    print(text, file=sys.stderr)


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> list[str]:
    """
    Return rows as aligned lines under their headings; nothing is cut, so that it can be piped.

    Shape   `columns` by the names that the rows use, in the order to show. No rows, no lines.

    >>> table([{"slug": "papers", "rows": 3}], ["slug", "rows"])
    ['SLUG    ROWS', 'papers  3']
    """
    texts = [[cell_text(row.get(name)) for name in columns] for row in rows]
    if not texts:
        return []
    texts.insert(0, [name.replace("_", " ").upper() for name in columns])
    widths = [max(map(_width, column)) for column in zip(*texts, strict=True)]
    return [_GAP.join(map(_padded, line, widths)).rstrip() for line in texts]


def facts(document: Mapping[str, Any]) -> list[str]:
    """
    Return the members of one thing as aligned lines; what is absent is left out.

    >>> facts({"id": 7, "title": "Papers", "late": None})
    ['id     7', 'title  Papers']
    """
    shown = {name: cell_text(value) for name, value in document.items() if value is not None}
    width = max(map(len, shown), default=0)
    return [f"{name:<{width}}{_GAP}{value}".rstrip() for name, value in shown.items()]


def cell_text(value: object) -> str:
    """
    Return a value as one piece of a line.

    >>> [cell_text(value) for value in (None, True, 0.25, "a\\nb", {"AND": [1]}, ("read", "manage"))]
    ['', 'yes', '0.25', 'a b', '{"AND": [1]}', 'read, manage']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return one_line(json.dumps(value, ensure_ascii=False))
    if isinstance(value, list | tuple):
        return ", ".join(map(cell_text, value))
    return one_line(str(value))


def one_line(text: str) -> str:
    """Return a text without what would move a terminal's cursor, hide letters or break the line."""
    return "".join(map(_shown, text)).strip()


def _shown(letter: str) -> str:
    category = unicodedata.category(letter)
    if category in _SHOWN_AS_SPACE:
        return " "
    return "" if category in _NOT_SHOWN else letter


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) != 0 for letter in text)

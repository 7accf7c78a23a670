"""Stable names of findings: a rule, a file and what stands in the line, never where the line stands."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from urllib.parse import unquote

LONGEST_ID: Final = 512
LONGEST_TITLE: Final = 500
LONGEST_FILE: Final = 1_000
_DIGEST_LETTERS: Final = 12
_LONGEST_STEM: Final = LONGEST_ID - 24
_LINE_NUMBERS: Final = re.compile(r"\b(lines?) \d+(?:(?:, | and | to |-)\d+)*", re.IGNORECASE)
_PASSED_LIMIT: Final = re.compile(r"\(\d+(?:\.\d+)? > \d+(?:\.\d+)?\)")
_QUOTED_SECRET: Final = re.compile(
    r"""(hard-?coded (?:password|secret|token|credential)[^'"]{0,40}?:) ?(['"]).*(?:\2|$)""", re.IGNORECASE
)
_DRIVE: Final = re.compile(r"[A-Za-z]:/")
_HOST_OF_URL: Final = re.compile(r"^//(?:localhost(?=/))?")
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_DRIVE_OF_URL: Final = re.compile(r"/[A-Za-z]:/")


class Place(NamedTuple):
    """What a finding is known by: `content` is the line of code, or where a report has none its message."""

    rule: str
    file: str
    content: str
    line: int


def finding_ids(places: Iterable[Place]) -> list[str]:
    """
    Return an id for each finding: `RULE:FILE:DIGEST`, and `:2`, `:3` behind the second and third of the same.

    Lines that were inserted above, and changes of indentation, change no id. Of two findings of one rule on equal lines
    of one file the upper is the first.

    Shape   Ids in the order of `places`, each once; at most 512 letters.
    Source  docs/reference/reports.md, "Identity".
    """
    found = list(places)
    return numbered([stem_of(place) for place in found], [place.line for place in found])


def stem_of(place: Place) -> str:
    """Return an id without what tells it from the same once more."""
    stem = f"{place.rule}:{place.file}"
    stem = stem if stem.isprintable() else one_line(stem)
    if len(stem) <= _LONGEST_STEM:
        return f"{stem}:{_digest(place.content)}"
    return f"{stem[:_LONGEST_STEM]}:{_digest(f'{stem} {place.content}')}"


def numbered(stems: Sequence[str], lines: Sequence[int]) -> list[str]:
    """Return the ids that stems become: themselves, with `:2`, `:3` where the same stands again further down."""
    ids = list(stems)
    taken: Counter[str] = Counter()
    for index in sorted(range(len(ids)), key=lambda index: (lines[index], index)):
        taken[stems[index]] += 1
        if taken[stems[index]] > 1:
            ids[index] = f"{stems[index]}:{taken[stems[index]]}"
    return ids


def content_of(line: str | None, message: str) -> str:
    """
    Return what a finding is known by: the line of code that the report quotes, else what it says without line numbers
    and without how far a limit is passed, since a function that grows is the same finding.

    >>> content_of(None, "`x` is already defined on line 12")
    '`x` is already defined on line …'
    >>> content_of(None, "`run` is too complex (13 > 10)")
    '`run` is too complex (…)'
    """
    return line if line and line.strip() else _PASSED_LIMIT.sub("(…)", without_line_numbers(message))


def title_of(message: str) -> str:
    """
    Return what a finding is called: one line, without the numbers of lines, which are never part of a picture, and
    without a password that a scanner found and quotes, which is never told any further.

    >>> title_of("Redefinition of `x`\\n  from lines 3-5")
    'Redefinition of `x` from lines …'
    >>> title_of("Possible hardcoded password: 'hunter2'")
    'Possible hardcoded password: …'
    """
    said = one_line(message[: 4 * LONGEST_TITLE])
    return without_line_numbers(_QUOTED_SECRET.sub(r"\1 …", said))[:LONGEST_TITLE]


def one_line(text: str) -> str:
    """Return a text with each run of spaces, line ends and what cannot be printed as one space."""
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())


def without_line_numbers(text: str) -> str:
    """Return a message as it would be if its lines stood anywhere else."""
    return _LINE_NUMBERS.sub(r"\1 …", text) if "line" in text.lower() else text


def line_in(excerpt: str, *, starts_at: int, line: int) -> str | None:
    """
    Return one line of an excerpt of code; None where the excerpt does not reach it.

    >>> line_in("import os\\nimport pickle\\n", starts_at=2, line=3)
    'import pickle'
    """
    lines = excerpt.splitlines()
    return lines[line - starts_at] if 0 <= line - starts_at < len(lines) else None


def relative_file(path: str, root: str | None) -> str:
    """
    Return a path as every machine would write it: no `file:` URL, no backslash, no `./`, and without the root.

    >>> relative_file("file:///builds/my-service/src/db.py", "/builds/my-service")
    'src/db.py'
    >>> relative_file(".\\\\src\\\\db.py", None)
    'src/db.py'
    """
    text = _plain(path)
    if root:
        base = _plain(root).rstrip("/") + "/"
        text = text.removeprefix(base) or text
    return (text if text.isprintable() else one_line(text))[:LONGEST_FILE]


def _plain(path: str) -> str:
    text = path
    if text[:5].lower() == "file:":
        text = _HOST_OF_URL.sub("", unquote(text[5:]))
        text = text[1:] if _DRIVE_OF_URL.match(text) else text
    if _ADDRESS.match(text):
        return text
    text = text.replace("\\", "/")
    if _DRIVE.match(text):
        text = text[0].lower() + text[1:]
    return posixpath.normpath(text) if text and ("//" in text or "/." in text or text.startswith("./")) else text


def _digest(content: str) -> str:
    words = " ".join(content.split())
    return hashlib.sha256(words.encode("utf-8", errors="surrogatepass")).hexdigest()[:_DIGEST_LETTERS]

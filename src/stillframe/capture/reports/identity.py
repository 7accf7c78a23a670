"""Stable names of findings: a rule, a file and what stands in the line, never where the line stands."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple
from urllib.parse import unquote

_SPACE: Final = re.compile(r"\s+")
_DIGEST_LETTERS: Final = 12
LONGEST_ID: Final = 512


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

    Shape   Ids in the order of `places`; at most 512 letters.
    Source  docs/reference/reports.md, "Identity".
    """
    found = list(places)
    stems = [f"{place.rule}:{place.file}"[: LONGEST_ID - 24] + f":{_digest(place.content)}" for place in found]
    ids = list(stems)
    seen: Counter[str] = Counter()
    for index in sorted(range(len(found)), key=lambda index: (found[index].line, index)):
        seen[stems[index]] += 1
        if seen[stems[index]] > 1:
            ids[index] = f"{stems[index]}:{seen[stems[index]]}"
    return ids


def relative_file(path: str, root: str | None) -> str:
    """
    Return a path as every machine would write it: no `file:` URL, no backslash, no `./`, and without the root.

    >>> relative_file("file:///home/ci/my-service/src/db.py", "/home/ci/my-service")
    'src/db.py'
    >>> relative_file(".\\\\src\\\\db.py", None)
    'src/db.py'
    """
    text = path
    if text.startswith("file:"):
        text = unquote(text.removeprefix("file:"))
        text = text.removeprefix("//")
        text = text[1:] if re.match(r"/[A-Za-z]:", text) else text
    text = text.replace("\\", "/")
    if root:
        base = root.replace("\\", "/").rstrip("/") + "/"
        text = text.removeprefix(base)
    while text.startswith("./"):
        text = text[2:]
    return text


def _digest(content: str) -> str:
    words = _SPACE.sub(" ", content).strip()
    return hashlib.sha256(words.encode("utf-8", errors="surrogatepass")).hexdigest()[:_DIGEST_LETTERS]

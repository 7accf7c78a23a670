"""Looking for secrets where none may be: in any encoding, in files, in compressed columns, in what was said."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stillframe.errors import StoreError
from stillframe.store.connect import SQLITE
from stillframe.store.frames import unpacked

_LEAST_BASE64 = 12


def canary(kind: str) -> str:
    """Return a secret that stands nowhere else: letters and digits, so that most encodings leave it as it is."""
    return f"{kind}{secrets.token_hex(12)}"


def spellings_of(secret: bytes) -> set[bytes]:
    """
    Return what a secret looks like raw, in hex, and inside base64 at each of its three alignments.

    Percent-encoding and JSON's escapes change no letter and no digit; that they may write each one as an escape is
    looked for too.
    """
    found = {secret, secret.hex().encode(), b"".join(b"%%%02x" % byte for byte in secret)}
    if secret.isascii():
        found.add(b"".join(b"\\u%04x" % byte for byte in secret))
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + secret)
        inner = whole[(0, 4, 4)[shift] : len(whole) // 4 * 4 - 4]
        if len(inner) >= _LEAST_BASE64:
            found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return {spelling.lower() for spelling in found}


@dataclass(kw_only=True)
class Search:
    """
    Secrets, and the places that were searched for them.

    Shape   `secrets`: what must not be found, by its kind.
    """

    secrets: dict[str, bytes] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    """How many bytes were searched at each place: a search of nothing finds nothing."""

    def add(self, kind: str, secret: str | bytes) -> None:
        self.secrets[kind] = secret.encode() if isinstance(secret, str) else secret

    def look(self, place: str, content: str | bytes, *, but: frozenset[str] = frozenset()) -> None:
        """Search some content for every secret, but those kinds that belong there."""
        text = (content.encode("utf-8", "replace") if isinstance(content, str) else content).lower()
        self.places[place] = self.places.get(place, 0) + len(text)
        for kind, secret in self.secrets.items():
            if kind not in but and any(spelling in text for spelling in spellings_of(secret)):
                self.found.append(f"{kind} in {place}")

    def look_in_database(self, path: Path, *, name: str = "database") -> None:
        """Search a database's file, its WAL, and every column of every row, unpacked where it is compressed."""
        for file in sorted(path.parent.glob(f"{path.name}*")):
            if file.is_file():
                self.look(f"{name} {file.suffix}", file.read_bytes())
        for table, value in _values(path):
            self.look(f"{name} table {table}", value)


def _values(path: Path) -> Iterator[tuple[str, bytes]]:
    with closing(SQLITE.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type='table'")]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # because the name is the schema's
                yield table, b"\n".join(map(_plain, row))


def _plain(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    if not isinstance(value, bytes):
        return repr(value).encode()
    if value.startswith(b"\x28\xb5\x2f\xfd"):
        try:
            return value + b"\n" + unpacked(value)
        except StoreError:
            return value
    return value


def signed_links(text: str) -> Iterator[str]:
    """Yield the signed part of every link that acts without a sign-in."""
    yield from re.findall(r"/u/([A-Za-z0-9_.\-]{20,})", text)


def told(answers: Mapping[str, str]) -> str:
    """Return all answers as one text, for a message."""
    return "\n".join(f"{name}: {answer[:200]}" for name, answer in answers.items())

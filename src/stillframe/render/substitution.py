"""Characters that no font has, shown as their code points: a document must neither fail for them nor hide them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

_ASCII: Final = frozenset(range(0x20, 0x7F))
_INVISIBLE: Final = frozenset({0x200C, 0x200D, 0xFE0E, 0xFE0F})
"""Joiners and variation selectors, which need no glyph beside a character that has one."""
_RUN_MOST: Final = 24
"""So many code points of one run are written out."""


class Substitution:
    """
    Writes text with what the fonts have, and counts what it had to replace.

    A base and its marks are set in one font, so all of them must be in one.

    Shape   `fonts`: the characters of each font.
    """

    def __init__(self, fonts: Sequence[frozenset[int]]) -> None:
        self._fonts = tuple(fonts)
        self._plain = fonts[0] | _ASCII
        self.count = 0

    def text(self, text: str) -> str:
        """
        Return text in which every run without glyphs is its code points in brackets.

        >>> Substitution([frozenset(range(0x20, 0x7F))]).text("Go 東京!")
        'Go [U+6771 4EAC]!'
        """
        if text.isascii() and text.isprintable():
            return text
        return "".join(self._runs(text))

    def document(self, value: Any) -> Any:  # noqa: ANN401  # because any JSON value is allowed
        """Return a JSON value with every text in it, names of members excepted, as the fonts can show it."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.document(found) for found in value]
        if isinstance(value, Mapping):
            return {name: self.document(found) for name, found in value.items()}
        return value

    def _runs(self, text: str) -> Iterator[str]:
        for has_glyphs, clusters in groupby(_clusters(text), self._can_show):
            if has_glyphs:
                yield from clusters
                continue
            codes = [ord(character) for cluster in clusters for character in cluster]
            self.count += len(codes)
            said = " ".join(f"{code:04X}" for code in codes[:_RUN_MOST])
            yield f"[U+{said}{' …' if len(codes) > _RUN_MOST else ''}]"

    def _can_show(self, cluster: str) -> bool:
        codes = {ord(character) for character in cluster} - _INVISIBLE
        return bool(codes) and any(codes <= font for font in self._fonts)


def _clusters(text: str) -> Iterator[str]:
    """Give each base with the marks and joiners after it."""
    cluster = ""
    for character in text:
        if cluster and not _continues(character):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _continues(character: str) -> bool:
    return ord(character) in _INVISIBLE or unicodedata.category(character) in ("Mn", "Me", "Mc")


def only(fonts: Iterable[frozenset[int]], most: int) -> list[frozenset[int]]:
    """Return the fonts' characters below a code point and without marks: what certainly can be set."""
    return [frozenset(code for code in font if code < most and not _continues(chr(code))) for font in fonts]

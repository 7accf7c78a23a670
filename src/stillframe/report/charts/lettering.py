"""Lettering: how wide a text will be about, without asking a font, and how much of it fits."""

from __future__ import annotations

import unicodedata
from typing import Final

from stillframe.report.figures import ELLIPSIS, name

_WIDE: Final = 1.05
_USUAL: Final = 0.58
_CAPITAL: Final = 0.72
_BROAD: Final = 0.88
_NARROW: Final = 0.32
"""Widths of a letter in parts of its size: a little more than those of common sans-serif faces, so that texts fit."""

_NARROW_LETTERS: Final = frozenset("ijltfI.,:;'|!()[] ")
_BROAD_LETTERS: Final = frozenset("mwMW@%—…")
_NAME_MOST: Final = 200
"""Letters beyond are not even looked at."""


def width_of(text: str, *, size: float) -> float:
    """
    Return about how wide a text is drawn.

    Units   Pixels; `size` is the size of the type in pixels.
    """
    return sum(map(_letter_width, text)) * size


def fitted(text: str, *, width: float, size: float) -> str:
    """
    Return text from outside on one line, cut so that it is at most about so wide.

    >>> fitted("Hawaiian Airlines", width=60, size=12)
    'Hawaiia…'
    """
    line = name(text, most=_NAME_MOST)
    if width_of(line, size=size) <= width:
        return line
    left = width - width_of(ELLIPSIS, size=size)
    kept = []
    for letter in line:
        left -= _letter_width(letter) * size
        if left < 0:
            break
        kept.append(letter)
    return "".join(kept).rstrip() + ELLIPSIS


def _letter_width(letter: str) -> float:
    if letter in _NARROW_LETTERS:
        return _NARROW
    if letter in _BROAD_LETTERS:
        return _BROAD
    if letter.isascii():
        return _CAPITAL if letter.isupper() else _USUAL
    if unicodedata.combining(letter):
        return 0.0
    return _WIDE if unicodedata.east_asian_width(letter) in "WF" else _CAPITAL

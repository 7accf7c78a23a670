"""Reads licence expressions into the choices that they give, each the licences that hold together."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import product
from math import prod
from typing import Any, Final, TypeAlias

from stillframe.capture.reports.walking import Walk

Alternatives: TypeAlias = tuple[frozenset[str], ...]

MOST_ALTERNATIVES: Final = 64
"""An expression that gives more is read as one choice of all its licences together: the strictest reading."""
MOST_PARSED_LETTERS: Final = 1_000_000
"""Of all different expressions of one report."""
LONGEST_EXPRESSION: Final = 2000
LONGEST_LICENCE: Final = 200
_DEEPEST: Final = 50
_UNSTATED: Final = frozenset({"", "noassertion", "none", "unknown", "non-standard"})


class Licences:
    """The licence expressions of one report; what was read once is not read again."""

    __slots__ = ("_known", "_letters", "_walk")

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._known: dict[tuple[str, bool], Alternatives] = {}
        self._letters = 0

    def of_expression(self, text: str | None) -> Alternatives:
        """
        Return the choices that an SPDX expression gives; an expression that is none stands as it was written.

        Errors  CaptureRefused for more different expressions than one report may have.
        """
        return self._read(text, named=False)

    def of_name(self, text: str | None) -> Alternatives:
        """Return the choices of what may be an expression or a plain name, which stands as it was written."""
        return self._read(text, named=True)

    def _read(self, text: str | None, *, named: bool) -> Alternatives:
        words = " ".join((text or "").split())
        known = self._known.get((words, named))
        if known is not None:
            return known
        if words.lower() in _UNSTATED:
            return ()
        self._letters += len(words)
        if self._letters > MOST_PARSED_LETTERS:
            raise self._walk.refused("", f"more than {MOST_PARSED_LETTERS:,} letters of different licence expressions")
        found = alternatives(words, named=named)
        self._walk.keep(words)
        for choice in found:
            self._walk.keep(*choice)
        self._known[words, named] = found
        return found


def alternatives(text: str, *, named: bool = False) -> Alternatives:
    """
    Return the choices that a licence expression gives.

    Shape   Names are those of the SPDX list where it knows them, else as they were written; an exception stays with its
            licence. With `named`, a text with any name that the list does not know is one name.

    >>> [sorted(choice) for choice in alternatives("MIT OR (GPL-2.0+ WITH Classpath-exception-2.0 AND Zlib)")]
    [['MIT'], ['GPL-2.0-or-later WITH Classpath-exception-2.0', 'Zlib']]
    >>> [sorted(choice) for choice in alternatives("GNU GPL, version 2 or later", named=True)]
    [['GNU GPL, version 2 or later']]

    Source  SPDX 2.3, annex D, "SPDX license expressions".
    """
    as_written = (frozenset({text[:LONGEST_LICENCE]}),)
    if len(text) > LONGEST_EXPRESSION or text.count("(") > _DEEPEST:
        return as_written
    licensing = _licensing()
    if text in licensing.known_symbols:
        return as_written
    parsed = _parsed(licensing, text)
    if parsed is None or (named and licensing.unknown_license_keys(parsed)):
        return as_written
    return _choices(licensing, parsed)


def together(parts: Iterable[Alternatives]) -> Alternatives:
    """
    Return the choices of several expressions that hold at once; those that give none are not stated.

    >>> mit, either = alternatives("MIT"), alternatives("Zlib OR ISC")
    >>> [sorted(choice) for choice in together([mit, (), either])]
    [['MIT', 'Zlib'], ['ISC', 'MIT']]
    """
    stated = [part for part in parts if part]
    if not stated:
        return ()
    if prod(map(len, stated)) > MOST_ALTERNATIVES:
        return (frozenset().union(*(choice for part in stated for choice in part)),)
    return tuple(dict.fromkeys(frozenset().union(*chosen) for chosen in product(*stated)))


def _choices(licensing: Any, parsed: Any) -> Alternatives:  # noqa: ANN401  # the library has no types
    if isinstance(parsed, licensing.AND):
        return together(_choices(licensing, part) for part in parsed.args)
    if not isinstance(parsed, licensing.OR):
        return (frozenset({str(parsed)[:LONGEST_LICENCE]}),)
    every = tuple(dict.fromkeys(choice for part in parsed.args for choice in _choices(licensing, part)))
    return every if len(every) <= MOST_ALTERNATIVES else (frozenset().union(*every),)


def _parsed(licensing: Any, text: str) -> Any:  # noqa: ANN401  # the library has no types
    from license_expression import ExpressionError, ParseError

    try:
        return licensing.parse(text)
    except (ExpressionError, ParseError, IndexError, AssertionError):  # the last two: `() AND MIT`, `MIT OR (AND Zlib)`
        return None


@cache
def _licensing() -> Any:  # noqa: ANN401  # the library has no types
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()

"""Numbers as people read them, never rounded so that a change or the crossing of a limit is hidden."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from stillframe.model.payload import Cell, Number
from stillframe.rules.conditions import Measure
from stillframe.rules.facts import Move, reaches, size_of

_SHORT_DIGITS = 4
_ALL_DIGITS = 17
_PER_CENT = 100
_MAX_TEXT = 60


def number_text(number: Number, *, digits: int = _ALL_DIGITS) -> str:
    """
    Return a number in at most so many significant digits, whole numbers in full.

    >>> number_text(15025), number_text(0.1), number_text(2 / 3, digits=3)
    ('15025', '0.1', '0.667')
    """
    if isinstance(number, int):
        return str(number)
    shortest = repr(number)
    rounded = f"{number:.{digits}g}"
    return rounded if len(rounded) < len(shortest) else shortest


def cell_text(cell: Cell, *, digits: int = _ALL_DIGITS) -> str:
    """Return a cell as JSON would show it, long text cut."""
    if cell is None or isinstance(cell, bool):
        return {None: "null", True: "true", False: "false"}[cell]
    if isinstance(cell, str):
        return repr(cell if len(cell) <= _MAX_TEXT else cell[: _MAX_TEXT - 1] + "…")
    return number_text(cell, digits=digits)


def pair_text(old: Cell, new: Cell) -> tuple[str, str]:
    """
    Return two values in as few digits as tell them apart.

    >>> pair_text(0.6, 0.54), pair_text(0.3333333333, 0.3333344444)
    (('0.6', '0.54'), ('0.333333', '0.333334'))
    """
    if isinstance(old, float) or isinstance(new, float):
        for digits in _digit_range():
            before, after = cell_text(old, digits=digits), cell_text(new, digits=digits)
            if before != after:
                return before, after
    return cell_text(old), cell_text(new)


def size_text(size: Number, limit: Number, *, measure: Measure, sign: str = "") -> str:
    """
    Return a size in as few decimals as keep it on its side of the limit.

    >>> size_text(0.0996, 0.1, measure="pct", sign="+"), size_text(0.1, 0.1, measure="pct", sign="-")
    ('+9.96 %', '-10.0 %')
    """
    if measure == "abs":
        return sign + _on_its_side(
            size, limit, (number_text(size, digits=digits) for digits in _digit_range()), scale=1
        )
    texts = (f"{size * _PER_CENT:.{decimals}f}" for decimals in range(1, _ALL_DIGITS))
    return sign + _on_its_side(size, limit, texts, scale=_PER_CENT) + " %"


def limit_text(limit: Number, *, measure: Measure) -> str:
    """
    Return a limit as its owner wrote it.

    >>> limit_text(0.1, measure="pct"), limit_text(5, measure="abs")
    ('10 %', '5')
    """
    if measure == "abs":
        return number_text(limit)
    return f"{limit * _PER_CENT:.12g} %"


def move_text(move: Move, limit: Number, *, measure: Measure) -> str:
    """
    Return what a move was in words: `went from 0.6 to 0.54 (-10.0 %)`.

    Shape   The bracket has the size that the limit is compared with, or says why there is none.
    """
    old, new = pair_text(move.old, move.new)
    return f"went from {old} to {new} ({_bracket(move, limit, measure=measure)})"


def _bracket(move: Move, limit: Number, *, measure: Measure) -> str:
    size = size_of(move, measure)
    if size != inf:
        signed = move.delta if measure == "abs" else move.delta_pct
        return size_text(size, limit, measure=measure, sign="-" if (signed or 0) < 0 else "+")
    return "from zero" if move.from_zero else "more than a number can hold"


def _on_its_side(size: Number, limit: Number, texts: Iterable[str], *, scale: int) -> str:
    over, text = reaches(size, limit), ""
    for text in texts:
        shown = float(text) / scale
        if reaches(shown, limit) is over and (shown != 0 or size == 0):
            return text
    return text


def _digit_range() -> range:
    return range(_SHORT_DIGITS, _ALL_DIGITS + 1)

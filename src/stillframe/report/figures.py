"""Figures and names as people read them: rounded no further than the difference stays visible, and safe to print."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TypeGuard

from stillframe.model.payload import Cell, Number

ELLIPSIS = "…"
NOTHING = "none"
"""How an absent value reads."""
UNNAMED = "(no name)"
"""How text that shows nothing reads."""

_LARGE = Decimal(10) ** 15
_SMALL = Decimal(10) ** -6
_MOST_DIGITS = 17
"""Enough to tell any two floats apart (IEEE 754 binary64)."""
_WIDE = Context(prec=60)
_GROUP_SPACE = "\u202f"
"""Between digits it marks a group in languages that do so; elsewhere it is a space like any other."""
_SPACES = re.compile(rf"(?!(?<=\d){_GROUP_SPACE}(?=\d))\s+")
_JOINERS = "\u200c\u200d"
"""Invisible, and part of how Persian words and family emoji are written."""
_KEPT = _JOINERS + _GROUP_SPACE


def ordinal(rank: int) -> str:
    """
    Return a rank as a word.

    >>> [ordinal(rank) for rank in (1, 2, 3, 4, 11, 22, 113)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd', '113th']
    """
    ending = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank:,}{ending}"


def figure(number: Number) -> str:
    """
    Return a number in as few digits as a reader needs to see it alone.

    >>> [figure(number) for number in (15661, 0.5412, 88.0, 1234.56, 3.14159, 2.5e18)]
    ['15,661', '0.541', '88', '1,235', '3.14', '2.5e+18']
    """
    exact = _exact(number)
    return _with_decimals(exact, _usual_decimals(exact))


def figures_apart(old: Number, new: Number) -> tuple[str, str]:
    """
    Return two numbers rounded alike, with digits enough that numbers which differ also look different.

    >>> figures_apart(0.7101, 0.7099)
    ('0.7101', '0.7099')
    >>> figures_apart(88, 71.0)
    ('88', '71')
    """
    exact_old, exact_new = _exact(old), _exact(new)
    first = max(_usual_decimals(exact_old), _usual_decimals(exact_new))
    for decimals in range(first, first + _MOST_DIGITS):
        texts = _with_decimals(exact_old, decimals), _with_decimals(exact_new, decimals)
        if texts[0] != texts[1] or exact_old == exact_new:
            return texts
    return str(exact_old), str(exact_new)


def percent(fraction: float) -> str:
    """
    Return the size of a relative change, without its sign.

    >>> [percent(fraction) for fraction in (0.0423, -0.1, 0.000423, 1.5, 12.345, 0.00000001)]
    ['4.2 %', '10 %', '0.042 %', '150 %', '1,235 %', 'less than 0.01 %']
    """
    hundredths = abs(_exact(fraction)) * 100
    if 0 < hundredths < Decimal("0.01"):
        return "less than 0.01 %"
    decimals = 0 if hundredths >= 100 else 1 if hundredths >= 1 else 3
    return f"{_with_decimals(hundredths, decimals)} %"


def signed(number: Number) -> str:
    """
    Return a difference with its sign.

    >>> signed(636), signed(-0.06)
    ('+636', '-0.06')
    """
    return f"+{figure(number)}" if number > 0 else figure(number)


def cell(value: Cell, *, most: int) -> str:
    """
    Return one cell as text of at most `most` characters.

    >>> cell(None, most=20), cell(True, most=20), cell(0.54, most=20), cell("a\\nb", most=20)
    ('none', 'true', '0.54', 'a b')
    """
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    return name(value, most=most) if isinstance(value, str) else figure(value)


def cells_apart(old: Cell, new: Cell, *, most: int) -> tuple[str, str]:
    """Return two cells as texts: numbers rounded alike, text cut."""
    if is_number(old) and is_number(new):
        return figures_apart(old, new)
    return cell(old, most=most), cell(new, most=most)


def is_number(value: Cell) -> TypeGuard[Number]:
    """Say whether a cell is a number; a bool is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def name(text: str, *, most: int, unnamed: str = UNNAMED) -> str:
    """
    Return text from outside on one line of at most `most` characters, without what a terminal or a page would act upon.

    >>> name("Alaska\\x1b[31m\\n Airlines", most=40)
    'Alaska [31m Airlines'
    >>> name("a very long name", most=8)
    'a very …'
    """
    line = text if text.isprintable() else "".join(map(_printed, text))
    line = _SPACES.sub(" ", line).strip() or unnamed
    return line if len(line) <= most else line[: most - 1] + ELLIPSIS


def _printed(character: str) -> str:
    return character if character.isprintable() or character in _KEPT else " "


def _exact(number: Number) -> Decimal:
    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))


def _usual_decimals(exact: Decimal) -> int:
    size = abs(exact)
    if not exact.is_finite():
        return 0
    if size >= 1000 or exact == exact.to_integral_value():
        return 0
    return 1 if size >= 100 else 2 if size >= 1 else min(2 - exact.adjusted(), _MOST_DIGITS)


def _with_decimals(exact: Decimal, decimals: int) -> str:
    if not exact.is_finite():
        return str(exact)
    size = abs(exact)
    if exact and (size >= _LARGE or size < _SMALL):
        digits = max(decimals, 3) if size >= _LARGE else 3 + max(0, decimals - _usual_decimals(exact))
        return f"{exact.normalize(Context(prec=min(digits, _MOST_DIGITS))):.{_MOST_DIGITS}g}".replace("E", "e")
    text = f"{exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _WIDE):,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text

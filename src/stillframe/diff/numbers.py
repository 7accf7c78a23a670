"""How far one number moved: the difference, the fraction of the old value, and what no number can say."""

from __future__ import annotations

from math import isfinite
from typing import TypeAlias, TypeGuard

from stillframe.errors import InvalidInput
from stillframe.model.payload import Number

Move: TypeAlias = tuple[Number | None, float | None, bool, bool]
"""delta, delta as a fraction of abs(old), from zero, overflow. A plain tuple: each value that differs has one."""

NO_MOVE: Move = (None, None, False, False)


def is_number(cell: object) -> TypeGuard[Number]:
    """Say whether a cell is a number: true and false are none, numeric text is none."""
    return type(cell) is float or type(cell) is int


def move_between(old: Number, new: Number) -> Move:
    """
    Return how far a number moved.

    Errors  InvalidInput if either is NaN or infinite.

    >>> move_between(0.5, 0.25)
    (-0.25, -0.5, False, False)
    >>> move_between(0, 3)
    (3, None, True, False)
    >>> move_between(-1e308, 1e308)
    (None, None, False, True)
    """
    try:
        delta = new - old
        if isfinite(delta):
            if old:
                delta_pct = delta / abs(old)
                return (delta, delta_pct, False, False) if isfinite(delta_pct) else (delta, None, False, True)
            return (delta, None, True, False) if new else (delta, 0.0, False, False)
    except OverflowError:
        pass
    for number in (old, new):
        if type(number) is float and not isfinite(number):
            raise InvalidInput(f"{number} cannot be compared; send it as text or as null")
    return (None, None, False, True)

"""How a capture refuses: one error for one fault or for many, each with its place."""

from __future__ import annotations

from collections.abc import Iterable

from stillframe.errors import CaptureRefused, Fault

MOST_FAULTS = 20


def refuse(faults: Iterable[Fault]) -> CaptureRefused:
    """Return one refusal for many faults: the first twenty, and how many more there are."""
    every = list(faults)
    shown = every[:MOST_FAULTS]
    if len(every) > MOST_FAULTS:
        shown.append(Fault(path="$", message=f"and {len(every) - MOST_FAULTS} more like these"))
    return CaptureRefused(faults=shown)


def refused(path: str, message: str) -> CaptureRefused:
    """Return the refusal of one thing at one place."""
    return CaptureRefused(faults=[Fault(path=path, message=message)])

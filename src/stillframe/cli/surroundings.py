"""What is around a command: a terminal or a pipe, continuous integration, somebody who debugs."""

from __future__ import annotations

import os
import sys

_YES = ("1", "true", "yes", "on")


def somebody_watches() -> bool:
    """Say whether both the output and the talk of this command go to a terminal."""
    return sys.stdout.isatty() and sys.stderr.isatty()


def in_continuous_integration() -> bool:
    """Say whether `CI` is set, as continuous integration services do."""
    return _is_on("CI")


def debugging() -> bool:
    """Say whether `STILLFRAME_DEBUG` asks for tracebacks."""
    return _is_on("STILLFRAME_DEBUG")


def _is_on(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in _YES

"""How a command that failed says so: one clear message, where the fault is, and the exit code."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator

from stillframe.cli.output import one_line
from stillframe.cli.surroundings import debugging
from stillframe.errors import CaptureRefused, ConfigurationError, InvalidInput, SourceFailed, StillframeError

COULD_NOT = 1
WRONG_INPUT = 2
INTERRUPTED = 130


def explain(error: Exception) -> int:
    """
    Say on stderr what went wrong, and return the exit code.

    An error that is not ours is a defect: it is named, with what to do; `STILLFRAME_DEBUG=1` shows its traceback.
    """
    if debugging():
        traceback.print_exception(error, file=sys.stderr)
    for line in lines_of(error):
        print(line, file=sys.stderr)
    return exit_code_of(error)


def exit_code_of(error: Exception) -> int:
    """Return 2 for anything wrong in what was given, else 1."""
    return WRONG_INPUT if isinstance(error, InvalidInput | ConfigurationError) else COULD_NOT


def lines_of(error: Exception) -> Iterator[str]:
    """Return the message of an error: its sentence, then a line for each place that is wrong."""
    match error:
        case InvalidInput(faults=(_, *_) as faults):
            yield f"stillframe: {error.title}"
            yield from (f"  {one_line(str(fault))}" for fault in faults)
        case StillframeError():
            yield f"stillframe: {one_line(error.message)}"
        case _:
            yield f"stillframe: this should not have happened: {type(error).__name__}: {one_line(str(error))}"
            yield "  Please report it with the command you ran and what STILLFRAME_DEBUG=1 prints in front of it."
    if isinstance(error, CaptureRefused | SourceFailed) and error.attempt_id:
        yield f"  recorded as attempt {error.attempt_id}; nothing was stored and the last snapshot stays"

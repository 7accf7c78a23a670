"""The terminal door (Typer)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """
    Run one command and end the process with its exit code.

    Shape   `arguments` without the program's name; by default those of the process.
    Units   0 done; 1 it could not be done; 2 something in what was given is wrong.
    """
    from stillframe.cli.app import app
    from stillframe.cli.faults import explain

    try:
        app(args=None if arguments is None else list(arguments), prog_name="stillframe")
    except Exception as error:  # noqa: BLE001  # because a person at a terminal gets a sentence, never a traceback
        sys.exit(explain(error))
    sys.exit(0)

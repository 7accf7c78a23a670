"""The terminal door (Typer)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """
    Run one command and end the process with its exit code.

    Shape   `arguments` without the program's name; by default those of the process.
    Units   0 done; 1 it could not be done; 2 something in what was given is wrong. Of a release gate 0 pass, 1 fail, 2
            warn, 3 anything else.
    """
    from stillframe.cli.app import app
    from stillframe.cli.endings import code_of_error, code_of_exit
    from stillframe.cli.faults import explain

    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        app(args=None if arguments is None else words, prog_name="stillframe")
    except SystemExit as ended:
        sys.exit(code_of_exit(ended, words))
    except Exception as error:  # noqa: BLE001  # because a person at a terminal gets a sentence, never a traceback
        sys.exit(code_of_error(explain(_named(error, words)), words))
    sys.exit(0)


def _named(error: Exception, words: Sequence[str]) -> Exception:
    """Return what to say of an error: bytes that are no text, in a word of the command, cannot be asked or kept."""
    from stillframe.errors import InvalidInput

    if isinstance(error, UnicodeEncodeError) and any(not word.isprintable() for word in words):
        return InvalidInput("a word of the command holds bytes that are not UTF-8; write it in UTF-8")
    return error

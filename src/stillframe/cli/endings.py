"""How a command ends that was to ask a release gate: 0, 1 and 2 are decisions, so nothing else may end so."""

from __future__ import annotations

from collections.abc import Sequence

import typer

NO_DECISION = 3
"""Every error and every bad argument of `release check`."""
_OTHERS = frozenset({"profiles", "history", "show", "suppress", "suppressions", "unsuppress"})


def code_of_exit(ended: SystemExit, words: Sequence[str]) -> int:
    """Return the exit code of a command line that ended itself: what a command meant to end with stays."""
    code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    meant = isinstance(ended.__context__, typer.Exit)
    return code if meant else code_of_error(code, words)


def code_of_error(code: int, words: Sequence[str]) -> int:
    """Return the exit code of a command line that failed: 3 where a gate was to be asked, because 1 and 2 decide."""
    return NO_DECISION if asks_gate(words) else code


def asks_gate(words: Sequence[str]) -> bool:
    """
    Say whether a command line was to ask a release gate, however badly it was written.

    >>> asks_gate(["release", "check", "--project", "my-service"]), asks_gate(["release", "chekc"])
    (True, True)
    >>> asks_gate(["--oops", "release", "check"]), asks_gate(["release", "history"]), asks_gate(["project", "list"])
    (True, False, False)
    """
    said = [word for word in words if not word.startswith("-")]
    begins = bool(words) and words[0].startswith("-")
    place = next((at for at, word in enumerate(said) if word == "release"), None)
    if place is None or (place and not begins):
        return False
    return said[place + 1 : place + 2] != [] and said[place + 1] not in _OTHERS

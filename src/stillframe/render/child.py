"""The program in the child process: takes one job after another from a pipe until the pipe closes."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from stillframe.render.framing import read_message, write_message
from stillframe.render.jobs import job_named

OK: Final = b"ok"
FAILED: Final = b"failed"
SAID_MOST: Final = 500
"""How much of an error's own words is passed on."""
_PAGES = Path("/proc/self/statm")


def main() -> None:
    """
    Answer jobs from stdin on stdout.

    What ends the parent from outside (a terminal's Ctrl-C, a service manager's signal) is not for this process: it ends
    when the parent closes the pipe. A parent that was killed closes it too; a job that is running then is ended by the
    kernel's timer, since a compiler does not give the interpreter a chance to.

    Units   The first argument is how many seconds one job may take.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    seconds = float(sys.argv[1])
    outbox = os.fdopen(os.dup(1), "wb")
    # What a library prints must not get between the messages.
    os.dup2(2, 1)
    with suppress(EOFError, BrokenPipeError):
        while (message := read_message(sys.stdin.buffer)) is not None:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            write_message(outbox, answer(message))
            signal.setitimer(signal.ITIMER_REAL, 0)


def answer(message: Sequence[bytes]) -> list[bytes]:
    """
    Do one job.

    Shape   `message`: the job's name, then the parts of its input. Result: `ok` and what was made, or `failed` and why,
            then how much memory this process holds.
    Units   Memory in bytes, as decimal digits.
    """
    name, *parts = message
    try:
        made = [OK, job_named(name.decode())(parts)]
    except Exception as error:  # noqa: BLE001  # because a job's defect must end this job and not the process
        made = [FAILED, f"{type(error).__name__}: {error}".encode("utf8", "replace")[:SAID_MOST]]
    return [*made, str(_memory_bytes()).encode()]


def _memory_bytes() -> int:
    """Linux counts the parent's peak into a child's `ru_maxrss`: a large server would seem to have large children."""
    if _PAGES.exists():
        return int(_PAGES.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()

"""Measures how long the command line takes to say its help: `stillframe --help` and that of every subcommand."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

COMMANDS = (
    (),
    ("serve",),
    ("worker",),
    ("dashboard", "apply"),
    ("dashboard", "snapshot", "create"),
    ("dashboard", "snapshot", "compare"),
    ("dashboard", "trends"),
    ("dashboard", "autosnapshot"),
    ("subscription", "add"),
    ("token", "create"),
    ("demo",),
)
ROUNDS = 7


def seconds_of(command: tuple[str, ...]) -> float:
    """Return the median seconds of one help text, after one unmeasured run."""
    taken = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "stillframe.cli", *command, "--help"], capture_output=True, check=True)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken[1:])


def main() -> None:
    """Run and print one table."""
    print("| command | median s of 7 |\n| --- | --- |")
    for command in COMMANDS:
        print(f"| `stillframe {' '.join([*command, '--help'])}` | {seconds_of(command):.2f} |")


if __name__ == "__main__":
    main()

"""The root: every command is there, says what it does with an example, and says it fast."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from math import inf
from pathlib import Path
from typing import Any

import pytest

from stillframe.cli.reference import commands, example_of
from tests.cli.conftest import Run

ROOT_HELP_SECONDS = 0.3
SUBCOMMAND_HELP_SECONDS = 0.4
TRIES = 3
EVERY = dict(commands())
PROMISED = {
    "stillframe demo",
    "stillframe serve",
    "stillframe worker",
    "stillframe migrate",
    *(
        f"stillframe dashboard {word}"
        for word in ("apply", "list", "show", "live", "autosnapshot", "trends", "compare-periods", "health")
    ),
    *(
        f"stillframe dashboard snapshot {word}"
        for word in ("create", "list", "show", "policy", "compare", "export", "replay")
    ),
    "stillframe dashboard snapshot accept",
    *(f"stillframe subscription {word}" for word in ("add", "list", "remove")),
    *(
        f"stillframe release {word}"
        for word in ("check", "profiles", "history", "show", "suppress", "suppressions", "unsuppress")
    ),
    *(f"stillframe persona {word}" for word in ("add", "list")),
    *(f"stillframe token {word}" for word in ("create", "list", "revoke")),
    *(f"stillframe user {word}" for word in ("list", "role")),
    *(f"stillframe delivery {word}" for word in ("list", "replay")),
}


def cpu_seconds(*arguments: str) -> float:
    """The processor time that a command needs, of the best of a few runs: a shared machine is no stopwatch."""
    best = inf
    for _ in range(TRIES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-c", "from stillframe.cli import main; main()", *arguments],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def test_every_promised_command_is_there() -> None:
    """What the documentation names can be run."""
    assert set(EVERY) >= PROMISED


@pytest.mark.parametrize("name", sorted(EVERY))
def test_the_help_of_every_command_holds_an_example_of_it(run: Run, name: str) -> None:
    """Who reads help wants a line to copy."""
    helped = run(*name.split()[1:], "--help").out
    examples = example_of(EVERY[name])
    assert examples
    assert all(line.startswith(f"{name} ") or line == name for line in examples)
    assert all(line in helped for line in examples)


@pytest.mark.parametrize("name", sorted(set(EVERY) - {"stillframe serve"}))
def test_every_command_has_a_form_for_programs(name: str) -> None:
    """A script must not have to read tables."""
    assert "--format" in options_of(EVERY[name])


@pytest.mark.parametrize("name", sorted(set(EVERY) - {"stillframe demo", "stillframe webhook verify"}))
def test_every_command_takes_a_configuration(name: str) -> None:
    """The demo brings its own, and whoever writes a receiver has none."""
    assert "--config" in options_of(EVERY[name])


def test_the_version_is_printed(run: Run) -> None:
    """A report of a defect begins with it."""
    assert run("--version").out.startswith("stillframe 0.")


def test_the_root_help_is_quick() -> None:
    """A help that lets people wait is not asked a second time."""
    assert cpu_seconds("--help") < ROOT_HELP_SECONDS


def test_a_subcommand_help_is_quick() -> None:
    """Neither the database nor the server is loaded to describe a flag."""
    assert cpu_seconds("dashboard", "snapshot", "create", "--help") < SUBCOMMAND_HELP_SECONDS


def options_of(command: Any) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts}

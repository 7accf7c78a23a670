"""The commands are listed, and continuous integration runs the one that the README names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"aiohttp", "alembic", "fastapi", "sqlalchemy", "sqlglot", "uvicorn"}


@pytest.mark.needs("make")
def test_make_alone_lists_every_command(repository: Path) -> None:
    """A command that is not listed is known to its author only."""
    done = subprocess.run(["make"], cwd=repository, capture_output=True, text=True, check=True)
    phony = re.search(r"(?m)^\.PHONY: (.+)$", (repository / "Makefile").read_text(encoding="utf8"))
    assert phony
    assert set(re.findall(r"(?m)^  make ([a-z-]+) +\S", done.stdout)) == set(phony[1].split())


def test_continuous_integration_runs_the_readme_command(repository: Path) -> None:
    """What is checked there is what anybody can check at home."""
    run = repository / ".ci" / "run"
    commands = [line for line in run.read_text(encoding="utf8").splitlines() if line and not line.startswith("#")]
    assert os.access(run, os.X_OK)
    assert commands[0] == "set -euo pipefail"
    assert commands[-1] == "make test"


def test_a_program_that_cannot_be_installed_is_named_and_stops_nothing(tmp_path: Path, repository: Path) -> None:
    """The tests that need it are skipped; the others still have something to say."""
    for program in ("bash", "dirname", "id"):
        found = next(folder / program for folder in map(Path, ("/usr/bin", "/bin")) if (folder / program).exists())
        (tmp_path / program).symlink_to(found)
    done = subprocess.run(
        [tmp_path / "bash", repository / "tools" / "install_missing.sh"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "missing: Node.js with npm" in done.stderr


def test_the_help_loads_neither_the_server_nor_the_database(repository: Path) -> None:
    """A help text that waits for half a second of imports is asked for once."""
    program = "import sys; sys.argv = ['stillframe', '--help']; from stillframe.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", program],
        env={**os.environ, "PYTHONPATH": str(repository / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "dashboard" in done.stdout
    assert set(re.findall(r"(?m)\| +([\w.]+)$", done.stderr)) & HEAVY == set()

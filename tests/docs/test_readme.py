"""The README, followed word by word as a new user would: every shell block runs, in order, in one shell."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SETTING_UP = "make setup"


@pytest.fixture(scope="module")
def followed(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the blocks after the set-up print, run in an empty home, and the folder they worked in."""
    home = tmp_path_factory.mktemp("home")
    blocks = SHELL.findall((repository / "README.md").read_text(encoding="utf-8"))
    assert SETTING_UP in blocks[0]
    assert 'EXAMPLES="$PWD/examples"' in blocks[0]
    script = "\n".join(["set -euo pipefail", "mkdir -p ~/stillframe-first && cd ~/stillframe-first", *blocks[1:]])
    commands = tmp_path_factory.mktemp("bin")
    shim = commands / "stillframe"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m stillframe.cli "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    environment = {
        "HOME": str(home),
        "PATH": f"{commands}:{os.environ['PATH']}",
        "PYTHONPATH": str(repository / "src"),
        "LANG": "C.UTF-8",
        "EXAMPLES": str(repository / "examples"),
    }
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, home / "stillframe-first"


def test_the_five_minutes_end_with_one_notice(followed: tuple[str, Path]) -> None:
    """The second snapshot matches, and the persona's inbox has one line."""
    printed, _ = followed
    assert "1 of its subscriptions matched: 1 delivered" in printed
    assert printed.count("Ben rose from 2nd to 1st") >= 1


def test_the_state_at_a_release_is_a_document(followed: tuple[str, Path]) -> None:
    """The evidence is there, immutable, and as a PDF."""
    _, folder = followed
    record = json.loads((folder / "release.json").read_text(encoding="utf8"))
    assert (record["scope_ref"], record["immutable"], record["source_ref"]) == ("project:my-service", True, "v1.4.0")
    assert (folder / "release.pdf").read_bytes().startswith(b"%PDF-")


def test_the_gate_refuses_the_release_that_is_worse(followed: tuple[str, Path]) -> None:
    """And names the finding."""
    printed, _ = followed
    assert "FAIL  itsdangerous, 2.2.0, by no-step-back" in printed
    assert "exit code 1" in printed
    assert "Use of weak SHA1 hash" in printed


def test_a_third_snapshot_tells_nobody(followed: tuple[str, Path], repository: Path) -> None:
    """As the README says: nothing changed, nobody hears."""
    command = [sys.executable, "-m", "stillframe.cli", "dashboard", "snapshot", "create"]
    environment = {**os.environ, "PYTHONPATH": str(repository / "src"), "HOME": str(followed[1].parent)}
    arguments = ["--dashboard", "best-sellers", "--format", "json"]
    done = subprocess.run([*command, *arguments], cwd=followed[1], env=environment, capture_output=True, check=True)
    taken = json.loads(done.stdout)
    assert taken["sequence"] == 3
    assert taken["dispatch"]["matched"] == 0

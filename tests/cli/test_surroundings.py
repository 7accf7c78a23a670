"""What is around a command."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from stillframe.cli.surroundings import debugging, in_continuous_integration, server_token

WATCHED = (
    "from stillframe.cli.surroundings import somebody_watches; import os; os.write(3, str(somebody_watches()).encode())"
)


@pytest.mark.parametrize(("text", "on"), [("true", True), ("1", True), ("TRUE", True), ("", False), ("false", False)])
def test_a_switch_in_the_environment_is_on_when_it_says_yes(
    monkeypatch: pytest.MonkeyPatch, text: str, on: bool
) -> None:
    """Services write it in several ways; an empty value is no."""
    monkeypatch.setenv("CI", text)
    monkeypatch.setenv("STILLFRAME_DEBUG", text)
    assert (in_continuous_integration(), debugging()) == (on, on)


@pytest.mark.parametrize(("text", "token"), [("sf_x", "sf_x"), (" sf_x\n", "sf_x"), ("", None), (" ", None)])
def test_a_token_is_taken_without_the_line_break_of_its_file(
    monkeypatch: pytest.MonkeyPatch, text: str, token: str | None
) -> None:
    """`STILLFRAME_TOKEN=$(cat token)` and a secret store's file mean the same token."""
    monkeypatch.setenv("STILLFRAME_TOKEN", text)
    assert server_token() == token


@pytest.mark.parametrize(("out", "err", "watched"), [(True, True, True), (True, False, False), (False, True, False)])
def test_somebody_watches_when_output_and_talk_go_to_a_terminal(
    repository: Path, out: bool, err: bool, watched: bool
) -> None:
    """A progress bar in a file is noise."""
    main_end, terminal = pty.openpty()
    read_end, write_end = os.pipe()
    program = f"import os; os.dup2({write_end}, 3); {WATCHED}"
    subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(repository / "src")},
        stdout=terminal if out else subprocess.DEVNULL,
        stderr=terminal if err else subprocess.DEVNULL,
        pass_fds=[write_end],
        check=True,
    )
    os.close(write_end)
    assert os.read(read_end, 10).decode() == str(watched)
    for end in (main_end, terminal, read_end):
        os.close(end)

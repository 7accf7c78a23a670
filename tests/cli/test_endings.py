"""Exit codes of a release gate are its decisions: no error may look like one."""

from __future__ import annotations

import pytest
import typer

from stillframe.cli.endings import NO_DECISION, asks_gate, code_of_error, code_of_exit
from stillframe.cli.reference import commands


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ("release check", True),
        ("release check --project a", True),
        ("release --oops check", True),
        ("--oops release check", True),
        ("--config x release check", True),
        ("release chekc", True),
        ("release", False),
        ("release --help", False),
        ("release show check", False),
        ("release suppress --project release check", False),
        ("comments add --dashboard release check", False),
        ("demo", False),
        ("", False),
    ],
)
def test_a_line_that_was_to_ask_a_gate_is_known_by_its_words(line: str, asks: bool) -> None:
    """However badly it was written: a misspelt option is no warning of a gate."""
    assert asks_gate(line.split()) is asks


def test_no_other_command_of_releases_ends_with_3() -> None:
    """What is added to the group has the exit codes of all commands."""
    names = [name.split()[2] for name, _ in commands() if name.startswith("stillframe release ")]
    assert [name for name in names if asks_gate(["release", name])] == ["check"]
    assert len(names) == 7


def test_an_error_is_none_of_the_decisions() -> None:
    """Elsewhere it keeps its code."""
    for code in (1, 2):
        assert code_of_error(code, ["release", "check"]) == NO_DECISION
        assert code_of_error(code, ["release", "history"]) == code


def ended(code: int, *, meant: bool) -> SystemExit:
    """A command line that ended, by a command's own wish or not."""
    try:
        try:
            raise typer.Exit(code) if meant else ValueError
        except (typer.Exit, ValueError):
            raise SystemExit(code)  # noqa: B904  # because this is how the library ends a process
    except SystemExit as found:
        return found


def test_what_a_command_means_to_end_with_stays() -> None:
    """A decision, or the help; anything else that ends a process is an error."""
    words = ["release", "check"]
    assert [code_of_exit(ended(code, meant=True), words) for code in (0, 1, 2)] == [0, 1, 2]
    assert [code_of_exit(ended(code, meant=False), words) for code in (1, 2)] == [NO_DECISION, NO_DECISION]
    assert code_of_exit(ended(2, meant=False), ["release", "show"]) == 2

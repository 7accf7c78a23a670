"""Options that commands share."""

from __future__ import annotations

from stillframe.cli.options import EXAMPLE_HEAD, example, group


def test_an_example_keeps_its_lines() -> None:
    """The mark in front of a paragraph stops its words from being wrapped."""
    assert example("a b", "c d") == f"\b\n{EXAMPLE_HEAD}\n  a b\n  c d"


def test_a_group_without_a_command_shows_its_help() -> None:
    """Half a command is a question."""
    made = group("About it.")
    assert made.info.help == "About it."
    assert made.info.no_args_is_help is True

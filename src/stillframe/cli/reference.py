"""The reference of the command line, written from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import typer.main

from stillframe.cli.app import ENDINGS, app
from stillframe.cli.options import EXAMPLE_HEAD

PROGRAM = "stillframe"

_OPENING = f"""# Command line

Written from the commands' own help by `make docs`; a test holds the two together.

Data goes to stdout, talk to stderr. `--format json` is stable and complete: it holds more than the table. {ENDINGS}

A command opens the database that the configuration names, itself: no server needs to run. The caller is then
`local:NAME` of whoever runs it, with the role admin, because who can open the database can do everything. Commands that
only read never make a database; they name the place where they looked.

With `--server URL`, or `STILLFRAME_SERVER`, the commands that have that option ask a server over HTTP in place of a
database, with the token in `STILLFRAME_TOKEN`. What they print and their exit codes are the same:
[how to](../howto/use-the-command-line-against-a-server.md).

`STILLFRAME_CONFIG` names the configuration file like `--config`; `STILLFRAME_DEBUG=1` shows the traceback of an error.
"""


def cli_reference() -> str:
    """Return the Markdown page: a section for each group, and in it every command with its options and example."""
    parts = [_OPENING]
    for head, found in groupby(commands(), key=lambda pair: pair[0].rpartition(" ")[0]):
        parts.append(f"## `{head}`\n" if head != PROGRAM else "## Running\n")
        parts.extend(_section(name, command) for name, command in found)
    return "\n".join(parts)


def commands() -> Iterator[tuple[str, Any]]:
    """Return every command that does something, by its whole name; those directly under a name before its groups."""
    return _under(PROGRAM, typer.main.get_command(app))


def example_of(command: Any) -> list[str]:  # noqa: ANN401  # because Typer keeps the type of a command to itself
    """Return the example's lines from the end of a command's help."""
    _, _, lines = (command.epilog or "").partition(f"{EXAMPLE_HEAD}\n")
    return [line.strip() for line in lines.splitlines()]


def _under(name: str, group: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  # because Typer keeps the type to itself
    members = group.commands
    leaves = {word: found for word, found in members.items() if not hasattr(found, "commands")}
    yield from ((f"{name} {word}", found) for word, found in leaves.items())
    for word, found in members.items():
        if word not in leaves:
            yield from _under(f"{name} {word}", found)


def _section(name: str, command: Any) -> str:  # noqa: ANN401  # because Typer keeps the type of a command to itself
    context = typer.Context(command, info_name=name)
    records = [found.get_help_record(context) for found in command.get_params(context) if found.name != "help"]
    rows = [f"| `{_cell(names)}` | {_cell(about)} |" for names, about in filter(None, records)]
    table = "\n".join(["| | |", "| --- | --- |", *rows])
    example = "\n".join(example_of(command))
    return f"### `{name}`\n\n{' '.join(command.help.split())}\n\n{table}\n\n```\n{example}\n```\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")

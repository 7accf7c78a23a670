"""Options that commands share, and how a command's example stands in its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from stillframe.cli.output import OutputFormat

EXAMPLE_HEAD = "Example:"

Config: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="The configuration file; by default stillframe.toml here, else the user's."
    ),
]
Format: TypeAlias = Annotated[OutputFormat, typer.Option("--format", help="table for people, json for programs.")]
DashboardOption: TypeAlias = Annotated[str, typer.Option("--dashboard", metavar="ID", help="A dashboard's id or slug.")]
DashboardArgument: TypeAlias = Annotated[str, typer.Argument(metavar="DASHBOARD", help="A dashboard's id or slug.")]
Limit: TypeAlias = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="The most to list, newest first.")]
PageLimit: TypeAlias = Annotated[
    int | None,
    typer.Option("--limit", min=1, max=10_000, help="The most to list; by default as many as a page may hold."),
]
Server: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="URL",
        envvar="STILLFRAME_SERVER",
        help="Ask this server over HTTP, with the token in STILLFRAME_TOKEN, in place of a database.",
    ),
]
Cursor: TypeAlias = Annotated[
    str | None, typer.Option("--cursor", metavar="TEXT", help="Go on where a list ended: next_cursor of its JSON.")
]

SnapshotArgument: TypeAlias = Annotated[str, typer.Argument(metavar="SNAPSHOT", help="A snapshot's id.")]
ProjectArgument: TypeAlias = Annotated[str, typer.Argument(metavar="PROJECT", help="A project's name.")]
ScopeOption: TypeAlias = Annotated[
    Literal["project", "group", "portfolio"] | None,
    typer.Option("--scope", help="Health: of a project, of a group, or of the projects that you may see."),
]
Project: TypeAlias = Annotated[str | None, typer.Option("--project", metavar="NAME", help="A project's name.")]
Group: TypeAlias = Annotated[str | None, typer.Option("--group", metavar="ID", help="A group's id.")]
Offset: TypeAlias = Annotated[
    int, typer.Option("--offset", min=0, help="Leave out so many of the newest: the next page.")
]

Reports: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--report", metavar="FILE", help="A tool's report, - for standard input; may be given several times."),
]
Kloc: TypeAlias = Annotated[
    float | None, typer.Option("--kloc", metavar="NUMBER", help="Thousand lines of code, where no report counts them.")
]
Root: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--root",
        metavar="FOLDER",
        help="Where absolute paths in the reports start from; by default the working directory.",
    ),
]
AnswerForm: TypeAlias = Annotated[
    Literal["table", "json", "markdown"],
    typer.Option("--format", help="table for people, json for programs, markdown for the summary of a job."),
]

LISTED = 50
"""How many a list shows when nobody says."""


def group(about: str) -> typer.Typer:
    """Return an empty group of commands with one sentence about it."""
    return typer.Typer(help=about, no_args_is_help=True, rich_markup_mode=None)


def example(*commands: str) -> str:
    """Return the end of a command's help; the mark in front keeps the lines as they are."""
    lines = "\n".join(f"  {command}" for command in commands)
    return f"\b\n{EXAMPLE_HEAD}\n{lines}"

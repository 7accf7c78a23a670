"""Commands of the release gate: check, profiles, history, show; beside them those about suppressions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import typer

from stillframe.cli import suppressions
from stillframe.cli.brought import reading_in, reports_in
from stillframe.cli.counter import at_counter
from stillframe.cli.given import profile_in
from stillframe.cli.options import (
    AnswerForm,
    Config,
    Cursor,
    Format,
    Kloc,
    PageLimit,
    Project,
    Reports,
    Root,
    Server,
    example,
)
from stillframe.cli.options import group as new_group
from stillframe.cli.output import check_file, give_bytes, give_page, say, table

Form: TypeAlias = Literal["table", "json", "markdown"]
Text: TypeAlias = str | None

ENDINGS: Mapping[str, int] = {"pass": 0, "fail": 1, "warn": 2}
PROFILE_COLUMNS = ["name", "title", "checks", "source", "digest"]
DECISION_COLUMNS = ["decided_at", "decision", "project_name", "profile", "source_ref", "adopted", "id"]
_DIGEST_SHOWN = 12

group = new_group("Put a project's candidate before a release gate, and read what was decided.")


@group.command(
    "check",
    epilog=example(
        "stillframe release check --project my-service --report bandit.json --report coverage.xml",
        "stillframe release check --project my-service --profile gate.toml --report bandit.json --format markdown",
    ),
)
def check(
    *,
    project: Annotated[str, typer.Option("--project", metavar="NAME", help="The project that is to be released.")],
    profile: Annotated[
        str,
        typer.Option("--profile", metavar="NAME|FILE", help="What it must meet: a profile's name, or a TOML file."),
    ] = "standard",
    report: Reports = None,
    source_ref: Annotated[Text, typer.Option("--source-ref", help="The candidate's revision: a commit, a tag.")] = None,
    reason: Annotated[Text, typer.Option("--reason", help="Why it is checked.")] = None,
    kloc: Kloc = None,
    root: Root = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Decide and keep nothing: for a merge request, or to try a profile.")
    ] = False,
    fail_on_warn: Annotated[bool, typer.Option("--fail-on-warn", help="End with 1 on a warning too.")] = False,
    form: AnswerForm = "table",
    file: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to; by default to standard output.")
    ] = None,
    config: Config = None,
    server: Server = None,
) -> None:
    """
    Put a candidate before a release gate, keep the decision, and adopt the candidate unless it failed.

    Without reports the candidate is the project's state as it is known. Ends with 0 pass, 1 fail, 2 warn, and with 3
    for anything else: an error, or something wrong in what you gave.
    """
    said = {
        "project_name": project,
        "profile": profile_in(profile),
        "source_ref": source_ref,
        "reason": reason,
        "dry_run": dry_run,
        **reading_in(kloc=kloc, root=root),
    }
    check_file(file)
    with reports_in(report or []) as brought, at_counter(config=config, server=server) as counter:
        answer = counter.check_release(said, brought)
    if file is not None:
        say(_first_line(answer))
    give_bytes(_written(answer, form), file=file)
    raise typer.Exit(1 if fail_on_warn and answer["decision"] == "warn" else ENDINGS[answer["decision"]])


@group.command("profiles", epilog=example("stillframe release profiles --format json"))
def profiles(*, output: Format = "table", config: Config = None, server: Server = None) -> None:
    """List the profiles that a check may name: the built-in ones, then the operator's; the JSON has their checks."""
    with at_counter(config=config, server=server) as counter:
        found = counter.profiles()
    rows = [
        {**one, "checks": len(one["check"]), "digest": str(one["digest"])[:_DIGEST_SHOWN]} for one in found["items"]
    ]
    give_page(found, output=output, lines=table(rows, PROFILE_COLUMNS))


@group.command("history", epilog=example("stillframe release history --project my-service --limit 10"))
def history(
    *,
    project: Project = None,
    limit: PageLimit = None,
    cursor: Cursor = None,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """List what gates decided, newest first, of a project or of all that you may see."""
    with at_counter(config=config, server=server) as counter:
        found = counter.decisions(project, limit=limit, cursor=cursor)
    lines = table(found["items"], DECISION_COLUMNS)
    give_page(found, output=output, lines=lines, empty="No release was checked here yet.")


@group.command("show", epilog=example("stillframe release show 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11 --format markdown"))
def show(
    *,
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="A decision's id, as the history shows it.")],
    form: AnswerForm = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Show a decision exactly as it was answered then."""
    with at_counter(config=config, server=server) as counter:
        answer = counter.decision(decision)
    give_bytes(_written(answer, form), file=None)


suppressions.add_to(group)


def _written(answer: Mapping[str, Any], form: Form) -> bytes:
    if form == "json":
        return f"{json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False)}\n".encode()
    from stillframe.report.gate import gate_lines, gate_markdown

    text = gate_markdown(answer) if form == "markdown" else "".join(f"{line}\n" for line in gate_lines(answer))
    return text.encode()


def _first_line(answer: Mapping[str, Any]) -> str:
    from stillframe.report.gate import gate_lines

    return gate_lines(answer)[0]

"""Commands about suppressions: a finding that somebody answers for until a day, listed, taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, TypeAlias

import typer

from stillframe.cli.counter import at_counter
from stillframe.cli.given import expiry_in
from stillframe.cli.options import Config, Cursor, Format, PageLimit, Project, Server, example
from stillframe.cli.output import facts, give, give_page, table

Text: TypeAlias = str | None

COLUMNS = ["project_name", "finding_id", "state", "expires_at", "created_by", "reason", "ticket", "id"]


def add_to(group: typer.Typer) -> None:
    """Put these commands beside those of the release gate."""
    finding = "--finding B324:src/signer.py:1f0c5d2a9b7e"
    group.command(
        "suppress",
        epilog=example(
            f"stillframe release suppress --project my-service {finding} --reason 'a keyed hash' --expires 90d"
        ),
    )(suppress)
    group.command("suppressions", epilog=example("stillframe release suppressions --project my-service --all"))(
        suppressions
    )
    group.command("unsuppress", epilog=example("stillframe release unsuppress 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11"))(
        unsuppress
    )


def suppress(
    *,
    project: Annotated[str, typer.Option("--project", metavar="NAME", help="The project that it was found in.")],
    finding: Annotated[str, typer.Option("--finding", metavar="ID", help="The finding's id, as a check shows it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why releases need not wait for it.")],
    expires: Annotated[
        str,
        typer.Option(
            "--expires",
            metavar="DAY|TIME|30d",
            help="When it counts again, at most 365 days ahead: the beginning of a day in UTC, a time, or in days.",
        ),
    ],
    ticket: Annotated[Text, typer.Option("--ticket", help="Where it is followed up.")] = None,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Answer for a finding until a day: meanwhile no gate counts it, and every gate says so. Reviewers only."""
    said = {
        "project_name": project,
        "finding_id": finding,
        "reason": reason,
        "expires_at": expiry_in(expires, now=datetime.now(UTC)),
        "ticket": ticket,
    }
    with at_counter(config=config, server=server) as counter:
        made = counter.suppress(said)
    give(made, output=output, lines=facts(made))


def suppressions(
    *,
    project: Project = None,
    ended: Annotated[bool, typer.Option("--all", help="Also those that expired or were taken back.")] = False,
    limit: PageLimit = None,
    cursor: Cursor = None,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """List which findings somebody answers for, newest first, of a project or of all that you may see."""
    with at_counter(config=config, server=server) as counter:
        found = counter.suppressions(project, ended=ended, limit=limit, cursor=cursor)
    give_page(found, output=output, lines=table(found["items"], COLUMNS), empty="Nothing is suppressed here.")


def unsuppress(
    *,
    suppression: Annotated[str, typer.Argument(metavar="SUPPRESSION", help="A suppression's id.")],
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Take a suppression back before its day: gates count the finding again, and the history keeps it."""
    with at_counter(config=config, server=server) as counter:
        counter.lift(suppression)
    give({"id": suppression, "state": "lifted"}, output=output, lines=[f"{suppression} lifted"])

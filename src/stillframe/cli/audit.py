"""Commands about the audit log: list."""

from __future__ import annotations

from typing import Annotated

import typer

from stillframe.cli.counter import at_counter
from stillframe.cli.given import time_in
from stillframe.cli.options import Config, Cursor, Format, PageLimit, Server, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import give_page, table

group = new_group("Read the audit log: who changed what, and who was refused what.")


@group.command("list", epilog=example("stillframe audit list --actor bob --from 2026-01-02T00:00:00Z"))
def list_(
    *,
    actor: Annotated[
        str | None, typer.Option("--actor", metavar="NAME", help="Only what this one did or was refused.")
    ] = None,
    about: Annotated[
        str | None, typer.Option("--object", metavar="TEXT", help="Only what was about this: group:team-a.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Only what happened from then on, RFC 3339.")
    ] = None,
    limit: PageLimit = None,
    cursor: Cursor = None,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """List the lines of the audit log, newest first."""
    asked = {"actor": actor, "object": about, "from": time_in(since, option="--from")}
    with at_counter(config=config, server=server) as counter:
        found = counter.audit(asked, limit=limit, cursor=cursor)
    columns = ["at", "actor", "outcome", "action", "object", "detail"]
    give_page(found, output=output, lines=table(found["items"], columns), empty="No line of the log is like this.")

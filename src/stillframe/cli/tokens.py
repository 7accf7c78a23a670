"""Commands about tokens: create, list, revoke."""

from __future__ import annotations

from typing import Annotated

import typer

from stillframe.cli.counter import at_counter
from stillframe.cli.given import token_scopes_in
from stillframe.cli.options import Config, Format, Server, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import facts, give, give_page, say, table
from stillframe.model.identity import TOKEN_SCOPES, Role

group = new_group("Make, list and revoke the tokens that the HTTP API asks for.")


@group.command(
    "create", epilog=example("stillframe token create ci --role viewer --scopes capture --days 90 --format json")
)
def create(
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The user that it is for; made if there is none.")],
    role: Annotated[
        Role | None, typer.Option("--role", help="The user's role: viewer for a new user who gets none.")
    ] = None,
    scopes: Annotated[
        str, typer.Option("--scopes", metavar="LIST", help="What it may do, with commas between.")
    ] = ",".join(TOKEN_SCOPES),
    days: Annotated[float | None, typer.Option("--days", help="Days until it expires; without it, never.")] = None,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """
    Make a token and show it this once. Makes the database if there is none.

    It is made straight in the database that the configuration names, whether a server runs or not; with --server, by
    that server.
    """
    said = {"name": name, "role": role, "scopes": token_scopes_in(scopes), "expires_in_days": days}
    with at_counter(config=config, server=server, create=True) as counter:
        made = counter.make_token(said)
    give(made, output=output, lines=facts(made))
    say("Keep the token now: it is not shown again.")


@group.command("list", epilog=example("stillframe token list"))
def list_(*, output: Format = "table", config: Config = None, server: Server = None) -> None:
    """List what is known of the tokens; never the tokens themselves."""
    with at_counter(config=config, server=server) as counter:
        found = counter.tokens()
    columns = ["name", "scopes", "expires_at", "last_used_at", "revoked_at", "id"]
    give_page(found, output=output, lines=table(found["items"], columns), empty="There are no tokens yet.")


@group.command("revoke", epilog=example("stillframe token revoke 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11"))
def revoke(
    *,
    token: Annotated[
        str, typer.Argument(metavar="TOKEN", help="A token's id, as `token list` shows it; not the token itself.")
    ],
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Make a token worthless from now on."""
    with at_counter(config=config, server=server) as counter:
        counter.revoke_token(token)
    give({"id": token, "state": "revoked"}, output=output, lines=[f"{token} revoked"])

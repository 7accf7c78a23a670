"""Commands about personas: add, list."""

from __future__ import annotations

from typing import Annotated

import typer

from stillframe.cli.desk import opened
from stillframe.cli.options import Config, Format, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import facts, give, give_items, table

group = new_group("Make and list personas: voices with an inbox that belong to a user.")


@group.command("add", epilog=example("stillframe persona add ops-desk --name 'Operations desk'"))
def add(
    *,
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="What mentions call it: @ops-desk without the @.")],
    name: Annotated[str | None, typer.Option("--name", help="What people call it; by default the slug.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", metavar="USER", help="Whose it is; by default yours.")] = None,
    output: Format = "table",
    config: Config = None,
) -> None:
    """Make a persona. Makes the database if there is none."""
    from stillframe.flows.identity import create_persona

    with opened(config, create=True) as desk:
        made = create_persona(desk.services, desk.caller, slug=slug, name=name, owner_name=owner).as_dict()
    give(made, output=output, lines=facts(made))


@group.command("list", epilog=example("stillframe persona list"))
def list_(*, output: Format = "table", config: Config = None) -> None:
    """List the personas."""
    from stillframe.flows.identity import list_personas

    with opened(config) as desk:
        items = [found.as_dict() for found in list_personas(desk.services, desk.caller)]
    lines = table(items, ["slug", "name", "owner_id", "id"])
    give_items(items, output=output, lines=lines, empty="There are no personas yet.")

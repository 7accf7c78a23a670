"""Commands about projects: create, list, show, change."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from stillframe.cli.counter import at_counter
from stillframe.cli.options import Config, Cursor, Format, PageLimit, Server, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import facts, give, give_page, table
from stillframe.errors import InvalidInput

ProjectArgument: TypeAlias = Annotated[str, typer.Argument(metavar="PROJECT", help="A project's name.")]

group = new_group("Make and list projects, whose health is kept; change their title or their group.")


@group.command("create", epilog=example("stillframe project create my-service --group team-a"))
def create(
    *,
    name: Annotated[str, typer.Argument(metavar="PROJECT", help="Its name in addresses; slashes may be in it.")],
    group_id: Annotated[str, typer.Option("--group", metavar="ID", help="The group that it belongs to.")],
    title: Annotated[str | None, typer.Option("--title", help="What people call it; by default the name.")] = None,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Make a project in a group."""
    with at_counter(config=config, server=server) as counter:
        made = counter.make_project({"name": name, "group_id": group_id, "title": title})
    give(made, output=output, lines=facts(made))


@group.command("list", epilog=example("stillframe project list --group team-a"))
def list_(
    *,
    group_id: Annotated[str | None, typer.Option("--group", metavar="ID", help="Only those of this group.")] = None,
    limit: PageLimit = None,
    cursor: Cursor = None,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """List the projects, by name."""
    with at_counter(config=config, server=server) as counter:
        found = counter.projects(group_id=group_id, limit=limit, cursor=cursor)
    lines = table(found["items"], ["name", "title", "group_id", "created_at"])
    give_page(found, output=output, lines=lines, empty="There are no projects that you can see.")


@group.command("show", epilog=example("stillframe project show my-service"))
def show(*, name: ProjectArgument, output: Format = "table", config: Config = None, server: Server = None) -> None:
    """Show a project."""
    with at_counter(config=config, server=server) as counter:
        found = counter.project(name)
    give(found, output=output, lines=facts(found))


@group.command("change", epilog=example("stillframe project change my-service --group team-b"))
def change(
    *,
    name: ProjectArgument,
    title: Annotated[str | None, typer.Option("--title", help="What people call it.")] = None,
    group_id: Annotated[
        str | None, typer.Option("--group", metavar="ID", help="The group to move it to, with its whole history.")
    ] = None,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Give a project another title, or move it to another group."""
    said = {member: text for member, text in (("title", title), ("group_id", group_id)) if text is not None}
    if not said:
        raise InvalidInput.at("--title | --group", "give at least one of them")
    with at_counter(config=config, server=server) as counter:
        changed = counter.change_project(name, said)
    give(changed, output=output, lines=facts(changed))

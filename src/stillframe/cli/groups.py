"""Commands about groups: create, list, show, rename, add and remove members."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from stillframe.cli.counter import at_counter
from stillframe.cli.options import Config, Format, Server, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import facts, give, give_page, table
from stillframe.model.identity import GroupRole

GroupArgument: TypeAlias = Annotated[str, typer.Argument(metavar="GROUP", help="A group's id.")]
UserArgument: TypeAlias = Annotated[str, typer.Argument(metavar="USER", help="A user's name.")]

group = new_group("Make groups, which own projects and dashboards, and say who is a member of them.")


@group.command("create", epilog=example("stillframe group create team-a --name 'Team A'"))
def create(
    *,
    group_id: Annotated[str, typer.Argument(metavar="GROUP", help="The id: what addresses call it.")],
    name: Annotated[str | None, typer.Option("--name", help="What people call it; by default the id.")] = None,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Make a group. Makes the database if there is none."""
    with at_counter(config=config, server=server, create=True) as counter:
        made = counter.make_group({"id": group_id, "name": name})
    give(made, output=output, lines=facts(made))


@group.command("list", epilog=example("stillframe group list"))
def list_(*, output: Format = "table", config: Config = None, server: Server = None) -> None:
    """List the groups."""
    with at_counter(config=config, server=server) as counter:
        found = counter.groups()
    lines = table(found["items"], ["id", "name", "created_at", "created_by"])
    give_page(found, output=output, lines=lines, empty="There are no groups that you can see.")


@group.command("show", epilog=example("stillframe group show team-a"))
def show(*, group_id: GroupArgument, output: Format = "table", config: Config = None, server: Server = None) -> None:
    """Show a group and who is in it."""
    with at_counter(config=config, server=server) as counter:
        found = counter.group(group_id)
    about = {name: value for name, value in found.items() if name != "members"}
    give(found, output=output, lines=[*facts(about), *table(found["members"], ["user", "role", "since"])])


@group.command("rename", epilog=example("stillframe group rename team-a 'The A team'"))
def rename(
    *,
    group_id: GroupArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")],
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Give a group another name; its id stays."""
    with at_counter(config=config, server=server) as counter:
        changed = counter.rename_group(group_id, name)
    give(changed, output=output, lines=facts(changed))


@group.command("add", epilog=example("stillframe group add team-a bob --role editor"))
def add(
    *,
    group_id: GroupArgument,
    user: UserArgument,
    role: Annotated[GroupRole, typer.Option("--role", help="What they may do in it.")] = "viewer",
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Make a user a member of a group, or give a member another role."""
    with at_counter(config=config, server=server) as counter:
        member = counter.set_member(group_id, user, role)
    give(member, output=output, lines=facts(member))


@group.command("remove", epilog=example("stillframe group remove team-a bob"))
def remove(
    *,
    group_id: GroupArgument,
    user: UserArgument,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Take a member out of a group; their subscriptions to what they no longer see are paused."""
    with at_counter(config=config, server=server) as counter:
        counter.remove_member(group_id, user)
    gone = {"group_id": group_id, "user": user, "state": "removed"}
    give(gone, output=output, lines=[f"{user} removed from {group_id}"])

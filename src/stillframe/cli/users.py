"""Commands about users: list, role, disable."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from stillframe.cli.desk import opened
from stillframe.cli.options import Config, Format, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import facts, give, give_items, table
from stillframe.model.identity import Role

UserArgument: TypeAlias = Annotated[str, typer.Argument(metavar="USER", help="A user's name.")]

group = new_group("List users, change their role, disable them. `stillframe token create` makes them.")


@group.command("list", epilog=example("stillframe user list"))
def list_(*, output: Format = "table", config: Config = None) -> None:
    """List the users."""
    from stillframe.flows.identity import list_users

    with opened(config) as desk:
        items = [found.as_dict() for found in list_users(desk.services, desk.caller)]
    give_items(items, output=output, lines=table(items, ["name", "role", "created_at", "disabled_at", "id"]))


@group.command("role", epilog=example("stillframe user role bob viewer"))
def role(
    *,
    user: UserArgument,
    role: Annotated[Role, typer.Argument(metavar="ROLE", help="What they may do: viewer, analyst, reviewer or admin.")],
    output: Format = "table",
    config: Config = None,
) -> None:
    """Give a user another role."""
    from stillframe.flows.identity import set_role

    with opened(config) as desk:
        changed = set_role(desk.services, desk.caller, user_name=user, role=role).as_dict()
    give(changed, output=output, lines=facts(changed))


@group.command("disable", epilog=example("stillframe user disable bob"))
def disable(*, user: UserArgument, output: Format = "table", config: Config = None) -> None:
    """Refuse every token of a user from now on; what they own stays."""
    from stillframe.flows.identity import disable_user

    with opened(config) as desk:
        changed = disable_user(desk.services, desk.caller, user_name=user).as_dict()
    give(changed, output=output, lines=facts(changed))

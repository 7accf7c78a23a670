"""Commands about deliveries: list, replay."""

from __future__ import annotations

from typing import Annotated

import typer

from stillframe.cli.desk import opened, tell_what_waits
from stillframe.cli.options import LISTED, Config, Cursor, DashboardOption, Format, Limit, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import facts, give, give_items, table

group = new_group("See what was sent, with which answer, and send it again.")


@group.command(
    "list",
    epilog=example("stillframe delivery list --dashboard carriers --subscription 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11"),
)
def list_(
    *,
    dashboard: DashboardOption,
    subscription: Annotated[str, typer.Option("--subscription", metavar="ID", help="A subscription's id.")],
    limit: Limit = LISTED,
    cursor: Cursor = None,
    output: Format = "table",
    config: Config = None,
) -> None:
    """List what a subscription was sent, newest first; the JSON holds every try."""
    from stillframe.flows.deliveries import list_deliveries

    with opened(config) as desk:
        page = list_deliveries(
            desk.services,
            desk.caller,
            dashboard_ref=dashboard,
            subscription_id=subscription,
            limit=limit,
            cursor=cursor,
        )
    items = [found.as_dict() for found in page.items]
    lines = table(items, ["created_at", "kind", "state", "attempts", "due_at", "cause", "id"])
    empty = "This subscription was sent nothing yet."
    give_items(items, output=output, lines=lines, empty=empty, next_cursor=page.next_cursor)


@group.command("replay", epilog=example("stillframe delivery replay 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11"))
def replay(
    *,
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="A delivery's id.")],
    output: Format = "table",
    config: Config = None,
) -> None:
    """Put a delivery that has ended up for sending again, with the same id; a worker sends it."""
    from stillframe.flows.deliveries import replay_delivery

    with opened(config) as desk:
        found = replay_delivery(desk.services, desk.caller, delivery_id=delivery).as_dict()
        give(found, output=output, lines=facts(found))
        tell_what_waits(desk.services)

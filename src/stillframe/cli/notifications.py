"""Commands about inboxes: list, read."""

from __future__ import annotations

from typing import Annotated

import typer

from stillframe.cli.desk import opened
from stillframe.cli.options import LISTED, Config, Cursor, Format, Limit, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import facts, give, give_items, table

group = new_group("Look into inboxes: a persona's mentions, your own notices.")


@group.command("list", epilog=example("stillframe notifications list --persona ops-desk --unread-only"))
def list_(
    *,
    persona: Annotated[
        str | None, typer.Option("--persona", metavar="SLUG", help="Whose inbox; by default all of yours.")
    ] = None,
    unread_only: Annotated[bool, typer.Option("--unread-only", help="Leave out what was read.")] = False,
    limit: Limit = LISTED,
    cursor: Cursor = None,
    output: Format = "table",
    config: Config = None,
) -> None:
    """List an inbox, newest first."""
    from stillframe.flows.discussion import list_notifications

    with opened(config) as desk:
        page = list_notifications(
            desk.services, desk.caller, persona=persona, unread_only=unread_only, limit=limit, cursor=cursor
        )
    items = [found.as_dict() for found in page.items]
    lines = table(items, ["created_at", "persona", "kind", "text", "read_at", "id"])
    empty = "The inbox is empty."
    give_items(items, output=output, lines=lines, empty=empty, next_cursor=page.next_cursor)


@group.command("read", epilog=example("stillframe notifications read 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11"))
def read(
    *,
    notification: Annotated[str, typer.Argument(metavar="NOTIFICATION", help="The id of a line of an inbox.")],
    output: Format = "table",
    config: Config = None,
) -> None:
    """Mark a line of an inbox as read."""
    from stillframe.flows.discussion import mark_read

    with opened(config) as desk:
        found = mark_read(desk.services, desk.caller, notification_id=notification).as_dict()
    give(found, output=output, lines=facts(found))

"""Commands about a dashboard's thread: list, add, resolve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from stillframe.cli.desk import opened
from stillframe.cli.options import LISTED, Config, Cursor, DashboardOption, Format, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import cell_text, facts, give, give_items

group = new_group("Read a dashboard's thread and write in it.")


@group.command("list", epilog=example("stillframe comments list --dashboard carriers"))
def list_(
    *,
    dashboard: DashboardOption,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="The most to list, oldest first.")] = LISTED,
    cursor: Cursor = None,
    output: Format = "table",
    config: Config = None,
) -> None:
    """Show a dashboard's thread, oldest first."""
    from stillframe.flows.discussion import list_comments

    with opened(config) as desk:
        page = list_comments(desk.services, desk.caller, artifact_ref=dashboard, limit=limit, cursor=cursor)
    items = [found.as_dict() for found in page.items]
    empty = f"Nobody has written about {dashboard} yet."
    give_items(items, output=output, lines=_thread(items), empty=empty, next_cursor=page.next_cursor)


@group.command(
    "add", epilog=example("stillframe comments add --dashboard carriers --body 'thanks @ops-desk, I look into it'")
)
def add(
    *,
    dashboard: DashboardOption,
    body: Annotated[str, typer.Option("--body", help="The text; @slug puts it into that persona's inbox.")],
    comment_type: Annotated[
        str, typer.Option("--type", help="discussion, question, answer or decision.")
    ] = "discussion",
    parent: Annotated[str | None, typer.Option("--parent", metavar="ID", help="The comment that this answers.")] = None,
    output: Format = "table",
    config: Config = None,
) -> None:
    """Write in a dashboard's thread."""
    from stillframe.flows.discussion import write_comment

    with opened(config) as desk:
        written = write_comment(
            desk.services,
            desk.caller,
            artifact_ref=dashboard,
            body=body,
            comment_type=comment_type,
            parent_comment_id=parent,
        ).as_dict()
    give(written, output=output, lines=facts(written))


@group.command("resolve", epilog=example("stillframe comments resolve 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11"))
def resolve(
    *,
    comment: Annotated[str, typer.Argument(metavar="COMMENT", help="A comment's id.")],
    output: Format = "table",
    config: Config = None,
) -> None:
    """Mark a comment as settled."""
    from stillframe.flows.discussion import resolve_comment

    with opened(config) as desk:
        found = resolve_comment(desk.services, desk.caller, comment_id=comment).as_dict()
    give(found, output=output, lines=facts(found))


def _thread(items: list[dict[str, Any]]) -> Iterator[str]:
    for item in items:
        settled = f", settled by {cell_text(item['resolved_by'])}" if item["resolved_at"] else ""
        yield f"{item['created_at']} {cell_text(item['author'])} ({item['comment_type']}{settled}) {item['id']}"
        yield from (f"  {cell_text(line)}".rstrip() for line in item["body"].splitlines())

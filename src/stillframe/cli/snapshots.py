"""Commands about snapshots: create, list, show, compare, accept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from stillframe.cli.desk import opened, tell_what_waits
from stillframe.cli.given import pushed_in, time_in
from stillframe.cli.options import LISTED, Config, Cursor, DashboardOption, Format, Limit, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import cell_text, facts, give, give_items, table
from stillframe.cli.pictures import picture
from stillframe.errors import InvalidInput

if TYPE_CHECKING:
    from stillframe.flows.history import Compared
    from stillframe.model.snapshot import SnapshotRecord

GivenTrigger: TypeAlias = Literal["manual", "api", "cli", "push"]
SnapshotArgument: TypeAlias = Annotated[str, typer.Argument(metavar="SNAPSHOT", help="A snapshot's id.")]
Text: TypeAlias = str | None

RECORD_COLUMNS = ["sequence", "as_of", "capture_status", "trigger_source", "reason", "id"]

group = new_group("Take, list, show, compare and accept snapshots.")


@group.command(
    "create", epilog=example("stillframe dashboard snapshot create --dashboard carriers --reason 'after the import'")
)
def create(
    *,
    dashboard: DashboardOption,
    data: Annotated[
        Text, typer.Option("--data", metavar="FILE", help="Pushed data by panel, as JSON; - reads standard input.")
    ] = None,
    reason: Annotated[Text, typer.Option("--reason", help="Why it is taken.")] = None,
    source_ref: Annotated[
        Text, typer.Option("--source-ref", help="What it describes: a commit, a batch, a run.")
    ] = None,
    as_of: Annotated[
        Text, typer.Option("--as-of", metavar="TIME", help="The time the data describes, as RFC 3339 with a zone.")
    ] = None,
    immutable: Annotated[bool, typer.Option("--immutable", help="Exempt it from cleanup.")] = False,
    retention_class: Annotated[
        str, typer.Option("--retention-class", help="How long its payload is kept.")
    ] = "standard",
    analyzer_version: Annotated[
        Text, typer.Option("--analyzer-version", help="The version of what made the data.")
    ] = None,
    rule_version: Annotated[
        Text, typer.Option("--rule-version", help="The version of the rules that the data was made by.")
    ] = None,
    trigger_source: Annotated[GivenTrigger, typer.Option("--trigger-source", help="What made you take it.")] = "cli",
    output: Format = "table",
    config: Config = None,
) -> None:
    """Capture a dashboard, compare it with what was there, and tell whoever asked to be told."""
    from stillframe.flows.snapshots import SnapshotRequest, take_snapshot

    request = SnapshotRequest(
        reason=reason,
        source_ref=source_ref,
        as_of=time_in(as_of, option="--as-of"),
        immutable=immutable,
        retention_class=retention_class,
        analyzer_version=analyzer_version,
        rule_version=rule_version,
        data=None if data is None else pushed_in(data),
        trigger_source=trigger_source,
    )
    with opened(config) as desk:
        taken = take_snapshot(
            desk.services, desk.caller, dashboard_ref=dashboard, request=request, wait_for_sends=True
        ).as_dict()
        give(taken, output=output, lines=_taken_lines(taken))
        tell_what_waits(desk.services)


@group.command("list", epilog=example("stillframe dashboard snapshot list --dashboard carriers --limit 10"))
def list_(
    *,
    dashboard: DashboardOption,
    limit: Limit = LISTED,
    cursor: Cursor = None,
    output: Format = "table",
    config: Config = None,
) -> None:
    """List a dashboard's snapshots, newest first."""
    from stillframe.flows.history import list_snapshots

    with opened(config) as desk:
        page = list_snapshots(desk.services, desk.caller, dashboard_ref=dashboard, limit=limit, cursor=cursor)
    items = [record.as_dict() for record in page.items]
    lines = table(items, RECORD_COLUMNS)
    empty = f"{dashboard} has no snapshots yet."
    give_items(items, output=output, lines=lines, empty=empty, next_cursor=page.next_cursor)


@group.command("show", epilog=example("stillframe dashboard snapshot show 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11"))
def show(*, snapshot: SnapshotArgument, output: Format = "table", config: Config = None) -> None:
    """Show a snapshot: its record, and what the dashboard showed."""
    from stillframe.flows.history import get_snapshot

    with opened(config) as desk:
        found, _ = get_snapshot(desk.services, desk.caller, snapshot_id=snapshot)
        document = {**found.record.as_dict(), "content": found.payload.as_dict()}
        give(document, output=output, lines=[*facts(found.record.as_dict()), "", *picture(found.payload)])


@group.command("compare", epilog=example("stillframe dashboard snapshot compare --dashboard carriers"))
def compare(
    *,
    dashboard: Annotated[
        Text, typer.Option("--dashboard", metavar="ID", help="Compare the last two good snapshots of this one.")
    ] = None,
    from_snapshot: Annotated[Text, typer.Option("--from-snapshot", metavar="ID", help="The earlier one.")] = None,
    to_snapshot: Annotated[
        Text, typer.Option("--to-snapshot", metavar="ID", help="The later one; by default the newest.")
    ] = None,
    output: Format = "table",
    config: Config = None,
) -> None:
    """Compare two snapshots of a dashboard; 0 whatever is found."""
    from stillframe.flows.history import diff_snapshots, get_snapshot

    known = from_snapshot or to_snapshot
    if dashboard is None and known is None:
        raise InvalidInput.at("--dashboard | --from-snapshot", "name a dashboard, or the snapshots to compare")
    with opened(config) as desk:
        ref = dashboard or get_snapshot(desk.services, desk.caller, snapshot_id=str(known))[1].id
        compared = diff_snapshots(
            desk.services, desk.caller, dashboard_ref=ref, from_id=from_snapshot, to_id=to_snapshot
        )
        give(_compared(compared), output=output, lines=_compared_lines(compared))


@group.command("accept", epilog=example("stillframe dashboard snapshot accept 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11"))
def accept(*, snapshot: SnapshotArgument, output: Format = "table", config: Config = None) -> None:
    """Accept an empty capture as the truth: what follows is compared with it."""
    from stillframe.flows.history import accept_snapshot

    with opened(config) as desk:
        record = accept_snapshot(desk.services, desk.caller, snapshot_id=snapshot).as_dict()
        give(record, output=output, lines=facts(record))


def _taken_lines(taken: dict[str, Any]) -> Iterator[str]:
    changed = taken["diff_summary"]
    yield f"snapshot {taken['sequence']} {taken['capture_status']}, as of {taken['as_of']}: {taken['id']}"
    yield f"  {cell_text(changed['headline']) if changed else 'the first of this dashboard: nobody is told'}"
    told = taken["dispatch"]
    counts = ", ".join(
        f"{told[name]} {name}" for name in ("delivered", "queued", "failed", "deferred", "suppressed") if told[name]
    )
    yield f"  {told['matched']} of its subscriptions matched{': ' if counts else ''}{counts}"


def _compared(compared: Compared) -> dict[str, Any]:
    ends = {"snapshot_a": _end(compared.snapshot_a.record), "snapshot_b": _end(compared.snapshot_b.record)}
    return {**ends, "comparability": compared.comparability, "diff": compared.diff.as_dict()}


def _end(record: SnapshotRecord) -> dict[str, Any]:
    document = record.as_dict()
    return {name: document[name] for name in ("id", "sequence", "timestamp", "as_of", "content_hash")}


def _compared_lines(compared: Compared) -> Iterator[str]:
    from stillframe.report.notice import plain_lines
    from stillframe.report.words import headline, titles_of

    titles = titles_of(compared.snapshot_a.payload) | titles_of(compared.snapshot_b.payload)
    for name, found in (("from", compared.snapshot_a.record), ("to  ", compared.snapshot_b.record)):
        yield f"{name} {found.sequence} as of {found.as_dict()['as_of']}: {found.id}"
    yield from (f"only partly comparable: {reason}" for reason in compared.comparability["reasons"])
    yield ""
    yield headline(compared.diff, titles=titles)
    yield from plain_lines(compared.diff, titles=titles)

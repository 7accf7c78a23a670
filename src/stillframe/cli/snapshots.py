"""Commands about snapshots: create, list, show, accept; beside them those of the evidence store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeAlias

import typer

from stillframe.cli import evidence, health
from stillframe.cli.brought import reading_in, reports_in
from stillframe.cli.counter import Counter, at_counter
from stillframe.cli.given import named_scope, only_for, project_with_reports, pushed_in, summary_in, time_in
from stillframe.cli.options import (
    Config,
    Cursor,
    Format,
    Group,
    Kloc,
    Offset,
    Project,
    Reports,
    Root,
    ScopeOption,
    Server,
    SnapshotArgument,
    example,
)
from stillframe.cli.options import group as new_group
from stillframe.cli.output import cell_text, facts, give, give_page, table
from stillframe.cli.pictures import picture

GivenTrigger: TypeAlias = Literal["manual", "api", "cli", "push"]
Text: TypeAlias = str | None

PAYLOAD_MEMBERS = frozenset({"schema", "materialized_data", "primary", "summaries", "sources"})
RECORD_COLUMNS = ["dashboard_id", "sequence", "as_of", "capture_status", "trigger_source", "reason", "id"]

group = new_group("Take, list, show, compare, export and accept snapshots.")


@group.command(
    "create",
    epilog=example(
        "stillframe dashboard snapshot create --dashboard carriers --reason 'after the import'",
        "stillframe dashboard snapshot create --scope project --project my-service --summary summary.json",
        "stillframe dashboard snapshot create --project my-service --report bandit.json --report coverage.xml",
    ),
)
def create(
    *,
    dashboard: Annotated[Text, typer.Option("--dashboard", metavar="ID", help="A live dashboard's id or slug.")] = None,
    scope: ScopeOption = None,
    project: Project = None,
    group_id: Group = None,
    data: Annotated[
        Text, typer.Option("--data", metavar="FILE", help="Pushed data by panel, as JSON; - reads standard input.")
    ] = None,
    summary: Annotated[
        Text, typer.Option("--summary", metavar="FILE", help="A project's stillframe.summary/1, as JSON; - reads it.")
    ] = None,
    report: Reports = None,
    kloc: Kloc = None,
    root: Root = None,
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
    server: Server = None,
) -> None:
    """
    Take a snapshot: compare it with what was there, and tell whoever asked to be told.

    With --dashboard, what a live dashboard shows. With --scope, the health of a project, of a group, or of the projects
    that you may see. With --report, what tools found in a project.
    """
    place = named_scope(dashboard=dashboard, scope=scope, project=project, group_id=group_id)
    only_for(bool(report), {"--kloc": kloc, "--root": root}, of="--report")
    only_for(not report, {"--data": data, "--summary": summary}, of="a snapshot without --report")
    only_for(place is None, {"--data": data}, of="a live dashboard")
    only_for(place is not None, {"--summary": summary}, of="a project")
    said: dict[str, Any] = {
        "reason": reason,
        "source_ref": source_ref,
        "as_of": time_in(as_of, option="--as-of"),
        "immutable": immutable,
        "retention_class": retention_class,
        "analyzer_version": analyzer_version,
        "rule_version": rule_version,
        "trigger_source": trigger_source,
    }
    if report:
        named, said = project_with_reports(place), {**said, **reading_in(kloc=kloc, root=root)}
        with reports_in(report) as reports, at_counter(config=config, server=server) as counter:
            taken: Mapping[str, Any] = counter.take_reports(named, said, reports)
    else:
        brought = pushed_in(data) if data is not None else summary_in(summary) if summary is not None else None
        with at_counter(config=config, server=server) as counter:
            taken = _taken(counter, place or str(dashboard), said, brought=brought)
    give(taken, output=output, lines=_taken_lines(taken))


@group.command(
    "list",
    epilog=example(
        "stillframe dashboard snapshot list --dashboard carriers --limit 10",
        "stillframe dashboard snapshot list --scope portfolio --group team-a --format json",
    ),
)
def list_(
    *,
    dashboard: Annotated[Text, typer.Option("--dashboard", metavar="ID", help="Those of this dashboard.")] = None,
    scope: ScopeOption = None,
    project: Project = None,
    group_id: Group = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="The most to list; by default, and at most, a page.")
    ] = None,
    offset: Offset = 0,
    cursor: Cursor = None,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """List the snapshots that you may see, newest first: all, or those of a scope, a project, a group, a dashboard."""
    wanted = {"scope": scope, "project_name": project, "group_id": group_id, "dashboard_id": dashboard}
    with at_counter(config=config, server=server) as counter:
        page = counter.snapshots(wanted, limit=limit, offset=offset, cursor=cursor)
    empty = "There are no snapshots here yet." if dashboard is None else f"{dashboard} has no snapshots yet."
    give_page(page, output=output, lines=table(page["items"], RECORD_COLUMNS), empty=empty)


@group.command("show", epilog=example("stillframe dashboard snapshot show 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11"))
def show(*, snapshot: SnapshotArgument, output: Format = "table", config: Config = None, server: Server = None) -> None:
    """Show a snapshot: its record, and what the dashboard showed."""
    with at_counter(config=config, server=server) as counter:
        document = counter.snapshot(snapshot)
    give(document, output=output, lines=_snapshot_lines(document))


@group.command("accept", epilog=example("stillframe dashboard snapshot accept 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11"))
def accept(
    *, snapshot: SnapshotArgument, output: Format = "table", config: Config = None, server: Server = None
) -> None:
    """Accept an empty capture as the truth: what follows is compared with it."""
    with at_counter(config=config, server=server) as counter:
        record = counter.accept(snapshot)
    give(record, output=output, lines=facts(record))


evidence.add_to(group)
health.add_to_snapshots(group)


def _taken(
    counter: Counter, of: str | Mapping[str, Any], said: Mapping[str, Any], *, brought: Mapping[str, Any] | None
) -> Mapping[str, Any]:
    if isinstance(of, str):
        return counter.take(of, {**said, "data": brought})
    return counter.take_scope({**of, **said, "summaries": brought})


def _snapshot_lines(document: Mapping[str, Any]) -> Iterator[str]:
    yield from facts({name: value for name, value in document.items() if name not in PAYLOAD_MEMBERS})
    yield ""
    yield from picture(document)


def _taken_lines(taken: Mapping[str, Any]) -> Iterator[str]:
    changed = taken["diff_summary"]
    yield f"snapshot {taken['sequence']} {taken['capture_status']}, as of {taken['as_of']}: {taken['id']}"
    yield f"  {cell_text(changed['headline']) if changed else 'the first of this dashboard: nobody is told'}"
    told = taken["dispatch"]
    counts = ", ".join(
        f"{told[name]} {name}" for name in ("delivered", "queued", "failed", "deferred", "suppressed") if told[name]
    )
    yield f"  {told['matched']} of its subscriptions matched{': ' if counts else ''}{counts}"
    if "health" in taken:
        yield from health.score_lines(taken["health"])

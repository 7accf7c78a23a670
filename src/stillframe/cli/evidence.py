"""Commands of the evidence store: the policy, comparisons and exports of snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from stillframe.cli.comparisons import Meant, compared, compared_lines, titles_in
from stillframe.cli.counter import at_counter
from stillframe.cli.given import time_in
from stillframe.cli.options import Config, Format, Project, Server, SnapshotArgument, example
from stillframe.cli.output import check_place, facts, give, give_bytes

ExportForm: TypeAlias = Literal["json", "markdown", "pdf"]
Text: TypeAlias = str | None


def add_to(group: typer.Typer) -> None:
    """Put these commands beside those that take and list snapshots."""
    ids = ("019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11", "019a9f3e-7c11-7d02-9f3a-1c2b3d4e5f60")
    policy_example = example("stillframe dashboard snapshot policy --format json")
    compare_example = example(
        "stillframe dashboard snapshot compare --dashboard carriers",
        f"stillframe dashboard snapshot compare --from-snapshot {ids[1]} --to-snapshot {ids[0]} --include-drilldown",
    )
    export_example = example(
        f"stillframe dashboard snapshot export {ids[0]} --baseline-snapshot {ids[1]} --format markdown",
        f"stillframe dashboard snapshot export {ids[0]} --format pdf --output frame.pdf",
    )
    group.command("policy", epilog=policy_example)(policy)
    group.command("compare", epilog=compare_example)(compare)
    group.command("export", epilog=export_example)(export)


def policy(*, output: Format = "table", config: Config = None, server: Server = None) -> None:
    """Show what is kept, for how long, and what can never be done to it."""
    with at_counter(config=config, server=server) as counter:
        document = counter.policy()
    kept = {f"retention.{name}": "forever" if days is None else days for name, days in document["retention"].items()}
    give(document, output=output, lines=facts({**document, "retention": None, **kept}))


def compare(
    *,
    dashboard: Annotated[
        Text, typer.Option("--dashboard", metavar="ID", help="Compare the last two good snapshots of this one.")
    ] = None,
    from_snapshot: Annotated[Text, typer.Option("--from-snapshot", metavar="ID", help="The earlier one.")] = None,
    to_snapshot: Annotated[
        Text, typer.Option("--to-snapshot", metavar="ID", help="The later one; by default the newest.")
    ] = None,
    project: Project = None,
    from_timestamp: Annotated[
        Text, typer.Option("--from-timestamp", metavar="TIME", help="The newest of the project's of then or before.")
    ] = None,
    to_timestamp: Annotated[
        Text, typer.Option("--to-timestamp", metavar="TIME", help="The newest of the project's of then or before.")
    ] = None,
    include_drilldown: Annotated[
        bool, typer.Option("--include-drilldown", help="Also say what was added, resolved and changed, by category.")
    ] = False,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Compare two snapshots of one dashboard, or a project at two times; 0 whatever is found."""
    meant = Meant(
        dashboard=dashboard,
        from_snapshot=from_snapshot,
        to_snapshot=to_snapshot,
        project=project,
        from_timestamp=time_in(from_timestamp, option="--from-timestamp"),
        to_timestamp=time_in(to_timestamp, option="--to-timestamp"),
    )
    with at_counter(config=config, server=server) as counter:
        document = compared(counter, meant, include_drilldown=include_drilldown)
        titles = {} if output == "json" else titles_in(counter, document)
    give(document, output=output, lines=compared_lines(document, titles))


def export(
    *,
    snapshot: SnapshotArgument,
    baseline_snapshot: Annotated[
        Text, typer.Option("--baseline-snapshot", metavar="ID", help="Compare with this earlier one.")
    ] = None,
    form: Annotated[ExportForm, typer.Option("--format", help="In which form.")] = "json",
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to; by default to standard output.")
    ] = None,
    language: Annotated[str, typer.Option("--language", help="Of the words in Markdown and PDF: en or ru.")] = "en",
    config: Config = None,
    server: Server = None,
) -> None:
    """Write a snapshot, or with a baseline its comparison, as a document: the same input gives the same bytes."""
    check_place(output, binary=form == "pdf")
    said = {"format": form, "baseline_snapshot_id": baseline_snapshot, "language": language}
    with at_counter(config=config, server=server) as counter:
        content = counter.export(snapshot, said)
    give_bytes(content, file=output)

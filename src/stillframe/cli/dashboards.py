"""Commands about dashboards: apply, list, show, live, autosnapshot, and the snapshots under them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from stillframe.cli import health, snapshots, trends, upkeep
from stillframe.cli.counter import at_counter
from stillframe.cli.desk import opened, tell_what_waits
from stillframe.cli.faults import COULD_NOT
from stillframe.cli.given import view_spec_in
from stillframe.cli.options import Config, Cursor, DashboardArgument, Format, PageLimit, Server, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import cell_text, facts, give, give_page, say, table
from stillframe.cli.pictures import picture

group = new_group("Make, list and look at dashboards, and take their snapshots.")
group.add_typer(snapshots.group, name="snapshot")
upkeep.add_to_dashboards(group)


@group.command(
    "apply",
    epilog=example("stillframe dashboard apply dashboard.yaml", "stillframe dashboard apply dashboard.yaml --dry-run"),
)
def apply(
    *,
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A view spec in YAML or JSON; - reads standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change and change nothing.")] = False,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Make the dashboard that a view spec describes, or bring it to what the view spec says, and show what changes."""
    view_spec = view_spec_in(spec)
    with at_counter(config=config, server=server, create=not dry_run) as counter:
        document = counter.apply(view_spec, dry_run=dry_run)
    give(document, output=output, lines=_applied_lines(document))


@group.command("list", epilog=example("stillframe dashboard list --format json"))
def list_(
    *,
    limit: PageLimit = None,
    cursor: Cursor = None,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """List the dashboards."""
    with at_counter(config=config, server=server) as counter:
        page = counter.dashboards(limit=limit, cursor=cursor)
    lines = table(page["items"], ["slug", "title", "updated_at", "id"])
    empty = "There are no live dashboards yet; `stillframe dashboard apply SPEC.yaml` makes one."
    give_page(page, output=output, lines=lines, empty=empty)


@group.command("show", epilog=example("stillframe dashboard show carriers"))
def show(
    *, dashboard: DashboardArgument, output: Format = "table", config: Config = None, server: Server = None
) -> None:
    """Show a dashboard: its view spec, and where it stands."""
    with at_counter(config=config, server=server) as counter:
        document = counter.dashboard(dashboard)
    give(document, output=output, lines=_dashboard_lines(document))


@group.command("live", epilog=example("stillframe dashboard live carriers"))
def live(
    *, dashboard: DashboardArgument, output: Format = "table", config: Config = None, server: Server = None
) -> None:
    """Ask a dashboard's sources now, show what they say, and store nothing."""
    with at_counter(config=config, server=server) as counter:
        document = counter.live(dashboard)
    give(document, output=output, lines=picture(document))


@group.command("autosnapshot", epilog=example("stillframe dashboard autosnapshot --drain-seconds 60"))
def autosnapshot(
    *,
    drain_seconds: Annotated[
        float, typer.Option("--drain-seconds", min=0, help="How long to deliver what is due afterwards.")
    ] = 60,
    output: Format = "table",
    config: Config = None,
) -> None:
    """
    Take the snapshot of every slot that is due, once; a dashboard that fails stops no other.

    The log goes to stderr, one JSON object a line.
    """
    from stillframe.flows.autosnapshot import autosnapshot as one_pass
    from stillframe.flows.dispatch import deliver_due
    from stillframe.flows.scope_timer import autosnapshot_scopes

    with opened(config, journal=True) as desk:
        live = one_pass(desk.services, wait_for_sends=True)
        health = autosnapshot_scopes(desk.services, wait_for_sends=True)
        ticks = [*(tick.as_dict() for tick in live), *(tick.as_dict() for tick in health)]
        sent = deliver_due(desk.services, seconds=drain_seconds)
        document = {
            "dashboards": ticks,
            "delivered": sent["delivered"],
            "failed": sent["failed"],
        }
        give(document, output=output, lines=table(ticks, ["dashboard", "slot", "outcome"]))
        tell_what_waits(desk.services)
    _say_failures(ticks)


health.add_to_dashboards(group)
trends.add_to(group)


def _applied_lines(document: Mapping[str, Any]) -> Iterator[str]:
    would = "would be " if document["dry_run"] and document["action"] != "unchanged" else ""
    yield f"{document['slug']} {would}{document['action']}"
    yield from (f"  {cell_text(change)}" for change in document["changes"])


def _dashboard_lines(document: Mapping[str, Any]) -> list[str]:
    head = document["head"]
    stands = {"snapshots": head["last_sequence"], **{name: head[name] for name in head if name.endswith("_id")}}
    return facts({name: value for name, value in document.items() if name != "head"} | stands)


def _say_failures(ticks: Sequence[Mapping[str, Any]]) -> None:
    failed = [tick for tick in ticks if tick["outcome"] == "failed"]
    for tick in failed:
        say(f"{tick['dashboard']}: {cell_text(tick['error'])}")
    if failed:
        raise typer.Exit(COULD_NOT)

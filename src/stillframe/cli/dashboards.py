"""Commands about dashboards: apply, list, show, live, autosnapshot, and the snapshots under them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stillframe.cli import snapshots
from stillframe.cli.desk import Desk, opened, tell_what_waits
from stillframe.cli.faults import COULD_NOT
from stillframe.cli.given import view_spec_in
from stillframe.cli.options import LISTED, Config, Cursor, DashboardArgument, Format, Limit, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import cell_text, facts, give, give_items, say, table
from stillframe.cli.pictures import picture
from stillframe.errors import NotFound

if TYPE_CHECKING:
    from stillframe.capture import ViewSpec
    from stillframe.flows.autosnapshot import Tick

group = new_group("Make, list and look at dashboards, and take their snapshots.")
group.add_typer(snapshots.group, name="snapshot")


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
) -> None:
    """Make the dashboard that a view spec describes, or bring it to what the view spec says, and show what changes."""
    view_spec = view_spec_in(spec)
    with opened(config, create=not dry_run) as desk:
        document = {"slug": view_spec.slug, "dry_run": dry_run} | (_planned if dry_run else _applied)(desk, view_spec)
        give(document, output=output, lines=_applied_lines(document))


@group.command("list", epilog=example("stillframe dashboard list --format json"))
def list_(*, limit: Limit = LISTED, cursor: Cursor = None, output: Format = "table", config: Config = None) -> None:
    """List the dashboards."""
    from stillframe.flows.dashboards import list_dashboards

    with opened(config) as desk:
        page = list_dashboards(desk.services, desk.caller, limit=limit, cursor=cursor)
    items = [found.as_dict() for found in page.items]
    lines = table(items, ["slug", "title", "updated_at", "id"])
    empty = "There are no dashboards yet; `stillframe dashboard apply SPEC.yaml` makes one."
    give_items(items, output=output, lines=lines, empty=empty, next_cursor=page.next_cursor)


@group.command("show", epilog=example("stillframe dashboard show carriers"))
def show(*, dashboard: DashboardArgument, output: Format = "table", config: Config = None) -> None:
    """Show a dashboard: its view spec, and where it stands."""
    from stillframe.flows.dashboards import get_dashboard

    with opened(config) as desk:
        found, head = get_dashboard(desk.services, desk.caller, dashboard_ref=dashboard)
    stands = {
        "snapshots": head.last_sequence,
        "last_snapshot_id": head.last_snapshot_id,
        "head_snapshot_id": head.head_snapshot_id,
    }
    document = found.as_dict() | stands
    give(document, output=output, lines=facts(document))


@group.command("live", epilog=example("stillframe dashboard live carriers"))
def live(*, dashboard: DashboardArgument, output: Format = "table", config: Config = None) -> None:
    """Ask a dashboard's sources now, show what they say, and store nothing."""
    from stillframe.flows.dashboards import live as look

    with opened(config) as desk:
        view = look(desk.services, desk.caller, dashboard_ref=dashboard)
    give(view.as_dict(), output=output, lines=picture(view.captured.payload))


@group.command("autosnapshot", epilog=example("stillframe dashboard autosnapshot --drain-seconds 60"))
def autosnapshot(
    *,
    drain_seconds: Annotated[
        float, typer.Option("--drain-seconds", min=0, help="How long to deliver what is due afterwards.")
    ] = 60,
    output: Format = "table",
    config: Config = None,
) -> None:
    """Take the snapshot of every slot that is due, once; a dashboard that fails stops no other."""
    from stillframe.flows.autosnapshot import autosnapshot as one_pass
    from stillframe.flows.dispatch import deliver_due

    with opened(config) as desk:
        ticks = one_pass(desk.services, wait_for_sends=True)
        sent = deliver_due(desk.services, seconds=drain_seconds)
        taken = [tick.as_dict() for tick in ticks]
        document = {
            "dashboards": taken,
            "delivered": sent["delivered"],
            "failed": sent["failed"],
        }
        give(document, output=output, lines=table(taken, ["dashboard", "slot", "outcome"]))
        tell_what_waits(desk.services)
    _say_failures(ticks)


def _applied(desk: Desk, view_spec: ViewSpec) -> dict[str, Any]:
    from stillframe.flows.dashboards import apply_view_spec

    done = apply_view_spec(desk.services, desk.caller, view_spec=view_spec)
    return {"action": done.action, "changes": list(done.changes), "dashboard": done.dashboard.as_dict()}


def _planned(desk: Desk, view_spec: ViewSpec) -> dict[str, Any]:
    from stillframe.flows.dashboards import changed_members, check_connections, get_dashboard

    check_connections(desk.services, desk.caller, view_spec)
    try:
        found, _ = get_dashboard(desk.services, desk.caller, dashboard_ref=view_spec.slug)
    except NotFound:
        return {"action": "created", "changes": [], "dashboard": None}
    changes = changed_members(found.view_spec, view_spec.as_dict())
    return {"action": "updated" if changes else "unchanged", "changes": changes, "dashboard": found.as_dict()}


def _applied_lines(document: Mapping[str, Any]) -> Iterator[str]:
    would = "would be " if document["dry_run"] and document["action"] != "unchanged" else ""
    yield f"{document['slug']} {would}{document['action']}"
    yield from (f"  {cell_text(change)}" for change in document["changes"])


def _say_failures(ticks: list[Tick]) -> None:
    failed = [tick for tick in ticks if tick.outcome == "failed"]
    for tick in failed:
        say(f"{tick.dashboard.slug}: {cell_text(tick.error)}")
    if failed:
        raise typer.Exit(COULD_NOT)

"""Commands about subscriptions: add, list, remove."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeAlias

import typer

from stillframe.cli.counter import at_counter
from stillframe.cli.given import exactly_one, outcomes_in, rule_in
from stillframe.cli.options import Config, DashboardOption, Format, Server, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import cell_text, give, give_page, table

Baseline: TypeAlias = Literal["previous", "last_notified", "pinned"]
Text: TypeAlias = str | None

COLUMNS = ["subscriber_kind", "subscriber_id", "threshold_json", "baseline", "state", "last_notified_at", "id"]

group = new_group("Say who is told of which change, and list who is.")


@group.command(
    "add",
    epilog=example(
        """stillframe subscription add --dashboard carriers --persona ops-desk --rule '{"top_n_reordering": 3}'""",
        "stillframe subscription add --dashboard project:my-service --persona ops-desk --on gate:fail,warn",
    ),
)
def add(
    *,
    dashboard: DashboardOption,
    rule: Annotated[
        Text, typer.Option("--rule", metavar="JSON", help="What counts as a material change; @FILE reads a file.")
    ] = None,
    on: Annotated[
        Text,
        typer.Option(
            "--on", metavar="WHAT", help="change, as the rule says; or gate:fail,warn when a project's gate decides so."
        ),
    ] = None,
    persona: Annotated[
        Text, typer.Option("--persona", metavar="SLUG", help="Tell this persona in the dashboard's thread.")
    ] = None,
    webhook: Annotated[
        Text, typer.Option("--webhook", metavar="URL", help="Tell this address by a signed request.")
    ] = None,
    email: Annotated[Text, typer.Option("--email", metavar="ADDRESS", help="Tell this address by mail.")] = None,
    baseline: Annotated[
        Baseline, typer.Option("--baseline", help="What the newest snapshot is compared with.")
    ] = "previous",
    baseline_snapshot: Annotated[
        Text, typer.Option("--baseline-snapshot", metavar="ID", help="The snapshot for --baseline pinned.")
    ] = None,
    repeat_interval: Annotated[
        int | None, typer.Option("--repeat-interval", metavar="SECONDS", help="Tell again while it holds.")
    ] = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Permit names that the dashboard does not have yet.")
    ] = False,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """
    Tell somebody of changes that meet a rule, or of what release gates decide of a project.

    A webhook's secret is shown this once and never again.
    """
    outcomes = outcomes_in(on, rule=rule)
    option, subscriber = exactly_one({"--persona": persona, "--webhook": webhook, "--email": email})
    said = {
        "subscriber_kind": option.removeprefix("--"),
        "subscriber_id": subscriber,
        "on": outcomes,
        "threshold_json": None if rule is None else rule_in(rule),
        "baseline": baseline,
        "baseline_snapshot_id": baseline_snapshot,
        "allow_missing": allow_missing,
        "repeat_interval": repeat_interval,
    }
    with at_counter(config=config, server=server) as counter:
        made = counter.subscribe(dashboard, said)
    give(made, output=output, lines=_made_lines(made))


@group.command("list", epilog=example("stillframe subscription list --dashboard carriers"))
def list_(
    *, dashboard: DashboardOption, output: Format = "table", config: Config = None, server: Server = None
) -> None:
    """List who is told of what about a dashboard."""
    with at_counter(config=config, server=server) as counter:
        found = counter.subscriptions(dashboard)
    empty = f"Nobody is told about {dashboard} yet."
    give_page(found, output=output, lines=table(found["items"], COLUMNS), empty=empty)


@group.command(
    "remove", epilog=example("stillframe subscription remove 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11 --dashboard carriers")
)
def remove(
    *,
    subscription: Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="A subscription's id.")],
    dashboard: DashboardOption,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Stop a subscription and cancel what is pending; its history stays."""
    with at_counter(config=config, server=server) as counter:
        counter.unsubscribe(dashboard, subscription)
    give({"id": subscription, "state": "removed"}, output=output, lines=[f"{subscription} removed"])


def _made_lines(made: Mapping[str, Any]) -> Iterator[str]:
    who = f"{made['subscriber_kind']} {cell_text(made['subscriber_id'])}"
    yield f"{who} is told of {cell_text(made['threshold_json'])}: {made['id']}"
    if "secret" in made:
        yield f"secret {made['secret']}"
        yield "  Keep it now: it verifies the signatures and is not shown again."

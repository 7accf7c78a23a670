"""Commands about subscriptions: add, list, remove."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from stillframe.cli.desk import opened
from stillframe.cli.given import exactly_one, rule_in
from stillframe.cli.options import Config, DashboardOption, Format, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import cell_text, give, give_items, table

if TYPE_CHECKING:
    from stillframe.flows.subscriptions import Subscribed

Baseline: TypeAlias = Literal["previous", "last_notified", "pinned"]
Text: TypeAlias = str | None

COLUMNS = ["subscriber_kind", "subscriber_id", "threshold_json", "baseline", "state", "last_notified_at", "id"]

group = new_group("Say who is told of which change, and list who is.")


@group.command(
    "add",
    epilog=example(
        """stillframe subscription add --dashboard carriers --persona ops-desk --rule '{"top_n_reordering": 3}'"""
    ),
)
def add(
    *,
    dashboard: DashboardOption,
    rule: Annotated[
        str, typer.Option("--rule", metavar="JSON", help="What counts as a material change; @FILE reads a file.")
    ],
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
) -> None:
    """Tell somebody of changes that meet a rule. A webhook's secret is shown this once and never again."""
    from stillframe.flows.subscriptions import SubscriptionRequest, subscribe

    option, subscriber = exactly_one({"--persona": persona, "--webhook": webhook, "--email": email})
    request = SubscriptionRequest(
        subscriber_kind=option.removeprefix("--"),
        subscriber_id=subscriber,
        threshold=rule_in(rule),
        baseline=baseline,
        baseline_snapshot_id=baseline_snapshot,
        allow_missing=allow_missing,
        repeat_interval=repeat_interval,
    )
    with opened(config) as desk:
        made = subscribe(desk.services, desk.caller, dashboard_ref=dashboard, request=request)
        give(made.as_dict(), output=output, lines=_made_lines(made))


@group.command("list", epilog=example("stillframe subscription list --dashboard carriers"))
def list_(*, dashboard: DashboardOption, output: Format = "table", config: Config = None) -> None:
    """List who is told of what about a dashboard."""
    from stillframe.flows.subscriptions import list_subscriptions

    with opened(config) as desk:
        items = [found.as_dict() for found in list_subscriptions(desk.services, desk.caller, dashboard_ref=dashboard)]
    empty = f"Nobody is told about {dashboard} yet."
    give_items(items, output=output, lines=table(items, COLUMNS), empty=empty)


@group.command(
    "remove", epilog=example("stillframe subscription remove 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11 --dashboard carriers")
)
def remove(
    *,
    subscription: Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="A subscription's id.")],
    dashboard: DashboardOption,
    output: Format = "table",
    config: Config = None,
) -> None:
    """Stop a subscription and cancel what is pending; its history stays."""
    from stillframe.flows.subscriptions import remove_subscription

    with opened(config) as desk:
        remove_subscription(desk.services, desk.caller, dashboard_ref=dashboard, subscription_id=subscription)
    give({"id": subscription, "state": "removed"}, output=output, lines=[f"{subscription} removed"])


def _made_lines(made: Subscribed) -> Iterator[str]:
    found = made.subscription
    who = f"{found.subscriber_kind} {cell_text(found.subscriber_id)}"
    yield f"{who} is told of {cell_text(found.threshold)}: {found.id}"
    if made.secret is not None:
        yield f"secret {made.secret}"
        yield "  Keep it now: it verifies the signatures and is not shown again."

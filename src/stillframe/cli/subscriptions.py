"""Commands about subscriptions: add, list, change, snooze, remove."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeAlias

import typer

from stillframe.cli.counter import at_counter
from stillframe.cli.given import exactly_one, outcomes_in, rule_in
from stillframe.cli.manners import (
    Cooldown,
    DigestOption,
    ImportanceOption,
    MaxItems,
    OnResolve,
    PendingFor,
    Quiet,
    Snooze,
    manners_in,
)
from stillframe.cli.options import Config, DashboardOption, Format, Server, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import cell_text, facts, give, give_page, table
from stillframe.errors import InvalidInput
from stillframe.model.calm import CALM_MEMBERS

Baseline: TypeAlias = Literal["previous", "last_notified", "pinned"]
Text: TypeAlias = str | None
RuleOption: TypeAlias = Annotated[
    Text, typer.Option("--rule", metavar="JSON", help="What counts as a material change; @FILE reads a file.")
]
OnOption: TypeAlias = Annotated[
    Text,
    typer.Option(
        "--on", metavar="WHAT", help="change, as the rule says; or gate:fail,warn when a project's gate decides so."
    ),
]
PersonaOption: TypeAlias = Annotated[
    Text, typer.Option("--persona", metavar="SLUG", help="Tell this persona in the dashboard's thread.")
]
WebhookOption: TypeAlias = Annotated[
    Text, typer.Option("--webhook", metavar="URL", help="Tell this address by a signed request.")
]
EmailOption: TypeAlias = Annotated[Text, typer.Option("--email", metavar="ADDRESS", help="Tell this address by mail.")]
ChannelOption: TypeAlias = Annotated[
    Text, typer.Option("--channel", metavar="NAME", help="Tell this channel of the configuration.")
]
BaselineOption: TypeAlias = Annotated[
    Baseline | None, typer.Option("--baseline", help="What the newest snapshot is compared with; previous by default.")
]
BaselineSnapshot: TypeAlias = Annotated[
    Text, typer.Option("--baseline-snapshot", metavar="ID", help="The snapshot for --baseline pinned.")
]
Repeat: TypeAlias = Annotated[
    int | None, typer.Option("--repeat-interval", metavar="SECONDS", help="Tell again while it holds.")
]
AllowMissing: TypeAlias = Annotated[
    bool, typer.Option("--allow-missing", help="Permit names that the dashboard does not have yet.")
]
SubscriptionArgument: TypeAlias = Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="A subscription's id.")]

_CHANGED_SHOWN = (
    "id",
    "subscriber_kind",
    "subscriber_id",
    "threshold_json",
    "baseline",
    "baseline_snapshot_id",
    "repeat_interval",
    *CALM_MEMBERS,
    "importance",
    "max_items",
    "state",
    "last_notified_at",
)
COLUMNS = ["subscriber_kind", "subscriber_id", "threshold_json", "baseline", "state", "last_notified_at", "id"]

group = new_group("Say who is told of which change and how calmly, list who is, and ask what a rule would tell.")


@group.command(
    "add",
    epilog=example(
        """stillframe subscription add --dashboard carriers --persona ops-desk --rule '{"top_n_reordering": 3}'""",
        "stillframe subscription add --dashboard project:my-service --persona ops-desk --on gate:fail,warn",
        "stillframe subscription add --dashboard carriers --email ana@example.org --rule @rule.json --digest daily",
    ),
)
def add(
    *,
    dashboard: DashboardOption,
    rule: RuleOption = None,
    on: OnOption = None,
    persona: PersonaOption = None,
    webhook: WebhookOption = None,
    email: EmailOption = None,
    channel: ChannelOption = None,
    baseline: BaselineOption = None,
    baseline_snapshot: BaselineSnapshot = None,
    repeat_interval: Repeat = None,
    allow_missing: AllowMissing = False,
    cooldown: Cooldown = None,
    pending_for: PendingFor = None,
    snooze: Snooze = None,
    quiet_hours: Quiet = None,
    digest: DigestOption = None,
    notify_on_resolve: OnResolve = None,
    importance: ImportanceOption = None,
    max_items: MaxItems = None,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """
    Tell somebody of changes that meet a rule, or of what release gates decide of a project.

    A webhook's secret is shown this once and never again.
    """
    outcomes = outcomes_in(on, rule=rule)
    who = exactly_one({"--persona": persona, "--webhook": webhook, "--email": email, "--channel": channel})
    manners = manners_in(
        cooldown=cooldown,
        pending_for=pending_for,
        snooze=snooze,
        quiet_hours=quiet_hours,
        digest=digest,
        notify_on_resolve=notify_on_resolve,
        importance=importance,
        max_items=max_items,
    )
    said = said_of(
        who, rule=rule, on=outcomes, baseline=baseline, baseline_snapshot=baseline_snapshot, repeat=repeat_interval
    )
    with at_counter(config=config, server=server) as counter:
        made = counter.subscribe(dashboard, {**said, "allow_missing": allow_missing, **manners})
    give(made, output=output, lines=_made_lines(made))


def said_of(
    who: tuple[str, str],
    *,
    rule: str | None,
    on: str | dict[str, list[str]],
    baseline: str | None,
    baseline_snapshot: str | None,
    repeat: int | None,
) -> dict[str, Any]:
    """Return a subscription without its manners, in the members of the API."""
    return {
        "subscriber_kind": who[0].removeprefix("--"),
        "subscriber_id": who[1],
        "on": on,
        "threshold_json": None if rule is None else rule_in(rule),
        "baseline": baseline or "previous",
        "baseline_snapshot_id": baseline_snapshot,
        "repeat_interval": repeat,
    }


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
    "change",
    epilog=example(
        "stillframe subscription change 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11 --dashboard carriers --cooldown 4h",
        "stillframe subscription change 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11 --dashboard carriers --digest none",
    ),
)
def change(
    *,
    subscription: SubscriptionArgument,
    dashboard: DashboardOption,
    rule: RuleOption = None,
    baseline: BaselineOption = None,
    baseline_snapshot: BaselineSnapshot = None,
    repeat_interval: Repeat = None,
    cooldown: Cooldown = None,
    pending_for: PendingFor = None,
    snooze: Snooze = None,
    quiet_hours: Quiet = None,
    digest: DigestOption = None,
    notify_on_resolve: OnResolve = None,
    importance: ImportanceOption = None,
    max_items: MaxItems = None,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Change a subscription; what is not named stays. `none` takes a manner back, and so does a count of 0."""
    manners = manners_in(
        cooldown=cooldown,
        pending_for=pending_for,
        snooze=snooze,
        quiet_hours=quiet_hours,
        digest=digest,
        notify_on_resolve=notify_on_resolve,
        importance=importance,
        max_items=max_items,
    )
    given = {
        "threshold_json": None if rule is None else rule_in(rule),
        "baseline": baseline,
        "baseline_snapshot_id": baseline_snapshot,
        "repeat_interval": repeat_interval,
    }
    said = manners | {name: value for name, value in given.items() if value is not None}
    if not said:
        raise InvalidInput.at("OPTIONS", "name at least one thing to change")
    with at_counter(config=config, server=server) as counter:
        changed = counter.change_subscription(dashboard, subscription, said)
    shown = {name: changed[name] for name in _CHANGED_SHOWN if changed[name] not in (None, False)}
    give(changed, output=output, lines=facts(shown))


@group.command(
    "remove", epilog=example("stillframe subscription remove 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11 --dashboard carriers")
)
def remove(
    *,
    subscription: SubscriptionArgument,
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
    if made["state"] == "unconfirmed":
        yield "  Nothing is told before whoever reads that address has confirmed it; a mail asks them to."
    if "secret" in made:
        yield f"secret {made['secret']}"
        yield "  Keep it now: it verifies the signatures and is not shown again."

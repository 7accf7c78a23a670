"""Commands that let a rule be trusted: preview, why, test, secret, resume."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any

import typer

from stillframe.cli.counter import at_counter
from stillframe.cli.given import outcomes_in, time_in
from stillframe.cli.manners import (
    Cooldown,
    DigestOption,
    MaxItems,
    OnResolve,
    PendingFor,
    Quiet,
    duration_in,
    manners_in,
)
from stillframe.cli.options import Config, Cursor, DashboardOption, Format, PageLimit, Server, example
from stillframe.cli.output import cell_text, facts, give, give_page, say, table
from stillframe.cli.subscriptions import (
    BaselineOption,
    BaselineSnapshot,
    OnOption,
    Repeat,
    RuleOption,
    SubscriptionArgument,
    said_of,
)

_ID = "019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11"
_ANYBODY = ("--persona", "preview")
"""A preview tells nobody, so it does not matter who would have been told."""
_NEAR_SHOWN = 5
_NEAR_SHARE = 0.5
"""Of the limit; what stayed farther away did not come close."""
_SHORTEST_RATED = timedelta(days=7)


def add_to(group: typer.Typer) -> None:
    """Put these commands beside the others about subscriptions."""
    group.command(
        "preview",
        epilog=example(
            """stillframe subscription preview --dashboard carriers --rule '{"top_n_reordering": 3}' --last 365""",
            "stillframe subscription preview --dashboard carriers --rule @rule.json --pending-for 2 --cooldown 1d",
        ),
    )(preview)
    group.command("why", epilog=example(f"stillframe subscription why {_ID} --dashboard carriers --limit 20"))(why)
    group.command("test", epilog=example(f"stillframe subscription test {_ID} --dashboard carriers"))(send_test)
    group.command("secret", epilog=example(f"stillframe subscription secret {_ID} --dashboard carriers --overlap 7d"))(
        secret
    )
    group.command("resume", epilog=example(f"stillframe subscription resume {_ID} --dashboard carriers"))(resume)


def preview(
    *,
    dashboard: DashboardOption,
    rule: RuleOption = None,
    on: OnOption = None,
    since: Annotated[str | None, typer.Option("--from", metavar="TIME", help="Snapshots from this time on.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="TIME", help="And up to this time.")] = None,
    last: Annotated[
        int | None, typer.Option("--last", metavar="COUNT", help="In place of times: so many of the newest snapshots.")
    ] = None,
    baseline: BaselineOption = None,
    baseline_snapshot: BaselineSnapshot = None,
    repeat_interval: Repeat = None,
    cooldown: Cooldown = None,
    pending_for: PendingFor = None,
    quiet_hours: Quiet = None,
    digest: DigestOption = None,
    notify_on_resolve: OnResolve = None,
    max_items: MaxItems = None,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Ask what a subscription would have told in the past, how often, and what came close. Nothing is stored."""
    manners = manners_in(
        cooldown=cooldown,
        pending_for=pending_for,
        snooze=None,
        quiet_hours=quiet_hours,
        digest=digest,
        notify_on_resolve=notify_on_resolve,
        importance=None,
        max_items=max_items,
    )
    said = said_of(
        _ANYBODY,
        rule=rule,
        on=outcomes_in(on, rule=rule),
        baseline=baseline,
        baseline_snapshot=baseline_snapshot,
        repeat=repeat_interval,
    )
    period = {"from": time_in(since, option="--from"), "to": time_in(to, option="--to"), "last": last}
    with at_counter(config=config, server=server) as counter:
        found = counter.preview(dashboard, {**said, **manners, **period})
    give(found, output=output, lines=_preview_lines(found))


def why(
    *,
    subscription: SubscriptionArgument,
    dashboard: DashboardOption,
    limit: PageLimit = None,
    cursor: Cursor = None,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """List what a rule said of each snapshot, newest first, and why it was told or not; the JSON has every reason."""
    with at_counter(config=config, server=server) as counter:
        found = counter.evaluations(dashboard, subscription, limit=limit, cursor=cursor)
    columns = ["sequence", "as_of", "outcome", "told", "held_back", "sentence"]
    empty = "No snapshot was taken since this subscription was made."
    give_page(found, output=output, lines=table(map(_why_line, found["items"]), columns), empty=empty)
    if found["next_cursor"] is not None and output == "table":
        say(f"There are older ones: --cursor {found['next_cursor']}")


def send_test(
    *,
    subscription: SubscriptionArgument,
    dashboard: DashboardOption,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Send the real last diff to a subscriber, marked as a test; it counts for nothing else."""
    with at_counter(config=config, server=server) as counter:
        sent = counter.test_subscription(dashboard, subscription)
    give(sent, output=output, lines=facts(sent))


def secret(
    *,
    subscription: SubscriptionArgument,
    dashboard: DashboardOption,
    overlap: Annotated[
        str, typer.Option("--overlap", metavar="TIME", help="For how long the secret before signs too.")
    ] = "1d",
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Give a webhook another secret, shown this once; the one before signs too for a while."""
    seconds = int(duration_in(overlap, option="--overlap").total_seconds())
    with at_counter(config=config, server=server) as counter:
        made = counter.new_secret(dashboard, subscription, overlap_seconds=seconds)
    give(made, output=output, lines=facts(made))


def resume(
    *,
    subscription: SubscriptionArgument,
    dashboard: DashboardOption,
    no_replay: Annotated[
        bool, typer.Option("--no-replay", help="Leave what was kept while it was paused unsent.")
    ] = False,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Let a paused subscription go on, and send what was kept while it was paused."""
    with at_counter(config=config, server=server) as counter:
        found = counter.resume(dashboard, subscription, replay=not no_replay)
    lines = [f"{subscription} is {found['subscription']['state']}; deliveries sent again: {found['replayed']}"]
    give(found, output=output, lines=lines)


def _why_line(found: Mapping[str, Any]) -> dict[str, Any]:
    held = found["suppressed"]
    return {**found, "held_back": None if held is None else held["detail"] or held["reason"]}


def _preview_lines(found: Mapping[str, Any]) -> Iterator[str]:
    period, told = found["period"], found["notices"]
    rate = "" if not _is_long(period) else f", {found['per_month']:g} a month"
    yield f"{period['snapshots']} snapshots from {period['from'] or '-'} to {period['to']}: {len(told)} notices{rate}"
    if period["cut"]:
        yield "  There are older snapshots than one preview goes through; name a span with --from and --to."
    yield from table(({**line, "snapshot": _sequence(line)} for line in told), ["at", "kind", "snapshot", "headline"])
    held = found["suppressed"]
    if held:
        yield ""
        yield f"held back: {len(held)}"
        yield from table(({**line, "snapshot": _sequence(line)} for line in held), ["at", "snapshot", "detail"])
    near = [line for line in found["near_misses"] if line["share"] >= _NEAR_SHARE][:_NEAR_SHOWN]
    if near:
        yield ""
        yield "came close:"
        shown = ({**line, "snapshot": _sequence(line), "share": f"{line['share']:.0%}"} for line in near)
        yield from table(shown, ["at", "snapshot", "share", "sentence"])
    yield from _limit_lines(found["limits"])


def _limit_lines(limits: list[Mapping[str, Any]]) -> Iterator[str]:
    for node in limits:
        others = [other for other in node["suggestions"] if other["limit"] is not None]
        if others:
            yield ""
            yield f"{node['member']} at {node['path']} is {cell_text(node['limit'])} now"
        for other in others:
            yield f"  about {other['per_month']:g} a month with {other['limit']:g}"


def _is_long(period: Mapping[str, Any]) -> bool:
    """Say whether a period is long enough for a rate to mean something."""
    if period["from"] is None:
        return False
    from stillframe.model.times import time_from_text

    return time_from_text(period["to"]) - time_from_text(period["from"]) >= _SHORTEST_RATED


def _sequence(line: Mapping[str, Any]) -> str:
    before, after = line["snapshot_a"], line["snapshot_b"]
    return "" if before is None or after is None else f"{before['sequence']} → {after['sequence']}"

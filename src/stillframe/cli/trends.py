"""Commands about a project over time: its trends, and two periods side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeAlias

import typer

from stillframe.cli.counter import at_counter
from stillframe.cli.given import time_in
from stillframe.cli.options import Config, Format, ProjectArgument, Server, example
from stillframe.cli.output import cell_text, give, say, table

Text: TypeAlias = str | None

PERIOD_COLUMNS = ["metric", "baseline_mean", "period_mean", "delta", "delta_pct", "state"]


def add_to(group: typer.Typer) -> None:
    """Put these commands beside those about dashboards."""
    days = "--from 2026-11-01T00:00:00Z --to 2026-11-15T00:00:00Z"
    baseline = "--baseline-from 2026-10-01T00:00:00Z --baseline-to 2026-10-15T00:00:00Z"
    trends_example = example("stillframe dashboard trends my-service --metric health.score --points 50")
    periods_example = example(f"stillframe dashboard compare-periods my-service {days} {baseline}")
    group.command("trends", epilog=trends_example)(trends)
    group.command("compare-periods", epilog=periods_example)(compare_periods)


def trends(
    *,
    project: ProjectArgument,
    metric: Annotated[
        list[str] | None, typer.Option("--metric", metavar="NAME", help="Only this one; may be given several times.")
    ] = None,
    since: Annotated[Text, typer.Option("--from", metavar="TIME", help="Begin there, as RFC 3339 with a zone.")] = None,
    until: Annotated[Text, typer.Option("--to", metavar="TIME", help="End there.")] = None,
    points: Annotated[
        int | None, typer.Option("--points", min=1, help="At most so many, each standing for a span of time.")
    ] = None,
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Show a project's metrics over time, oldest first; of spans of time the average, and in the JSON the extremes."""
    said = {
        "metric": metric or None,
        "from": time_in(since, option="--from"),
        "to": time_in(until, option="--to"),
        "points": points,
    }
    with at_counter(config=config, server=server) as counter:
        document = counter.trends(project, said)
    give(document, output=output, lines=trend_lines(document))
    _say_if_nothing(document)


def compare_periods(
    *,
    project: ProjectArgument,
    since: Annotated[str, typer.Option("--from", metavar="TIME", help="Where the period begins.")],
    until: Annotated[str, typer.Option("--to", metavar="TIME", help="Where it ends.")],
    baseline_from: Annotated[str, typer.Option("--baseline-from", metavar="TIME", help="Where the baseline begins.")],
    baseline_to: Annotated[str, typer.Option("--baseline-to", metavar="TIME", help="Where it ends.")],
    output: Format = "table",
    config: Config = None,
    server: Server = None,
) -> None:
    """Show what each metric of a project was in two periods, and how far its mean moved."""
    given = {"from": since, "to": until, "baseline_from": baseline_from, "baseline_to": baseline_to}
    said = {name: str(time_in(text, option=f"--{name.replace('_', '-')}")) for name, text in given.items()}
    with at_counter(config=config, server=server) as counter:
        document = counter.periods(project, said)
    give(document, output=output, lines=table(map(_period_row, document["metrics"]), PERIOD_COLUMNS))
    _say_if_nothing(document)


def trend_lines(document: Mapping[str, Any]) -> list[str]:
    """
    Return the lines that show a project's trends: a line for each snapshot or span of time, a column for each metric.

    Shape   Of a span the average.
    """
    return table(_points(document), ["as_of", *document["metrics"]])


def _points(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    columns = {name: values["avg"] if document["sampled"] else values for name, values in document["metrics"].items()}
    for place, moment in enumerate(document["as_of"]):
        yield {"as_of": moment} | {name: _rounded(values[place]) for name, values in columns.items()}


def _period_row(metric: Mapping[str, Any]) -> dict[str, Any]:
    means = {f"{side}_mean": _rounded(metric[side]["mean"]) for side in ("baseline", "period")}
    moved = {name: _rounded(metric.get(name)) for name in ("delta", "delta_pct")}
    return {"metric": metric["name"], **means, **moved, "state": metric["state"]}


def _rounded(value: float | None) -> str | None:
    """Return a number as people read it; the JSON has every digit."""
    from stillframe.report.figures import figure

    return None if value is None else figure(value)


def _say_if_nothing(document: Mapping[str, Any]) -> None:
    if not document["persisted"]:
        say(f"{cell_text(document['project_name'])} has no snapshots yet.")

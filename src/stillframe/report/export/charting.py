"""The charts of a report, in its language: ranks before and after, and metrics before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from stillframe.model.delta import MetricDelta
from stillframe.model.diff import Diff
from stillframe.model.payload import Number, Payload
from stillframe.model.scope import HEALTH_PANEL
from stillframe.report.charts import Chart, ChartWords, slope_graph
from stillframe.report.charts.calendar_ticks import Grain
from stillframe.report.charts.dumbbells import Dumbbell, dumbbells
from stillframe.report.export.document import CELL_MOST
from stillframe.report.figures import is_number
from stillframe.report.languages import Language
from stillframe.report.words import titles_of

_FEWEST_ROWS = 2
"""A graph of one row's rank shows nothing."""
_MEASURES = "measures"


def chart_words(language: Language) -> ChartWords:
    """Return what charts say, in a language."""

    def time(moment: datetime, grain: Grain) -> str:
        utc = moment.astimezone(UTC)
        month = language.short_months[utc.month - 1]
        if grain == "minute":
            return f"{utc:%H:%M}"
        return language.say(f"grain.{grain}", day=str(utc.day), month=month, year=str(utc.year), time=f"{utc:%H:%M}")

    return ChartWords(
        before=language.say("chart.before"),
        after=language.say("chart.after"),
        new=language.say("move.new"),
        gone=language.say("move.gone"),
        nothing=language.say("chart.nothing"),
        no_value=language.say("figure.nothing"),
        unchanged=language.say("state.unchanged"),
        tolerance=language.say("chart.tolerance"),
        limit=language.say("chart.limit"),
        range=language.say("chart.range"),
        came_from=lambda rank: language.say("chart.came_from", rank=language.whole(rank)),
        went_to=lambda rank: language.say("chart.went_to", rank=language.whole(rank)),
        top=lambda top: language.say("chart.top", top=language.whole(top)),
        shown=lambda shown, total: language.count("cut.rows", total, shown=language.whole(shown)),
        moved=lambda old, new: f"{old} → {new}",
        figure=language.figure,
        figures_apart=language.figures_apart,
        signed_percent=language.signed_percent,
        time=time,
    )


def moves_charts(diff: Diff, *, before: Payload, after: Payload, language: Language) -> Iterator[Chart]:
    """Return the slope graph of the primary table, where a row of it has another place."""
    a, b = before.primary_table, after.primary_table
    moved = diff.top_n_changes or diff.rank_changes_total
    if a is not None and b is not None and moved and max(len(a.ids), len(b.ids)) >= _FEWEST_ROWS:
        titles = titles_of(before) | titles_of(after)
        words = chart_words(language)
        yield slope_graph(a.ids, b.ids, titles=titles, top_n=diff.top_n, words=words)


def metrics_charts(diff: Diff, *, before: Payload, after: Payload, language: Language) -> Iterator[Chart]:
    """Return the dumbbells of the metrics that moved, dimensions' scores included."""
    tolerances = _tolerances(before) | _tolerances(after)
    # A project's primary metric is the score of its dimension of health.
    twice = HEALTH_PANEL if "health" in diff.dimension_states else None
    bells = [
        _bell(metric, old=metric.old, new=metric.new, tolerance=tolerances.get(metric.name, 0.0), language=language)
        for metric in diff.metric_deltas
        if metric.moved and metric.name != twice and is_number(metric.old) and is_number(metric.new)
    ]
    if len(bells) >= _FEWEST_ROWS:
        yield dumbbells(bells, words=chart_words(language))


def _bell(metric: MetricDelta, *, old: Number, new: Number, tolerance: float, language: Language) -> Dumbbell:
    name = language.label(metric.name, most=CELL_MOST)
    return Dumbbell(name=name, old=old, new=new, state=metric.state, tolerance=tolerance)


def _tolerances(payload: Payload) -> dict[str, float]:
    """Return the tolerance of each metric by its name; the summaries are other programs' JSON."""
    found = {name: metric.field.tolerance for name, metric in payload.metrics.items()}
    for dimension, summary in payload.summaries.items():
        if isinstance(summary, Mapping):
            found |= _tolerance(f"{dimension}.score", summary)
            measures = summary.get(_MEASURES)
            for measure in measures if isinstance(measures, list | tuple) else ():
                if isinstance(measure, Mapping):
                    found |= _tolerance(f"{dimension}.{measure.get('id')}", measure)
    return found


def _tolerance(name: str, holder: Mapping[str, object]) -> dict[str, float]:
    told = holder.get("tolerance")
    return {name: float(told)} if isinstance(told, int | float) else {}

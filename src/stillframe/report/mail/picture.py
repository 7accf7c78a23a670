"""The one picture of a mail: what its reason is about, as ranks, as values, or as a metric over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from stillframe.model.delta import MetricDelta, State, ValueDelta
from stillframe.model.diff import Diff
from stillframe.model.payload import Better, Payload
from stillframe.model.verdict import Verdict
from stillframe.report.charts import Chart, Dumbbell, Line, dumbbells, slope_graph, trend_chart
from stillframe.report.figures import is_number, name
from stillframe.report.phrases import label, title
from stillframe.report.sampling import Values
from stillframe.report.words import titles_of

WIDTH: Final = 440
"""Of a mail that is 640 wide, and still readable on a screen of 360."""
_NAME_MOST: Final = 40
_FEWEST: Final = 2


def metric_of(diff: Diff, verdict: Verdict) -> str | None:
    """
    Return the metric whose history a mail shows: the one that the reason names, else the one that moved alone.

    None where the picture is of rows: the reason names rows, or rows changed and no reason names a metric.
    """
    named = [witness for node in _true_nodes(verdict) for witness in node.witnesses]
    for witness in named:
        if "name" in witness and "old" in witness:
            return str(witness["name"])
        if "rank_a" in witness or "field" in witness:
            return None
    if not diff.table.is_empty:
        return None
    moved = [metric.name for metric in _moved_metrics(diff)]
    if diff.primary_metric is not None and diff.primary_metric.name in moved:
        return diff.primary_metric.name
    return moved[0] if len(moved) == 1 else None


def history_picture(
    times: Sequence[int], values: Values, *, metric: str, marks: Sequence[tuple[int, str]], tolerance: float
) -> Chart | None:
    """
    Return a metric over time with both frames marked; None where there is too little of it.

    Units   `times` and the times of `marks` in milliseconds since 1970.
    """
    if sum(value is not None for value in values) < _FEWEST:
        return None
    line = Line(name=label(metric, most=_NAME_MOST), values=values, tolerance=tolerance)
    return trend_chart(times, [line], marks=marks, width=WIDTH)


def change_picture(diff: Diff, *, before: Payload, after: Payload) -> Chart | None:
    """
    Return what changed between two payloads as one picture: ranks, else values of one column, else metrics.

    None where too little changed for a picture to show more than its table.
    """
    a, b = before.primary_table, after.primary_table
    if a is not None and b is not None:
        moved = diff.top_n_changes or diff.rank_changes_total
        if moved and max(len(a.ids), len(b.ids)) >= _FEWEST:
            titles = titles_of(before) | titles_of(after)
            return slope_graph(a.ids, b.ids, titles=titles, top_n=diff.top_n, width=WIDTH)
        bells = list(_value_bells(diff, before=before, after=after))
        if len(bells) >= _FEWEST:
            return dumbbells(bells, width=WIDTH)
    bells = [
        _bell(label(metric.name, most=_NAME_MOST), metric, state=metric.state)
        for metric in _moved_metrics(diff)
        if is_number(metric.old) and is_number(metric.new)
    ]
    return dumbbells(bells, width=WIDTH) if len(bells) >= _FEWEST else None


def _value_bells(diff: Diff, *, before: Payload, after: Payload) -> Iterator[Dumbbell]:
    """Give a bell for each row, of the one column in which the most rows changed: one scale needs one unit."""
    numeric = [delta for delta in diff.row_value_deltas if is_number(delta.old) and is_number(delta.new)]
    if not numeric:
        return
    (field, _), *_ = Counter(delta.field for delta in numeric).most_common(1)
    titles = titles_of(before) | titles_of(after)
    table = after.primary_table
    better: Better = "none" if table is None else table.field(field).better
    for delta in numeric:
        if delta.field == field:
            called = f"{title(delta.id, titles, most=_NAME_MOST)} {name(field, most=_NAME_MOST)}"
            yield _bell(called, delta, state=_state(delta, better=better))


def _bell(called: str, change: ValueDelta | MetricDelta, *, state: State) -> Dumbbell:
    assert is_number(change.old)
    assert is_number(change.new)
    return Dumbbell(name=called, old=change.old, new=change.new, state=state)


def _state(delta: ValueDelta, *, better: Better) -> State:
    if better == "none" or delta.delta is None:
        return "unchanged"
    return "improved" if (delta.delta > 0) is (better == "higher") else "regressed"


def _moved_metrics(diff: Diff) -> list[MetricDelta]:
    return [metric for metric in diff.metric_deltas if metric.moved]


def _true_nodes(verdict: Verdict) -> Iterator[Verdict]:
    if verdict.met:
        yield verdict
        for child in verdict.children:
            yield from _true_nodes(child)

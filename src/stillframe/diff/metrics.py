"""Comparing metrics: metric panels, the dimensions' scores, and their measures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from stillframe.diff.numbers import NO_MOVE, is_number, move_between
from stillframe.model.delta import MetricDelta, Presence, State
from stillframe.model.payload import PLAIN_FIELD, Better, Cell, Field, Metric, Payload

SCORE = "score"
_SCORE_FIELD = Field(better="higher")
_FIELD_MEMBERS = frozenset({"better", "tolerance", "unit"})


class Reading(NamedTuple):
    """One named value of one payload's summaries, and how it is to be read."""

    value: Cell
    field: Field


Readable: TypeAlias = Metric | Reading


def readings(payload: Payload) -> dict[str, Readable]:
    """Return every named value of a payload: metric panels by id, then `SUMMARY.score` and `SUMMARY.MEASURE`."""
    panels = payload.panels.items()
    found: dict[str, Readable] = {name: panel for name, panel in panels if isinstance(panel, Metric)}
    for dimension, summary in payload.summaries.items():
        found.update(_summary_readings(dimension, summary))
    return found


def metric_deltas(a: Payload, b: Payload, *, first: str | None) -> tuple[MetricDelta, ...]:
    """
    Return what every metric did: the one called `first`, then those that differ, then the others.

    A list cut at its beginning so never drops what changed before it drops what did not.

    Shape   A panel's id, `SUMMARY.score` and `SUMMARY.MEASURE`; within each part those of `b` in its order, then those
            only in `a`.
    """
    before, after = readings(a), readings(b)
    if not (before or after):
        return ()
    found = [metric_delta(name, before.get(name), after.get(name)) for name in {**after, **before}]
    if len(found) > 1:
        found.sort(key=lambda metric: (metric.name != first, not metric.differs))
    return tuple(found)


def metric_delta(name: str, a: Readable | None, b: Readable | None) -> MetricDelta:
    """
    Return what one metric did; a side that is None does not have it.

    Errors  ValueError if neither side has it.
    """
    shown = b or a
    if shown is None:
        raise ValueError(f"neither side has {name}")
    presence: Presence = "both" if a and b else "only_a" if a else "only_b"
    old, new = a.value if a else None, b.value if b else None
    better = shown.field.better
    if is_number(old) and is_number(new):
        delta, delta_pct, from_zero, overflow = move_between(old, new)
        tolerance = max(a.field.tolerance, b.field.tolerance) if a and b else 0.0
        moved = old != new and (delta is None or abs(delta) > tolerance)
        state = _state(better, rose=new > old) if moved else "unchanged"
    else:
        delta, delta_pct, from_zero, overflow = NO_MOVE
        state = "unchanged"
        moved = old is not None and new is not None and (type(old) is not type(new) or old != new)
    return MetricDelta(
        name=name,
        old=old,
        new=new,
        delta=delta,
        delta_pct=delta_pct,
        better=better,
        state=state,
        presence=presence,
        from_zero=from_zero,
        overflow=overflow,
        changed=moved and state == "unchanged",
        missing=presence != "both" or (old is None) is not (new is None),
    )


def headline(a: Payload, b: Payload, metrics: Sequence[MetricDelta]) -> MetricDelta | None:
    """Return what the primary metric did; of two with different names no tolerance is known, so none is used."""
    old, new = a.primary_metric, b.primary_metric
    if old is None and new is None:
        return None
    name = b.primary.metric if new else a.primary.metric
    if old is None or new is None or a.primary.metric == b.primary.metric:
        return next((metric for metric in metrics if metric.name == name), None)
    exact = [Metric(value=found.value, field=replace(found.field, tolerance=0.0)) for found in (old, new)]
    return metric_delta(name or "", *exact)


def dimension_states(a: Payload, b: Payload, metrics: Sequence[MetricDelta]) -> dict[str, State]:
    """Return the state of each dimension that either payload has, by its score."""
    if not (a.summaries or b.summaries):
        return {}
    by_name = {metric.name: metric.state for metric in metrics}
    return {dimension: by_name[f"{dimension}.{SCORE}"] for dimension in {**b.summaries, **a.summaries}}


def _state(better: Better, *, rose: bool) -> State:
    if better == "none":
        return "unchanged"
    return "improved" if rose is (better == "higher") else "regressed"


def _summary_readings(dimension: str, summary: Mapping[str, Any]) -> Iterator[tuple[str, Reading]]:
    tolerance = summary.get("tolerance")
    score = Field(better="higher", tolerance=tolerance) if tolerance else _SCORE_FIELD
    yield f"{dimension}.{SCORE}", Reading(summary.get(SCORE), score)
    for measure in summary.get("measures") or ():
        field = Field.from_dict(measure) if measure.keys() & _FIELD_MEMBERS else PLAIN_FIELD
        yield f"{dimension}.{measure['id']}", Reading(measure.get("value"), field)

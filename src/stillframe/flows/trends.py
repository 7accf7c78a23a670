"""A project over time: its metrics as series, and two periods side by side; no payload is opened for a series."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from stillframe.diff.metrics import readings
from stillframe.errors import InvalidInput, nearest
from stillframe.flows.scopes import scope_dashboard
from stillframe.flows.seeing import unseen_sequences
from stillframe.flows.services import Services
from stillframe.health.project import SCORE_FIELD, SCORE_TOLERANCE
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from stillframe.model.payload import Field
from stillframe.model.scope import HEALTH_PANEL, Scope
from stillframe.model.series import SeriesBlock
from stillframe.model.times import texts_of_millis, time_text
from stillframe.report.periods import compare_periods
from stillframe.report.sampling import Sampling, downsampled
from stillframe.report.trend import trend_of_series
from stillframe.store import Unit

Period: TypeAlias = tuple[datetime, datetime]
MOST_POINTS = 100_000
_SCORE_ENDING = ".score"


def project_trends(
    services: Services,
    caller: Caller,
    *,
    project_name: str,
    metrics: Sequence[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    points: int | None = None,
) -> dict[str, Any]:
    """
    Return a project's metrics over time, oldest first.

    Shape   JSON, by columns of equal length; with `points` each is a span of time with its average, least and most
            value. `metrics` None: all that a snapshot of that time had. `trend`: which way each score goes.
    Errors  NotFound; InvalidInput for `points` under 1, a metric that no snapshot has, and times in the wrong order.
    """
    if points is not None and not 1 <= points <= MOST_POINTS:
        raise InvalidInput.at("$.points", f"1 to {MOST_POINTS}")
    _check_order(since, until, place="$.from")
    with services.store.read() as unit:
        dashboard = scope_dashboard(unit, caller, Scope(kind="project", name=project_name))
        persisted = unit.heads.get(dashboard.id).last_sequence > 0
        block = unit.series.block(dashboard.id, metrics, since=since, until=until)
        if metrics is not None and persisted:
            _check_names(unit, dashboard, metrics, block=block)
    if metrics is None:
        block = _without(block, HEALTH_PANEL)
    head = {"project_name": project_name, "scope_ref": dashboard.id, "persisted": persisted}
    trend = {
        name: trend_of_series(block.as_of, values, tolerance=SCORE_TOLERANCE).as_dict()
        for name, values in block.values.items()
        if name == HEALTH_PANEL or name.endswith(_SCORE_ENDING)
    }
    sampling = None if points is None else downsampled(block.as_of, block.values, points=points)
    return {**head, **(_whole(block) if sampling is None else _sampled(sampling)), "trend": trend}


def compare_project_periods(
    services: Services, caller: Caller, *, project_name: str, period: Period, baseline: Period
) -> dict[str, Any]:
    """
    Return what each metric was in two periods of a project, and how far its mean moved.

    Errors  NotFound; InvalidInput for a period that ends before it begins.
    """
    _check_order(*period, place="$.from")
    _check_order(*baseline, place="$.baseline_from")
    with services.store.read() as unit:
        dashboard = scope_dashboard(unit, caller, Scope(kind="project", name=project_name))
        persisted = unit.heads.get(dashboard.id).last_sequence > 0
        before, after = (
            unit.series.block(dashboard.id, since=since, until=until) for since, until in (baseline, period)
        )
        fields = _fields(unit, dashboard)
    before, after = (_without(block, HEALTH_PANEL) for block in (before, after))
    found = compare_periods(before.values, after.values, fields=fields)
    return {
        "project_name": project_name,
        "scope_ref": dashboard.id,
        "persisted": persisted,
        "period": _span(period, after),
        "baseline": _span(baseline, before),
        "metrics": [{"name": name, **figures} for name, figures in found.items()],
    }


def history_of(
    unit: Unit, caller: Caller, dashboard: Dashboard, *, names: Collection[str], until: datetime
) -> SeriesBlock:
    """Return what some metrics of a dashboard were up to a time, as far as the caller sees its snapshots whole."""
    block = unit.series.block(dashboard.id, names, until=until)
    unseen = unseen_sequences(unit, caller, dashboard)
    if not unseen:
        return block
    kept = [place for place, sequence in enumerate(block.sequences) if sequence not in unseen]
    return SeriesBlock(
        as_of=[block.as_of[place] for place in kept],
        sequences=[block.sequences[place] for place in kept],
        values={name: [values[place] for place in kept] for name, values in block.values.items()},
    )


def _without(block: SeriesBlock, name: str) -> SeriesBlock:
    """Return a block without one of its metrics: a project's headline is its health score once more."""
    return replace(block, values={metric: values for metric, values in block.values.items() if metric != name})


def _whole(block: SeriesBlock) -> dict[str, Any]:
    return {
        "sampled": False,
        "as_of": texts_of_millis(block.as_of),
        "until": [],
        "count": [],
        "sequence": list(block.sequences),
        "metrics": {name: list(values) for name, values in block.values.items()},
    }


def _sampled(found: Sampling) -> dict[str, Any]:
    return {
        "sampled": True,
        "as_of": texts_of_millis(found.starts),
        "until": texts_of_millis(found.ends),
        "count": found.counts,
        "sequence": [],
        "metrics": {name: sampled.as_dict() for name, sampled in found.metrics.items()},
    }


def _check_order(since: datetime | None, until: datetime | None, *, place: str) -> None:
    if since is not None and until is not None and since > until:
        raise InvalidInput.at(place, f"{time_text(since)} is after {time_text(until)}; the earlier time comes first")


def _check_names(unit: Unit, dashboard: Dashboard, metrics: Sequence[str], *, block: SeriesBlock) -> None:
    """Refuse a metric that no snapshot of the project ever had; one that has no value in this time is only empty."""
    if all(any(value is not None for value in block.values.get(name, ())) for name in metrics):
        return
    known = unit.series.names(dashboard.id)
    for index, name in enumerate(metrics):
        if name not in known:
            raise InvalidInput.at(
                f"$.metric[{index}]", f"no snapshot has the metric {name[:80]!r}{nearest(name, sorted(known))}"
            )


def _fields(unit: Unit, dashboard: Dashboard) -> dict[str, Field]:
    """Return how the metrics of a project are to be read, as its head says."""
    head = unit.heads.get(dashboard.id).head_snapshot_id
    snapshot = None if head is None else unit.snapshots.get(head)
    said: Mapping[str, Any] = {} if snapshot is None else readings(snapshot.payload)
    scores = {name: SCORE_FIELD for name in said if name.endswith(_SCORE_ENDING)}
    return {name: found.field for name, found in said.items()} | scores


def _span(period: Period, block: SeriesBlock) -> dict[str, Any]:
    return {"from": time_text(period[0]), "to": time_text(period[1]), "snapshots": len(block)}

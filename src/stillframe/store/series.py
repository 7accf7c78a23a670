"""Metric series: one narrow row for each value, which outlives the payload it came from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from stillframe.model.payload import Payload
from stillframe.store.answers import SeriesPoint
from stillframe.store.tables import SERIES, SNAPSHOTS
from stillframe.store.texts import Texts
from stillframe.store.work import Work

_INSERT = SERIES.insert()


class Series:
    """What each metric was at each snapshot."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def values(
        self, dashboard_id: str, name: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> list[SeriesPoint]:
        """
        Return a metric's values by the time that they describe, oldest first; empty captures are not in it.

        Shape   `name`: a metric panel's id. `since` and `until` are included; None leaves that side open.
        """
        number = Texts(self._work).known_keys([name]).get(name)
        if number is None:
            return []
        wanted = (
            select(SNAPSHOTS.c.id, SNAPSHOTS.c.sequence, SNAPSHOTS.c.as_of, SERIES.c.value)
            .join(
                SNAPSHOTS, (SNAPSHOTS.c.dashboard == SERIES.c.dashboard) & (SNAPSHOTS.c.sequence == SERIES.c.sequence)
            )
            .where(SERIES.c.dashboard == self._work.dashboard_key(dashboard_id), SERIES.c.name == number)
            .where(SNAPSHOTS.c.capture_status != "empty")
            .order_by(SNAPSHOTS.c.as_of, SNAPSHOTS.c.sequence)
        )
        wanted = wanted if since is None else wanted.where(SNAPSHOTS.c.as_of >= since)
        wanted = wanted if until is None else wanted.where(SNAPSHOTS.c.as_of <= until)
        return [
            SeriesPoint(snapshot_id=row.id, sequence=row.sequence, as_of=row.as_of, value=row.value)
            for row in self._work.rows(wanted)
        ]


def write_series(work: Work, texts: Texts, *, dashboard_key: int, sequence: int, payload: Payload) -> None:
    """Write the value of every metric panel of a snapshot."""
    metrics = payload.metrics
    if not metrics:
        return
    numbers = texts.keys_of(metrics)
    work.run(
        _INSERT,
        [
            {"dashboard": dashboard_key, "name": numbers[name], "sequence": sequence, "value": metric.value}
            for name, metric in metrics.items()
        ],
    )

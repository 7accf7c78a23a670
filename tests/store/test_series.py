"""Series: what a metric was at each time, for as long as its record stands."""

from __future__ import annotations

from datetime import timedelta

from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.model.payload import Metric, Payload
from stillframe.store import SeriesPoint, Store
from tests.store.cast import NOON, expire_payloads, scene


def test_values_come_by_the_time_that_they_describe(store: Store) -> None:
    """A late value stands where it belongs; empty captures are not among them."""
    here = scene(store)
    for value in (1, 2, 3):
        here.take(value)
    here.take(4, capture_status="empty", moves_head=False)
    here.take(0.5, late=True, moves_head=False, as_of=NOON - timedelta(days=1))
    with store.read() as unit:
        assert [point.value for point in unit.series.values(here.dashboard.id, "papers")] == [0.5, 1, 2, 3]
        later = unit.series.values(
            here.dashboard.id, "papers", since=NOON + timedelta(hours=1), until=NOON + timedelta(hours=1)
        )
        assert [point.sequence for point in later] == [2]
        assert unit.series.values(here.dashboard.id, "nothing") == []


def test_a_value_outlives_the_payload_it_came_from(store: Store, target: str) -> None:
    """A trend over years needs no picture of every day."""
    here = scene(store)
    first, second = here.take(1), here.take(2)
    expire_payloads(target)
    with store.read() as unit:
        assert unit.series.values(here.dashboard.id, "papers") == [
            SeriesPoint(snapshot_id=record.id, sequence=record.sequence, as_of=record.as_of, value=value)
            for record, value in ((first, 1.0), (second, 2.0))
        ]


def test_every_metric_has_its_own_series_and_a_missing_value_is_none(store: Store) -> None:
    """Not measured is not zero."""
    here = scene(store)
    shown = Payload(panels={"papers": Metric(value=None), "tests": Metric(value=7)})
    canonical = canonical_bytes(shown.as_dict())
    first = here.take(1)
    with store.write() as unit:
        head = unit.heads.lock(here.dashboard.id)
        record = type(first)(
            **{name: getattr(first, name) for name in type(first).__slots__}
            | {"id": "h-2", "sequence": head.last_sequence + 1, "content_hash": content_hash(canonical)}
        )
        unit.snapshots.add(record, canonical=canonical, moves_head=True)
        assert [point.value for point in unit.series.values(here.dashboard.id, "papers")] == [1, None]
        assert [point.value for point in unit.series.values(here.dashboard.id, "tests")] == [7]

"""Series: what a metric was at each time, for as long as its record stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stillframe.errors import NotFound
from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.model.payload import Metric, Payload
from stillframe.model.series import SeriesBlock
from stillframe.model.snapshot import SnapshotRecord
from stillframe.store import SeriesPoint, Store
from stillframe.store.packing import PACKED_MOST
from stillframe.store.types import to_millis
from tests.store.cast import NOON, Scene, expire_payloads, scene, statements


def show(here: Scene, shown: Payload, **over: Any) -> SnapshotRecord:
    """Take a snapshot that shows this."""
    canonical = canonical_bytes(shown.as_dict())
    template = here.take(1)
    with here.store.write() as unit:
        head = unit.heads.lock(here.dashboard.id)
        plain = {
            "id": f"h-{head.last_sequence}",
            "sequence": head.last_sequence + 1,
            "parent_snapshot_id": template.id,
            "content_hash": content_hash(canonical),
        }
        record = replace(template, **plain | over)
        unit.snapshots.add(record, canonical=canonical, moves_head=True)
    return record


def block_of(here: Scene, *names: str, **window: Any) -> SeriesBlock:
    with here.store.read() as unit:
        return unit.series.block(here.dashboard.id, names or None, **window)


def test_values_come_by_the_time_that_they_describe(store: Store) -> None:
    """A late value stands where it belongs; empty captures are not among them."""
    here = scene(store)
    for value in (1, 2, 3):
        here.take(value)
    here.take(4, capture_status="empty", moves_head=False)
    here.take(0.5, late=True, moves_head=False, as_of=NOON - timedelta(days=1))
    hour = NOON + timedelta(hours=1)
    with store.read() as unit:
        assert [point.value for point in unit.series.values(here.dashboard.id, "papers")] == [0.5, 1, 2, 3]
        later = unit.series.values(here.dashboard.id, "papers", since=hour, until=hour)
        assert [point.sequence for point in later] == [2]
        assert unit.series.values(here.dashboard.id, "nothing") == []
    assert block_of(here).values == {"papers": [0.5, 1, 2, 3]}
    assert block_of(here, since=hour, until=hour).sequences == [2]


def test_a_block_is_what_the_values_are_side_by_side(store: Store) -> None:
    """Whichever way a trend is read, it is the same trend."""
    here = scene(store)
    taken = [here.take(value, as_of=NOON + timedelta(minutes=value % 3)) for value in range(9)]
    block = block_of(here)
    with store.read() as unit:
        points = unit.series.values(here.dashboard.id, "papers")
    assert list(block.as_of) == [to_millis(point.as_of) for point in points]
    assert list(block.sequences) == [point.sequence for point in points]
    assert list(block.values["papers"]) == [point.value for point in points]
    assert {point.snapshot_id for point in points} == {record.id for record in taken}


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
    assert block_of(here).values == {"papers": [1, 2]}


def test_every_metric_has_its_own_series_and_a_missing_value_is_none(store: Store) -> None:
    """Not measured is not zero, and a snapshot without the metric has no point but a place in the block."""
    here = scene(store)
    show(here, Payload(panels={"papers": Metric(value=None), "tests": Metric(value=7.5)}))
    with store.read() as unit:
        assert [point.value for point in unit.series.values(here.dashboard.id, "papers")] == [1, None]
        assert [point.value for point in unit.series.values(here.dashboard.id, "tests")] == [7.5]
    assert block_of(here).values == {"papers": [1, None], "tests": [None, 7.5]}
    assert block_of(here, "tests", "absent").values == {"tests": [None, 7.5], "absent": [None, None]}


def test_scores_and_measures_are_series_under_the_names_that_a_diff_gives_them(store: Store) -> None:
    """Only numbers: a measure that says a word has no trend."""
    here = scene(store)
    measures = [{"id": "critical", "value": 3}, {"id": "grade", "value": "B"}, {"id": "ok", "value": True}]
    show(here, Payload(panels={}, summaries={"sca": {"score": 71.5, "measures": measures}, "audit": {"score": None}}))
    assert block_of(here).values == {
        "papers": [1, None],
        "sca.score": [None, 71.5],
        "sca.critical": [None, 3],
        "audit.score": [None, None],
    }


def test_more_metrics_than_a_row_holds_are_all_there(store: Store) -> None:
    """A row is bounded, so that it fits into an index whatever a dashboard shows; a snapshot is not."""
    here = scene(store)
    values = {f"m{number}": number / 2 for number in range(2 * PACKED_MOST + 5)}
    for factor in (1, 2):
        show(here, Payload(panels={name: Metric(value=value * factor) for name, value in values.items()}))
    block = block_of(here)
    assert len(block) == 4
    assert block.values["papers"] == [1, None, 1, None]
    assert {name: column[1::2] for name, column in block.values.items() if name != "papers"} == {
        name: [value, value * 2] for name, value in values.items()
    }
    wide = f"m{PACKED_MOST + 1}"
    assert block_of(here, wide).values == {wide: block.values[wide]}


def test_what_is_not_shown_as_the_truth_has_no_values(store: Store) -> None:
    """Neither an empty capture nor what nobody adopted; an accepted one joins, once."""
    here = scene(store)
    here.take(1)
    here.take(2, adopted=False, moves_head=False)
    empty = here.take(3, capture_status="empty", moves_head=False)
    assert block_of(here).values == {"papers": [1]}
    for _ in range(2):
        with store.write() as unit:
            unit.snapshots.accept(empty.id, by="alice", at=NOON)
    assert block_of(here).values == {"papers": [1, 3]}


def test_a_block_of_nothing_is_empty_and_of_nowhere_refused(store: Store) -> None:
    """A dashboard without snapshots has a trend without points."""
    here = scene(store)
    assert block_of(here) == SeriesBlock(as_of=(), sequences=(), values={})
    assert block_of(here, "papers").values == {"papers": ()}
    with store.read() as unit, pytest.raises(NotFound):
        unit.series.block("nowhere")


def test_names_are_all_that_any_snapshot_had(store: Store) -> None:
    """Also of metrics that the dashboard shows no more."""
    here = scene(store)
    show(here, Payload(panels={"tests": Metric(value=7)}))
    with store.read() as unit:
        assert unit.series.names(here.dashboard.id) == {"papers", "tests"}


def test_a_trend_opens_no_payload(store: Store) -> None:
    """A year of hours is read from narrow rows alone."""
    here = scene(store)
    for value in range(5):
        here.take(value)
    with statements() as seen:
        block_of(here)
    assert not [statement for statement in seen if "frames" in statement or "payloads" in statement]

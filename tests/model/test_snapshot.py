"""The record's JSON, and which snapshots others may be compared with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from stillframe.model.payload import Payload
from stillframe.model.snapshot import Snapshot, SnapshotRecord

RECORD = SnapshotRecord(
    id="s-1",
    dashboard_id="d-1",
    sequence=1,
    parent_snapshot_id=None,
    timestamp=datetime(2026, 1, 1, 12, tzinfo=UTC),
    as_of=datetime(2026, 1, 1, 11, tzinfo=UTC),
    initiator="alice",
    trigger_source="push",
    content_hash="0" * 64,
    view_spec_hash="1" * 64,
    capture_status="good",
)


def test_the_json_has_every_member_in_the_documented_order() -> None:
    """Times are text; what is not known is null and not absent."""
    document = RECORD.as_dict()
    assert list(document)[:5] == ["id", "dashboard_id", "sequence", "parent_snapshot_id", "scope"]
    assert document["timestamp"] == "2026-01-01T12:00:00.000Z"
    assert document["as_of"] == "2026-01-01T11:00:00.000Z"
    assert document["reason"] is None
    assert document["lifecycle_state"] == "frozen"
    assert document["retention_class"] == "standard"


def test_a_record_cannot_be_changed() -> None:
    """Frozen is what every snapshot is."""
    with pytest.raises(AttributeError):
        RECORD.reason = "other"  # type: ignore[misc]  # because that is what must not work


@pytest.mark.parametrize(
    ("record", "baseline"),
    [
        (RECORD, True),
        (replace(RECORD, capture_status="partial"), True),
        (replace(RECORD, capture_status="empty"), False),
        (replace(RECORD, adopted=False), False),
        (replace(RECORD, late=True), False),
    ],
)
def test_only_good_adopted_and_timely_snapshots_are_baselines(record: SnapshotRecord, baseline: bool) -> None:
    """Nobody is told of a change against an empty, refused or late picture."""
    assert Snapshot(record=record, payload=Payload(panels={})).is_baseline is baseline

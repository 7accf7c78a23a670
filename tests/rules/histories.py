"""Snapshots of a small dashboard, one after the other, for tests that go through a history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.model.payload import Payload, Primary, Table
from stillframe.model.snapshot import Snapshot, SnapshotRecord

BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)
RECORD = SnapshotRecord(
    id="s0",
    dashboard_id="d-1",
    sequence=1,
    parent_snapshot_id=None,
    timestamp=BEGIN,
    as_of=BEGIN,
    initiator="alice",
    trigger_source="push",
    content_hash="",
    view_spec_hash="1" * 64,
    capture_status="good",
)


def snapshot_of(payload: Payload, place: int, **members: Any) -> Snapshot:
    """Return the snapshot at a place of a history, an hour after the one before."""
    at = BEGIN + place * timedelta(hours=1)
    record = replace(
        RECORD,
        id=f"s{place}",
        sequence=place + 1,
        timestamp=at,
        as_of=at,
        content_hash=content_hash(canonical_bytes(payload.as_dict())),
        **members,
    )
    return Snapshot(record=record, payload=payload)


def board(place: int, **scores: float) -> Snapshot:
    """Return a snapshot that shows a score for each name."""
    rows = [{"id": name, "score": score} for name, score in scores.items()]
    table = Table(key="id", columns=("id", "score"), rows=rows)
    return snapshot_of(Payload(panels={"board": table}, primary=Primary(rows="board")), place)

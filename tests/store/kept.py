"""Snapshots that keep raw reports, decisions and suppressions, with boring defaults."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from stillframe.model.gate import GateRecord, Suppression
from stillframe.model.snapshot import SnapshotRecord
from stillframe.store import PackedReport, packed_report
from tests.store.cast import NOON, Scene, new_id


def bundle(reports: Sequence[PackedReport]) -> tuple[dict[str, Any], ...]:
    """Return what a record says of some reports, and of something else that is no report."""
    entries = [
        {"name": f"{place}.json", "sha256": found.sha256, "bytes": found.size, "format": "sarif"}
        for place, found in enumerate(reports)
    ]
    return ({"name": "members", "sha256": "ab" * 32}, *entries)


def keep(here: Scene, value: float, *reports: bytes, **over: Any) -> SnapshotRecord:
    """Take a snapshot that was made from reports, as a flow does: bytes, record and links in one transaction."""
    found = [packed_report(data) for data in reports]
    with here.store.write() as unit:
        unit.reports.keep(found)
    record = here.take(value, source_bundle=bundle(found), **over)
    with here.store.write() as unit:
        unit.reports.link(record)
    return record


def decision(here: Scene, **over: Any) -> GateRecord:
    """Return a decision about Alice's dashboard."""
    plain = {
        "id": new_id(),
        "project_name": "my-service",
        "dashboard_id": here.dashboard.id,
        "decided_at": NOON,
        "decision": "fail",
        "profile": "standard",
        "profile_digest": "cd" * 32,
        "initiator": "alice",
        "source_ref": "4be1f0a",
        "adopted": False,
        "pre_snapshot_id": new_id(),
        "post_snapshot_id": None,
        "evidence_incomplete": True,
        "answer": {"decision": "fail", "checks": [{"id": "high", "observed": 7, "limit": "≤ 5"}]},
    }
    return GateRecord(**plain | over)


def suppression(**over: Any) -> Suppression:
    """Return a suppression that holds for thirty days from noon."""
    plain = {
        "id": new_id(),
        "project_name": "my-service",
        "finding_id": "f-1",
        "reason": "not reachable",
        "ticket": "SEC-7",
        "created_by": "rita",
        "created_at": NOON,
        "expires_at": NOON + timedelta(days=30),
    }
    return Suppression(**plain | over)

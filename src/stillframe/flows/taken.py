"""What is said of a snapshot that is committed: a line in the log and a figure."""

from __future__ import annotations

import structlog

from stillframe.flows.services import Services
from stillframe.model.snapshot import SnapshotRecord

_log = structlog.get_logger(__name__)


def note_taken(services: Services, record: SnapshotRecord, *, seconds: float) -> None:
    """
    Log and count a snapshot.

    Units   `seconds` from the first comparison to the commit.
    """
    services.metrics.captured(record.capture_status)
    _log.info(
        "snapshot_taken",
        snapshot_id=record.id,
        dashboard_id=record.dashboard_id,
        sequence=record.sequence,
        status=record.capture_status,
        trigger_source=record.trigger_source,
        sources={name: found.get("milliseconds") for name, found in record.capture.items()},
        stored_ms=round(seconds * 1000, 1),
    )

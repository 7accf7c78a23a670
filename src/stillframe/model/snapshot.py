"""A snapshot: the frozen record of one capture, and the payload it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, TypeAlias

from stillframe.model.payload import Payload
from stillframe.model.times import time_text

CaptureStatus: TypeAlias = Literal["good", "empty", "partial"]
TriggerSource: TypeAlias = Literal["manual", "api", "cli", "push", "schedule", "release_gate_pre", "release_gate_post"]
PayloadState: TypeAlias = Literal["present", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRecord:
    """One row, never updated, never deleted: who captured what, when, why, and the hash of what was seen."""

    id: str
    dashboard_id: str
    sequence: int
    parent_snapshot_id: str | None
    scope: str | None = None
    scope_ref: str | None = None
    project_name: str | None = None
    group_id: str | None = None
    timestamp: datetime
    as_of: datetime
    late: bool = False
    """The data describes a time before the head's: stored, and diffed for no subscriber."""
    reason: str | None = None
    initiator: str
    trigger_source: TriggerSource
    analyzer_version: str | None = None
    rule_version: str | None = None
    formula_digest: str | None = None
    source_ref: str | None = None
    immutable: bool = False
    retention_class: str = "standard"
    lifecycle_state: Literal["frozen"] = "frozen"
    content_hash: str
    view_spec_hash: str
    capture_status: CaptureStatus
    adopted: bool = True
    source_bundle: tuple[Mapping[str, Any], ...] = ()
    capture: Mapping[str, Any] = field(default_factory=dict)
    """Timings and row counts of each source: `{source: {rows, milliseconds}}`."""
    payload: PayloadState = "present"
    member_list: int | None = None
    """The number of the list of projects that a group's or portfolio's snapshot speaks of; not part of its JSON."""

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON of the record, member by member in the documented order."""
        document: dict[str, Any] = {name: getattr(self, name) for name in _SHOWN}
        return document | {
            "timestamp": time_text(self.timestamp),
            "as_of": time_text(self.as_of),
            "source_bundle": [dict(found) for found in self.source_bundle],
            "capture": dict(self.capture),
        }


_SHOWN = tuple(name for name in SnapshotRecord.__slots__ if name != "member_list")


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A record together with its payload, which is read when somebody looks."""

    record: SnapshotRecord
    payload: Payload

    @cached_property
    def is_baseline(self) -> bool:
        """Whether later snapshots may be compared with this one for subscribers: good or partial, adopted, and not
        late."""
        return self.record.capture_status != "empty" and self.record.adopted and not self.record.late

"""What one delivery says, before any channel has written it down in its own form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stillframe.model.calm import Importance
from stillframe.model.delivery import DeliveryKind
from stillframe.report.link import SnapshotLink


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    One delivery as every channel's writer gets it.

    Shape   Of `alert`, `resolved` and `digest`: both snapshots, `diff_json` (the diff cut with exact totals) and
            `reason` (the JSON of a verdict). Of `gate`: `gate`, the answer of the release gate. Of `confirm`: none of
            them. `links`: by name. `said`: what a digest or a resolution says beside its diff. `test`: a test send.
    """

    delivery_id: str
    kind: DeliveryKind
    dashboard_id: str
    dashboard_title: str
    subscription_id: str
    created_at: datetime
    links: Mapping[str, str]
    snapshot_a: SnapshotLink | None = None
    snapshot_b: SnapshotLink | None = None
    diff_json: bytes = field(default=b"", repr=False)
    reason: Mapping[str, Any] = field(default_factory=dict)
    gate: Mapping[str, Any] | None = None
    said: Mapping[str, Any] = field(default_factory=dict)
    importance: Importance = "normal"
    max_items: int | None = None
    lasting: bool = False
    """Of an alert: its subscription will also say when it is over."""
    test: bool = False

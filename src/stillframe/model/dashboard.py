"""A live dashboard, its head, and the captures of it that failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stillframe.model.times import time_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """
    What to capture, and whose it is.

    Shape   `view_spec`: the canonical document of the view spec, as `capture.spec` gives and reads it.
    """

    id: str
    slug: str
    title: str
    owner_id: str
    view_spec: Mapping[str, Any]
    view_spec_hash: str
    created_at: datetime
    updated_at: datetime

    def as_dict(self) -> dict[str, Any]:
        document: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        times = {"created_at": time_text(self.created_at), "updated_at": time_text(self.updated_at)}
        spec = {"view_spec_json": dict(self.view_spec)}
        del document["view_spec"]
        return document | spec | times


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """
    Where a dashboard stands: one row that every capture reads, and moves in its own transaction.

    Shape   `last_*`: the newest snapshot of any status. `head_*`: the newest that is good or partial, adopted and not
            late.
    """

    dashboard_id: str
    last_snapshot_id: str | None = None
    last_sequence: int = 0
    last_timestamp: datetime | None = None
    head_snapshot_id: str | None = None
    head_content_hash: str | None = None
    head_as_of: datetime | None = None
    head_view_spec_hash: str | None = None
    rules_version: int = 0
    """Moves whenever a subscription of the dashboard does: rules may be cached by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A capture that failed or was refused: what was tried, when, and why it did not become a snapshot."""

    id: str
    dashboard_id: str
    started_at: datetime
    finished_at: datetime
    initiator: str
    trigger_source: str
    error_code: str
    message: str
    source: str | None = None
    faults: tuple[Mapping[str, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        document: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        times = {"started_at": time_text(self.started_at), "finished_at": time_text(self.finished_at)}
        return document | times | {"faults": [dict(fault) for fault in self.faults]}

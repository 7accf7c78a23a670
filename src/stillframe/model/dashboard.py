"""A live dashboard, its head, and the captures of it that failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from stillframe.model.times import time_text

DashboardKind: TypeAlias = Literal["live", "health"]
"""`live` asks sources or takes pushes; `health` shows a project, a group or a portfolio, and is made with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """
    What to capture, and whose it is.

    Shape   `view_spec`: the canonical document of the view spec, as `capture.spec` gives and reads it. `group_id`: the
            group whose roles decide who may do what with it, by itself or through its project; without one it is its
            owner's. `project`: the project that it is about, if its scope is one.
    """

    id: str
    slug: str
    title: str
    owner_id: str
    view_spec: Mapping[str, Any]
    view_spec_hash: str
    created_at: datetime
    updated_at: datetime
    kind: DashboardKind = "live"
    group_id: str | None = None
    project: str | None = None

    @property
    def scope(self) -> dict[str, str] | None:
        """What the view spec's `scope` says: a project, else a group, else nothing."""
        if self.project is not None:
            return {"project": self.project}
        return None if self.group_id is None else {"group": self.group_id}

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "slug": self.slug,
            "title": self.title,
            "kind": self.kind,
            "owner_id": self.owner_id,
            "scope": self.scope,
            "view_spec_json": dict(self.view_spec),
            "view_spec_hash": self.view_spec_hash,
            "created_at": time_text(self.created_at),
            "updated_at": time_text(self.updated_at),
        }


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

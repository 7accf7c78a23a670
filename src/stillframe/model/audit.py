"""The audit log: one line for every change, and for everything that was refused to somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from stillframe.model.times import time_text

AuditOutcome: TypeAlias = Literal["done", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """
    Who did, or wanted to do, what to which thing.

    Shape   `actor_id` is None where nobody proved who they are. `object`: `project:NAME`, `group:ID`, `dashboard:ID`,
            `user:NAME`, …, or the path that was asked for. `detail`: plain JSON without secrets.
    """

    at: datetime
    actor: str
    actor_id: str | None
    action: str
    object: str
    outcome: AuditOutcome = "done"
    detail: Mapping[str, Any] = field(default_factory=dict)
    request_id: str | None = None
    key: int | None = None
    """The line's number, given by the store."""

    def as_dict(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "at": time_text(self.at),
            "actor": self.actor,
            "actor_id": self.actor_id,
            "action": self.action,
            "object": self.object,
            "outcome": self.outcome,
            "detail": dict(self.detail),
            "request_id": self.request_id,
        }

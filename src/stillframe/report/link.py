"""What a notice says of a snapshot: enough to find it and to prove that it is the same one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stillframe.model.times import time_text


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotLink:
    """
    One snapshot as a notice names it.

    Shape   `content_hash`: SHA-256 of the payload in hex; where it is `redacted`, of what its reader sees. `url`: where
            the snapshot can be read, by those who may.
    """

    id: str
    sequence: int
    timestamp: datetime
    content_hash: str
    url: str
    redacted: bool = False
    """Its reader sees a view, made from the members that are theirs to see."""

    @property
    def timestamp_text(self) -> str:
        return time_text(self.timestamp)

    def as_dict(self) -> dict[str, Any]:
        view = {"redacted": True, "view_hash": self.content_hash} if self.redacted else {}
        return {
            "id": self.id,
            "sequence": self.sequence,
            "timestamp": self.timestamp_text,
            "content_hash": None if self.redacted else self.content_hash,
            "url": self.url,
            **view,
        }

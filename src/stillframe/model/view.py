"""A snapshot as one reader sees it: whole, or recomputed from the members that the reader may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stillframe.model.payload import Payload
from stillframe.model.snapshot import Snapshot, SnapshotRecord

_SIDE = ("id", "sequence", "timestamp", "as_of", "content_hash", "redacted", "view_hash")


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotView:
    """
    A record and a payload as far as one reader may see them.

    Shape   `record`: of a view, what it says of members (status, sources, timings) is of the visible ones.
            `payload`: of a view, recomputed from the visible members' stored values. `view_hash`: the SHA-256 of the
            view's own canonical payload; None when the reader sees the whole, whose name is the `content_hash`.
    Source  docs/reference/semantics.md, "Views".
    """

    record: SnapshotRecord
    payload: Payload
    view_hash: str | None = None

    @property
    def redacted(self) -> bool:
        """Whether this is less than the whole."""
        return self.view_hash is not None

    @property
    def hash(self) -> str:
        """The name of what is seen: the view's hash, or the content's."""
        return self.view_hash or self.record.content_hash

    @property
    def as_snapshot(self) -> Snapshot:
        """What is seen, to be compared with another view of the same reader."""
        return Snapshot(record=self.record, payload=self.payload)

    def record_dict(self) -> dict[str, Any]:
        """Return the JSON of the record; that of a view never says the whole's hash."""
        return seen_record(self.record, view_hash=self.view_hash)

    def side(self) -> dict[str, Any]:
        """Return what a comparison says of each of its two ends."""
        seen = self.record_dict()
        return {name: seen[name] for name in _SIDE}

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON of record and payload together."""
        return {**self.record_dict(), **self.payload.as_dict()}


def seen_record(record: SnapshotRecord, *, view_hash: str | None, redacted: bool | None = None) -> dict[str, Any]:
    """
    Return the JSON of a record for a reader.

    Shape   `redacted`: said when the view's hash is not computed, as in lists; else it follows from `view_hash`.
    """
    partial = view_hash is not None if redacted is None else redacted
    document = record.as_dict() | {"redacted": partial, "view_hash": view_hash}
    return document | {"content_hash": None} if partial else document


def whole(snapshot: Snapshot) -> SnapshotView:
    """Return the view of whoever sees everything."""
    return SnapshotView(record=snapshot.record, payload=snapshot.payload)

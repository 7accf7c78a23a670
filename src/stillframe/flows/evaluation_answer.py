"""What is said of one subscription at one snapshot: what its rule said, whether it was told, and why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from stillframe.model.times import time_text
from stillframe.model.verdict import Outcome

Judged: TypeAlias = Outcome | Literal["not_judged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A delivery that came of it: an id, what kind of notice it is, and where it is now."""

    id: str
    kind: str
    state: str

    def as_dict(self) -> dict[str, Any]:
        return {"id": self.id, "kind": self.kind, "state": self.state}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """Why what was true, or over, was not told when it was judged."""

    at: datetime
    reason: str
    detail: str | None

    def as_dict(self) -> dict[str, Any]:
        return {"at": time_text(self.at), "reason": self.reason, "detail": self.detail}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """
    What became of one subscription at one snapshot, or at one decision of a release gate.

    Shape   `baseline_snapshot_id`: what the snapshot was compared with, None where it was not judged. `verdict`: the
            tree, None where nothing was judged or the payloads are gone. `deliveries`: in the order of their promises.
    """

    snapshot_id: str | None
    decision_id: str | None = None
    sequence: int | None
    as_of: datetime
    timestamp: datetime
    baseline_snapshot_id: str | None = None
    outcome: Judged
    suppressed: HeldBack | None = None
    deliveries: tuple[Sent, ...] = ()
    verdict: Mapping[str, Any] | None = None
    sentence: str

    @property
    def told(self) -> str | None:
        """The kind of the notice that came of it."""
        return self.deliveries[0].kind if self.deliveries else None

    def as_dict(self) -> dict[str, Any]:
        return {
            "snapshot_id": self.snapshot_id,
            "decision_id": self.decision_id,
            "sequence": self.sequence,
            "as_of": time_text(self.as_of),
            "timestamp": time_text(self.timestamp),
            "baseline_snapshot_id": self.baseline_snapshot_id,
            "outcome": self.outcome,
            "told": self.told,
            "suppressed": None if self.suppressed is None else self.suppressed.as_dict(),
            "delivery": self.deliveries[0].as_dict() if self.deliveries else None,
            "deliveries": [sent.as_dict() for sent in self.deliveries],
            "verdict": None if self.verdict is None else dict(self.verdict),
            "sentence": self.sentence,
        }

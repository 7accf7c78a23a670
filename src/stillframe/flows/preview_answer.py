"""What a preview answers: who would have been told when and why, what was held back, and what came close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from stillframe.flows.past import Past
from stillframe.flows.preview_limits import Suggested
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.times import time_text

DAYS_OF_A_MONTH = 365.25 / 12
_DAY = timedelta(days=1)
_PASSED_OVER = ("expired", "empty", "late", "not_adopted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """
    A notice that would have been sent.

    Shape   `reason`: the verdict tree. Of a `gate` there are no two snapshots, and `reason` is the decision.
    """

    at: datetime
    kind: str
    snapshot_a: SnapshotRecord | None = None
    snapshot_b: SnapshotRecord | None = None
    headline: str
    reason: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return {
            "at": time_text(self.at),
            "kind": self.kind,
            "snapshot_a": _side(self.snapshot_a),
            "snapshot_b": _side(self.snapshot_b),
            "headline": self.headline,
            "reason": dict(self.reason),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """What would not have been told although the rule was true, or although an episode was over."""

    at: datetime
    snapshot: SnapshotRecord
    baseline: SnapshotRecord
    reason: str
    detail: str | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "at": time_text(self.at),
            "snapshot_a": _side(self.baseline),
            "snapshot_b": _side(self.snapshot),
            "reason": self.reason,
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """
    A snapshot that came close to the rule without meeting it.

    Units   `share`: of the limit; of several, of the one that was farthest off.
    """

    share: float
    snapshot: SnapshotRecord
    baseline: SnapshotRecord
    sentence: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "at": time_text(self.snapshot.timestamp),
            "snapshot_a": _side(self.baseline),
            "snapshot_b": _side(self.snapshot),
            "share": self.share,
            "sentence": self.sentence,
        }


@dataclass(frozen=True, kw_only=True)
class Preview:
    """
    What a subscription would have told in a period, had it been made at the oldest snapshot.

    Shape   `near_misses`: nearest first. `judged`: snapshots at which the rule was judged; `unknown`: of those at which
            it could not be. `paused_at`: when a new baseline made a pin incomparable.
    """

    past: Past
    notices: Sequence[Noticed] = ()
    suppressed: Sequence[Suppressed] = ()
    near_misses: Sequence[NearMiss] = ()
    passed_over: Mapping[str, int] = field(default_factory=dict)
    rebased: Sequence[SnapshotRecord] = ()
    paused_at: datetime | None = None
    judged: int = 0
    unknown: int = 0
    limits: Sequence[Suggested] = ()

    @property
    def months(self) -> float:
        """How long the period is, from its first snapshot to its end."""
        return months_of(self.past)

    @property
    def per_month(self) -> float | None:
        """How many notices a month that is; None of a period without length."""
        return round(len(self.notices) / self.months, 2) if self.months else None

    def as_dict(self) -> dict[str, Any]:
        return {
            "dashboard_id": self.past.dashboard.id,
            "period": self._period(),
            "notices": [found.as_dict() for found in self.notices],
            "suppressed": [found.as_dict() for found in self.suppressed],
            "near_misses": [found.as_dict() for found in self.near_misses],
            "skipped": {name: self.passed_over.get(name, 0) for name in _PASSED_OVER},
            "rebased": [_side(record) for record in self.rebased],
            "paused_at": None if self.paused_at is None else time_text(self.paused_at),
            "judged": self.judged,
            "unknown": self.unknown,
            "per_month": self.per_month,
            "limits": [found.as_dict() for found in self.limits],
        }

    def _period(self) -> dict[str, Any]:
        first = self.past.records[0] if self.past.records else None
        return {
            "from": None if first is None else time_text(first.timestamp),
            "to": time_text(self.past.until),
            "snapshots": len(self.past.records),
            "cut": self.past.cut,
        }


def months_of(past: Past) -> float:
    """Return how many months a past lasts."""
    if not past.records:
        return 0.0
    return max(0.0, (past.until - past.records[0].timestamp) / _DAY / DAYS_OF_A_MONTH)


def _side(record: SnapshotRecord | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return {"id": record.id, "sequence": record.sequence, "timestamp": time_text(record.timestamp)}

"""What a transaction promised: which sends this process has claimed, and how many go another way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from stillframe.flows.dispatch import DispatchReport
from stillframe.flows.letters import Evidence, EvidenceKey
from stillframe.store import Claimed, Promised


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What a transaction promised: the sends this process has claimed, and how many go another way."""

    claimed: tuple[Claimed, ...] = ()
    evidence: Mapping[EvidenceKey, Evidence] = field(default_factory=dict)
    told: int = 0
    queued: int = 0
    deferred: int = 0
    suppressed: int = 0

    def joined(self, other: Promise) -> Promise:
        """Return both as one: what a snapshot promised, and what a decision about it did."""
        return Promise(
            claimed=self.claimed + other.claimed,
            evidence={**self.evidence, **other.evidence},
            told=self.told + other.told,
            queued=self.queued + other.queued,
            deferred=self.deferred + other.deferred,
            suppressed=self.suppressed + other.suppressed,
        )

    @property
    def matched(self) -> int:
        """How many subscriptions' rules were true, told or not."""
        return len(self.claimed) + self.told + self.queued + self.deferred + self.suppressed

    def report(self, *, budget_ms: int, sends: Counter[str] | None = None) -> DispatchReport:
        """Return the counts for an answer; without `sends` every claimed delivery is still queued."""
        ended = sends if sends is not None else Counter({"queued": len(self.claimed)})
        return DispatchReport(
            matched=self.matched,
            delivered=self.told + ended["delivered"],
            queued=self.queued + ended["queued"],
            failed=ended["failed"],
            deferred=self.deferred,
            suppressed=self.suppressed,
            budget_ms=budget_ms,
        )


def promise_of(promised: Promised, evidence: Mapping[EvidenceKey, Evidence]) -> Promise:
    """Return what the outbox took, with what its letters say."""
    return Promise(
        claimed=promised.claimed,
        evidence=evidence,
        told=len(promised.personas),
        queued=promised.queued,
        deferred=promised.deferred,
        suppressed=promised.suppressed,
    )

"""Release gates: what a profile checks, what was decided and why, and which findings somebody answers for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias, get_args

from stillframe.model.facts import GateDecision, Severity
from stillframe.model.payload import Number
from stillframe.model.times import time_text

CheckType: TypeAlias = Literal["security", "quality", "testing", "compliance", "review", "custom"]
CheckSeverity: TypeAlias = Literal["blocker", "warning", "info"]
CheckStatus: TypeAlias = Literal["pass", "fail", "skipped", "suppressed"]
OnMissing: TypeAlias = Literal["skip", "fail"]

CHECK_TYPES: tuple[CheckType, ...] = get_args(CheckType)
CHECK_SEVERITIES: tuple[CheckSeverity, ...] = get_args(CheckSeverity)
ON_MISSING: tuple[OnMissing, ...] = get_args(OnMissing)
DECISIONS: tuple[GateDecision, ...] = get_args(GateDecision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """
    One thing that a profile asks of a candidate, in one of three forms.

    Shape   `findings`: count the open findings of this severity in the dimensions `within`. `metric`: take a metric by
            its name (`quality.coverage.line`, `compliance.score`). `forbid`: a rule, as its JSON, that must not be true
            of what changed since the adopted state. The first two have `at_most`, `at_least` or both.
    """

    id: str
    type: CheckType
    severity: CheckSeverity
    title: str = ""
    findings: Severity | None = None
    within: tuple[str, ...] = ()
    metric: str | None = None
    forbid: Mapping[str, Any] | None = None
    at_most: float | None = None
    at_least: float | None = None
    on_missing: OnMissing = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """
    A named set of checks.

    Shape   `digest`: SHA-256 of its canonical document, in hex: what a decision names it by. `source`: `built-in`, the
            file's name, or `given` with the request.
    """

    name: str
    title: str
    checks: tuple[Check, ...]
    digest: str
    document: Mapping[str, Any]
    source: str = "given"

    def as_dict(self) -> dict[str, Any]:
        return {**self.document, "digest": self.digest, "source": self.source}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """
    A finding of a project that a reviewer answers for until a day.

    Shape   `lifted_at`: when somebody took it back before it expired.
    """

    id: str
    project_name: str
    finding_id: str
    reason: str
    ticket: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    lifted_at: datetime | None = None
    lifted_by: str | None = None

    def is_active(self, now: datetime) -> bool:
        """Whether it holds now: it expires by itself, and its last moment is not part of it."""
        return self.lifted_at is None and now < self.expires_at

    def as_dict(self, *, now: datetime) -> dict[str, Any]:
        times = ("created_at", "expires_at", "lifted_at")
        document: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        state = "active" if self.is_active(now) else "lifted" if self.lifted_at is not None else "expired"
        written = {name: None if document[name] is None else time_text(document[name]) for name in times}
        return document | written | {"state": state}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """
    How one check went, with what was seen and what was allowed.

    Shape   `observed`: a number, or for `forbid` whether the rule was true; None where there is no data. `limit`: as
            text (`= 0`, `>= 0.55`, `not {…}`). `title`: the profile's, so that a kept answer explains itself.
            `suppressed`: how many findings it did not count because somebody answers for them. `missing`: what it asked
            for and nobody measured: dimensions, or a metric. `witnesses`: at most five of what made it fail or was
            suppressed; a finding is `{id, title, location}`, a rule's are those of its verdict.
    """

    id: str
    type: CheckType
    severity: CheckSeverity
    status: CheckStatus
    observed: Number | bool | None
    limit: str
    message: str
    title: str = ""
    suppressed: int = 0
    missing: tuple[str, ...] = ()
    witnesses: tuple[Mapping[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        document: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        return document | {"missing": list(self.missing), "witnesses": [dict(found) for found in self.witnesses]}


@dataclass(frozen=True, slots=True, kw_only=True)
class GateVerdict:
    """
    What a gate decided of one candidate, and why.

    Shape   `evidence_incomplete`: a blocker had no data at all, whether it was skipped or failed for it, so the
            decision says less than the profile asks. `suppressions`: those that changed what a check counted.
    """

    decision: GateDecision
    checks: tuple[CheckResult, ...]
    evidence_incomplete: bool
    suppressions: Sequence[Suppression] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many checks: `blockers_failed`, `warnings_failed`, `skipped`, `suppressed`."""
        return {
            "blockers_failed": sum(c.status == "fail" and c.severity == "blocker" for c in self.checks),
            "warnings_failed": sum(c.status == "fail" and c.severity == "warning" for c in self.checks),
            "skipped": sum(c.status == "skipped" for c in self.checks),
            "suppressed": sum(c.status == "suppressed" for c in self.checks),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRecord:
    """
    One decision as history keeps it: written once, never changed.

    Shape   `answer`: the frozen answer as it was given then.
    """

    id: str
    project_name: str
    dashboard_id: str
    decided_at: datetime
    decision: GateDecision
    profile: str
    profile_digest: str
    initiator: str
    source_ref: str | None
    adopted: bool
    pre_snapshot_id: str | None
    post_snapshot_id: str | None
    evidence_incomplete: bool
    answer: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return the line of a list: everything but the whole answer."""
        document: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__ if name != "answer"}
        return document | {"decided_at": time_text(self.decided_at)}

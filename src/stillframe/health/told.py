"""What all reports of a project say together, each question answered once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stillframe.model.facts import (
    Complexity,
    Component,
    Coverage,
    Finding,
    GateDecision,
    Part,
    PolicyCheck,
    Severity,
    Share,
    Suite,
)
from stillframe.model.payload import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVulnerability:
    """
    One vulnerability of one package, whatever names the reports have for it.

    Shape   `id`: `PACKAGE:CANONICAL`. `severity`: the worst that any report gives; `medium` where none does.
            `suppressed`: every report that names it says so.
    """

    id: str
    package: str
    severity: Severity
    severity_unknown: bool
    title: str
    suppressed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """
    How much code there is, and who counted it.

    Shape   `source`: `bandit`, `radon`, `coverage`, or `given` with the request.
    """

    lines: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    What all reports say together.

    What is None nobody looked at; what is empty was looked at, and there is none.

    Shape   `findings`: by the part that they were looked for in, each finding once, the suppressed ones too. `failed`:
            the parts that a tool was to look for findings in when its own run failed. `measuring_failed`: the same of a
            tool that measures quality. `summaries`: those that a report brought, by
            dimension.
    """

    findings: Mapping[Part, Sequence[Finding]] = field(default_factory=dict)
    taint_paths: bool = False
    vulnerabilities: Sequence[KnownVulnerability] | None = None
    components: Sequence[Component] | None = None
    policy_checks: Sequence[PolicyCheck] | None = None
    coverage: Coverage = field(default_factory=Coverage)
    documentation: Share | None = None
    complexity: Complexity | None = None
    definitions: int | None = None
    unused: Sequence[Finding] | None = None
    tests: Suite | None = None
    size: Size | None = None
    gate: GateDecision | None = None
    gate_counts: Mapping[str, int] | None = None
    failed: frozenset[Part] = frozenset()
    measuring_failed: bool = False
    summaries: Mapping[str, Any] = field(default_factory=dict)
    rows: Sequence[Row] | None = None


def open_findings(found: Sequence[Finding] | None) -> list[Finding] | None:
    """Return those that the tool was not told to accept; None where nobody looked."""
    return None if found is None else [finding for finding in found if not finding.suppressed]

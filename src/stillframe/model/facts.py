"""What tool reports say, as plain facts: findings, counts and shares, before anything is scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from stillframe.model.payload import Row

Severity: TypeAlias = Literal["critical", "high", "medium", "low", "info"]
Part: TypeAlias = Literal["audit", "compliance", "release", "sca", "quality"]
"""The dimensions that the health score is made of."""
GateDecision: TypeAlias = Literal["pass", "warn", "fail"]
CodeSizeSource: TypeAlias = Literal["bandit", "radon", "coverage"]

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""The worst first."""
PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One thing that an analyser found in the code, or one test that failed.

    Shape   `id`: the same for the same finding in every report; a line number is no part of it. `file`: relative to the
            project's root where that is known. `suppressed`: the tool itself was told to accept it. `tainted`: the tool
            followed a value from where it enters to where it does harm.
    Units   `line` counts from 1; it is for people and never part of a picture.
    """

    id: str
    part: Part
    severity: Severity
    title: str
    rule: str = ""
    file: str | None = None
    line: int | None = None
    suppressed: bool = False
    tainted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vulnerability:
    """
    One known vulnerability of one package that the project depends on.

    Shape   `package`: a package URL without its version (`pkg:pypi/jinja2`). `ids`: every name of it that the report
            gives, its own first (`PYSEC-2021-66`, `CVE-2020-28493`, `GHSA-g3rq-g295-4j3m`). `severity`: None where the
            report does not say. `suppressed`: the report says that it does not affect, or was told to accept it.
    """

    package: str
    version: str | None
    ids: tuple[str, ...]
    severity: Severity | None
    title: str
    suppressed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """
    One package that the project is made of.

    Shape   `licences`: the choices that its licence gives, each the SPDX ids that hold together: `MIT OR (GPL-2.0-only
            AND Zlib)` is ({MIT}, {GPL-2.0-only, Zlib}). Empty where none is declared; names that are no SPDX id stand
            as they were written.
    """

    package: str
    version: str | None
    licences: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """
    So many of so many.

    >>> Share(part=5, whole=6).value
    0.8333333333333334
    >>> Share(part=0, whole=0).value is None
    True
    """

    part: float
    whole: float

    @property
    def value(self) -> float | None:
        """The part as a fraction of the whole; None of nothing."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """
    What the tests ran, by definition: lines and branches are two figures, and never stand in for one another.

    Shape   A report that gives only a rate is read as that rate of 1. None is what the report does not say.
            `functions`: LCOV and some Cobertura writers.
    """

    line: Share | None = None
    branch: Share | None = None
    functions: Share | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Complexity:
    """
    Cyclomatic complexity over all blocks.

    Units   `total`: the sum over `blocks` functions, methods and classes. `highest`: of one block.
    """

    total: float
    blocks: int
    highest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """How many tests ended how."""

    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.errors + self.skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCheck:
    """
    One check of a policy that somebody else runs, such as one of OpenSSF Scorecard's.

    Units   `score` 0 to 10; None where the tool could not measure it.
    """

    id: str
    score: float | None
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSize:
    """
    How much code there is.

    Units   Lines of code without comments and blanks, as the tool that is named counts them.
    """

    lines: int
    source: CodeSizeSource


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """
    Everything that one report says.

    A member that is None was not looked at by this report; one that is empty was looked at, and there is none. `failed`
    says why the report's own run failed: then nothing in it was measured, which is not the same as nothing found.

    Shape   `format`: the reader's name. `reader`: the version of the reader. `looks_for`: the parts that the tool's
            findings speak of, also where it found none; of a run that failed, the parts that are not measured for it.
            `tool`, `version`: what wrote the report, as it says itself. `taint_paths`: whether the tool looks for paths
            of tainted values. `definitions`: how many functions, methods and classes there are. `unused`: findings of
            dead code. `summaries` and `rows`: of a `stillframe.summary/1`, as payloads have them. `gate`: what a
            release gate decided, with `gate_counts`.
    """

    format: str
    reader: int
    tool: str | None = None
    version: str | None = None
    failed: str | None = None
    findings: Sequence[Finding] | None = None
    looks_for: tuple[Part, ...] = ()
    taint_paths: bool = False
    vulnerabilities: Sequence[Vulnerability] | None = None
    components: Sequence[Component] | None = None
    policy_checks: Sequence[PolicyCheck] | None = None
    coverage: Coverage | None = None
    documentation: Share | None = None
    complexity: Complexity | None = None
    definitions: int | None = None
    unused: Sequence[Finding] | None = None
    tests: Suite | None = None
    test_outcomes: Mapping[str, str] | None = None
    """By test id, where one run must not contradict another: `passed`, `failed`, `error` or `skipped`."""
    code_size: CodeSize | None = None
    summaries: Mapping[str, Any] | None = None
    rows: Sequence[Row] | None = None
    gate: GateDecision | None = None
    gate_counts: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """
    One report with the name it came under.

    Shape   `sha256`: of its bytes, in hex.
    """

    name: str
    sha256: str
    size: int
    facts: ReportFacts

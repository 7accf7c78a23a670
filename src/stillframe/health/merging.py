"""Many reports, one answer to each question; two that answer one question differently are refused, both by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeVar

from stillframe.errors import Fault
from stillframe.health.audit import CODE_SIZE_ORDER
from stillframe.health.findings import merged_findings
from stillframe.health.scored import SHARE_TOLERANCE
from stillframe.health.shards import SuiteAnswer, merged_suites
from stillframe.health.told import Size, Told
from stillframe.health.vulnerabilities import merged_vulnerabilities
from stillframe.model.facts import (
    PARTS,
    Complexity,
    Coverage,
    Evidence,
    Finding,
    Part,
    PolicyCheck,
    ReportFacts,
    Share,
)

_Answer = TypeVar("_Answer")
_LINES: Final = 1_000
_SLACK: Final = 1e-9
GIVEN: Final = "given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """
    What reports say together, and where they contradict each other.

    Shape   `faults`: one for each contradiction, naming both files.
    """

    told: Told
    faults: tuple[Fault, ...] = ()


@dataclass(slots=True)
class _Asking:
    """Asks every report the same questions and notes where two answers differ."""

    evidence: Sequence[Evidence]
    faults: list[Fault] = field(default_factory=list)

    def said(self, take: Callable[[ReportFacts], _Answer | None]) -> list[tuple[str, _Answer]]:
        """Return every answer there is, with the name of who gave it."""
        every = [(found.name, take(found.facts)) for found in self.evidence]
        return [(name, answer) for name, answer in every if answer is not None]

    def one(
        self,
        take: Callable[[ReportFacts], _Answer | None],
        *,
        what: str,
        figure: Callable[[_Answer], float],
        slack: float = 0,
        finest: Callable[[_Answer], Any] | None = None,
    ) -> _Answer | None:
        """Return the one answer to a question; of equal ones the `finest`, else the first."""
        answers = self.said(take)
        if not answers:
            return None
        name, best = answers[0] if finest is None else max(answers, key=lambda said: finest(said[1]))
        for other, answer in answers:
            if abs(figure(answer) - figure(best)) > slack + _SLACK:
                self.clash(name, other, what=what, answers=(f"{figure(best):g}", f"{figure(answer):g}"))
        return best

    def share(self, take: Callable[[ReportFacts], Share | None], *, what: str) -> Share | None:
        """Return the one share; of equal ones that which counts most exactly."""
        return self.one(
            lambda facts: None if (found := take(facts)) is None or found.value is None else found,
            what=what,
            figure=_value,
            slack=SHARE_TOLERANCE,
            finest=lambda found: (found.whole, found.part),
        )

    def same(self, take: Callable[[ReportFacts], _Answer | None], *, what: str) -> _Answer | None:
        """Return the one answer where only the same answer is equal."""
        answers = self.said(take)
        for name, answer in answers[1:]:
            if answer != answers[0][1]:
                self.clash(answers[0][0], name, what=what, answers=(f"{answers[0][1]!r}", f"{answer!r}"))
        return answers[0][1] if answers else None

    def clash(self, one: str, other: str, *, what: str, answers: tuple[str, str]) -> None:
        self.faults.append(contradiction(one, other, what=what, answers=answers))


def contradiction(one: str, other: str, *, what: str, answers: tuple[str, str]) -> Fault:
    """Return the fault of two reports that answer one question differently."""
    (first, mine), (second, theirs) = sorted(zip((one, other), answers, strict=True))
    message = f"says {theirs[:200]} of {what}, and {first} says {mine[:200]}: two reports contradict each other"
    return Fault(path=second, message=message)


def in_order(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Return each report once, whatever the order in which they came; the same bytes are one report."""
    by_hash: dict[str, Evidence] = {}
    for found in sorted(evidence, key=lambda each: (each.name, each.sha256)):
        by_hash.setdefault(found.sha256, found)
    return list(by_hash.values())


def merged(evidence: Iterable[Evidence], *, kloc: float | None = None) -> Merged:
    """
    Return what reports say together.

    Shape   `kloc`: thousand lines of code, where no report counts them.
    Source  docs/reference/health-score.md, "Many reports".
    """
    found = in_order(evidence)
    failures = [each.facts for each in found if each.facts.failed is not None]
    asking = _Asking([each for each in found if each.facts.failed is None])
    facts = [each.facts for each in asking.evidence]
    tests, test_faults = merged_suites(
        SuiteAnswer(name=each.name, suite=each.facts.tests, outcomes=each.facts.test_outcomes or {})
        for each in asking.evidence
        if each.facts.tests is not None
    )
    asking.faults += test_faults
    vulnerabilities = _all(each.vulnerabilities for each in facts)
    unused = _all(each.unused for each in facts)
    told = Told(
        findings=_findings(facts),
        taint_paths=any(each.taint_paths for each in facts),
        vulnerabilities=None if vulnerabilities is None else merged_vulnerabilities(vulnerabilities),
        components=_all(each.components for each in facts),
        policy_checks=_policy_checks(asking),
        coverage=_coverage(asking),
        documentation=asking.share(lambda said: said.documentation, what="documentation"),
        complexity=_complexity(asking),
        definitions=asking.one(lambda said: said.definitions, what="the number of definitions", figure=float),
        unused=None if unused is None else merged_findings(unused),
        tests=tests,
        size=_size(asking, kloc),
        gate=asking.same(lambda said: said.gate, what="the release gate"),
        gate_counts=asking.same(lambda said: said.gate_counts, what="the release gate's checks"),
        failed=frozenset(part for each in failures for part in each.looks_for),
        measuring_failed=any(not each.looks_for for each in failures),
        summaries=_summaries(asking),
        rows=_all(each.rows for each in facts),
    )
    return Merged(told=told, faults=tuple(asking.faults))


def looked_for(facts: ReportFacts) -> set[Part]:
    """
    Return the parts that a report's findings speak of: those that it names, and those of what it found; of tests, the
    release.
    """
    if facts.findings is None:
        return set()
    tests: set[Part] = set() if facts.tests is None else {"release"}
    return {*facts.looks_for, *(found.part for found in facts.findings), *tests}


def failed_parts(facts: ReportFacts) -> tuple[Part, ...]:
    """Return the parts that a failed run should have fed: of a tool that looks for no findings, quality."""
    return tuple(part for part in PARTS if part in (facts.looks_for or ("quality",)))


def _findings(facts: Sequence[ReportFacts]) -> Mapping[Part, Sequence[Finding]]:
    parts = {part for each in facts for part in looked_for(each)}
    every = merged_findings(found for each in facts for found in each.findings or ())
    return {part: [found for found in every if found.part == part] for part in PARTS if part in parts}


def _all(found: Iterable[Sequence[_Answer] | None]) -> list[_Answer] | None:
    """Return the items of all lists that are there; None where none is."""
    lists = [each for each in found if each is not None]
    return [item for each in lists for item in each] if lists else None


def _coverage(asking: _Asking) -> Coverage:
    return Coverage(
        line=asking.share(lambda said: said.coverage.line if said.coverage else None, what="line coverage"),
        branch=asking.share(lambda said: said.coverage.branch if said.coverage else None, what="branch coverage"),
        functions=asking.share(
            lambda said: said.coverage.functions if said.coverage else None, what="function coverage"
        ),
    )


def _complexity(asking: _Asking) -> Complexity | None:
    def take(facts: ReportFacts) -> Complexity | None:
        return facts.complexity if facts.complexity and facts.complexity.blocks else None

    asking.one(take, what="the highest complexity", figure=lambda found: found.highest, slack=SHARE_TOLERANCE)
    return asking.one(
        take,
        what="the average complexity",
        figure=lambda found: found.total / found.blocks,
        slack=SHARE_TOLERANCE,
        finest=lambda found: (found.blocks, found.total),
    )


def _size(asking: _Asking, kloc: float | None) -> Size | None:
    sizes: dict[str, Size] = {}
    for source in CODE_SIZE_ORDER:

        def take(facts: ReportFacts, source: str = source) -> int | None:
            return facts.code_size.lines if facts.code_size and facts.code_size.source == source else None

        lines = asking.one(take, what=f"the lines of code that {source} counts", figure=float)
        if lines:  # a tool that found no code has not counted any
            sizes[source] = Size(lines=lines, source=source)
    if kloc is not None:
        sizes[GIVEN] = Size(lines=kloc * _LINES, source=GIVEN)
    return next((sizes[source] for source in CODE_SIZE_ORDER if source in sizes), None)


def _policy_checks(asking: _Asking) -> tuple[PolicyCheck, ...] | None:
    answers = asking.said(lambda said: said.policy_checks)
    if not answers:
        return None
    found: dict[str, tuple[str, PolicyCheck]] = {}
    for name, check in _each_check(answers):
        other, known = found.get(check.id, (name, check))
        if known.score is not None and check.score is not None and abs(known.score - check.score) > _SLACK:
            asking.clash(other, name, what=f"the check {check.id}", answers=(f"{known.score:g}", f"{check.score:g}"))
        if check.id not in found or known.score is None:
            found[check.id] = (name, check)
    return tuple(found[name][1] for name in sorted(found))


def _each_check(answers: Iterable[tuple[str, Sequence[PolicyCheck]]]) -> Iterator[tuple[str, PolicyCheck]]:
    for name, checks in answers:
        for check in checks:
            yield name, check


def _summaries(asking: _Asking) -> Mapping[str, Any]:
    names = sorted({dimension for _, given in asking.said(lambda said: said.summaries) for dimension in given})
    return {name: asking.same(partial(_summary, name=name), what=f"the summary {name}") for name in names}


def _summary(facts: ReportFacts, *, name: str) -> Mapping[str, Any] | None:
    return None if facts.summaries is None else facts.summaries.get(name)


def _value(found: Share) -> float:
    return found.part / found.whole

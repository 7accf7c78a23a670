"""Test runs that were divided among several reports, added up again; a test has one outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from stillframe.errors import Fault
from stillframe.model.facts import Suite

_MEMBERS: Final[Mapping[str, str]] = {"passed": "passed", "failed": "failed", "error": "errors", "skipped": "skipped"}
"""Which count of a suite each outcome belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteAnswer:
    """One report's tests, and how each ended by its id, where the report says."""

    name: str
    suite: Suite
    outcomes: Mapping[str, str] = field(default_factory=dict)


def merged_suites(answers: Iterable[SuiteAnswer]) -> tuple[Suite | None, list[Fault]]:
    """
    Return all tests together, and a fault for each two reports that let one test end in two ways.

    A test that two reports name with one outcome is counted once.

    Source  docs/reference/health-score.md, "Many reports".
    """
    counts: Counter[str] = Counter()
    owners: dict[str, tuple[str, str]] = {}
    clashes: dict[tuple[str, str], list[str]] = {}
    read = False
    for answer in answers:
        read = True
        counts.update({name: getattr(answer.suite, name) for name in _MEMBERS.values()})
        for test, outcome in answer.outcomes.items():
            owner, known = owners.setdefault(test, (answer.name, outcome))
            if known != outcome:
                clashes.setdefault((owner, answer.name), []).append(test)
            elif owner != answer.name:
                counts[_MEMBERS[outcome]] -= 1
    suite = Suite(**{name: max(0, counts[name]) for name in _MEMBERS.values()}) if read else None
    return suite, [_fault(*names, tests) for names, tests in sorted(clashes.items())]


def _fault(one: str, other: str, tests: list[str]) -> Fault:
    first, more = min(tests), len(tests) - 1
    also = f", and of {more} more tests" if more else ""
    message = f"of the test {first[:200]!r}{also} another outcome than in {one}: two reports contradict each other"
    return Fault(path=other, message=message)

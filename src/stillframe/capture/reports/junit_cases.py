"""What a JUnit report says of every test, read as a stream: how it ended, and the first words of why."""

from __future__ import annotations

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from stillframe.capture.reports.documents import MOST_FINDINGS, too_many
from stillframe.capture.reports.identity import LONGEST_ID
from stillframe.capture.reports.interface import Report
from stillframe.model.facts import Suite

Outcome: TypeAlias = Literal["error", "failed", "skipped", "passed"]

MOST_TESTS: Final = 500_000
MOST_NAME_BYTES: Final = 128 * 1024 * 1024
"""Of the names and first lines of all tests, as they are in memory."""
LONGEST_TITLE: Final = 300
_WORST_FIRST: Final[tuple[Outcome, ...]] = ("error", "failed", "skipped", "passed")
_OUTCOMES: Final[dict[str, Outcome]] = {"error": "error", "failure": "failed", "skipped": "skipped"}
_AGAIN: Final = frozenset({"flakyFailure", "flakyError", "rerunFailure", "rerunError"})
_NOT_RUN: Final = frozenset({"notrun", "disabled", "skipped", "ignored"})
"""As GoogleTest and CTest say it in the attribute `status`."""
_ADDRESS: Final = re.compile(r"\b0x[0-9A-Fa-f]{6,16}\b")
_LONGEST_WHY: Final = 4_096
_SPACE: Final = re.compile(r"\s+")


@dataclass(slots=True)
class _Suite:
    """One suite while it is open; what it holds counts in those around it too."""

    name: str
    said: Mapping[str, int]
    cases: int = 0
    bad: int = 0
    again: bool = False


@dataclass(slots=True)
class _Case:
    """
    One test while it is open, or what a suite says of itself.

    Shape   `depth`: of its element. `why_from`: the depth of the element whose text says why; 0 of none.
    """

    test: str
    depth: int
    outcome: Outcome = "passed"
    why: str = ""
    why_from: int = 0


class TestCases:
    """
    The visitor of a JUnit report.

    Shape   `outcomes`: by test id, `classname::name`; of several with one id the worst. `titles`: of each test that
            failed or could not run, why in one line. `name`: of the suite around all.
    Errors  CaptureRefused for more tests than are read, and for suites that say that tests failed and show none.
    Source  docs/reference/reports.md, "JUnit XML".
    """

    __test__ = False

    def __init__(self, report: Report, *, of: str) -> None:
        self.name = ""
        self.outcomes: dict[str, str] = {}
        self.titles: dict[str, str] = {}
        self._report = report
        self._of = of
        self._counts: Counter[Outcome] = Counter()
        self._name_bytes = 0
        self._path: list[str] = []
        self._suites: list[_Suite] = []
        self._case: _Case | None = None

    def suite(self) -> Suite:
        """Return how many tests ended how; every test case counts, two of one id are two."""
        count = self._counts
        return Suite(passed=count["passed"], failed=count["failed"], errors=count["error"], skipped=count["skipped"])

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        inside = self._path[-1] if self._path else ""
        self._path.append(name)
        if name in {"testsuite", "testsuites"}:
            self._open_suite(attributes)
        elif self._case is not None:
            if len(self._path) == self._case.depth + 1:
                self._see(self._case, name, attributes)
        elif name == "testcase" and self._suites:
            skipped = attributes.get("status", "").lower() in _NOT_RUN
            test = _test_id(attributes.get("classname", ""), attributes.get("name", ""))
            self._case = _Case(test, len(self._path), "skipped" if skipped else "passed")
        elif inside == "testsuite" and name in {"error", "failure"}:
            self._case = _Case(_test_id("", self._suites[-1].name), len(self._path))
            self._see(self._case, name, attributes)

    def text(self, piece: str) -> None:
        case = self._case
        if case is not None and case.why_from == len(self._path) and len(case.why) < _LONGEST_WHY:
            case.why = (case.why + piece[:_LONGEST_WHY]).lstrip()

    def closed(self, name: str) -> None:
        depth = len(self._path)
        self._path.pop()
        if name in {"testsuite", "testsuites"}:
            self._close_suite(self._suites.pop())
        elif self._case is not None and depth <= self._case.depth + 1:
            self._case.why_from = 0
            if depth == self._case.depth:
                self._suites[-1].cases += 1
                self._take(self._case)
                self._case = None

    def _see(self, case: _Case, name: str, attributes: Mapping[str, str]) -> None:
        """Take in what a child of a test says of it; a failure that a later run of it mended is none."""
        outcome = _OUTCOMES.get(name)
        self._suites[-1].again |= name in _AGAIN
        if outcome is None:
            return
        worse = outcome if case.outcome == "passed" else _worse(outcome, case.outcome)
        if outcome != "skipped" and (worse != case.outcome or not case.why):
            case.why = attributes.get("message", "").strip()[:_LONGEST_WHY]
            case.why_from = 0 if case.why else len(self._path)
        case.outcome = worse

    def _open_suite(self, attributes: Mapping[str, str]) -> None:
        name = attributes.get("name", "")
        self.name = self.name or name
        said = {what: _number(attributes.get(what)) for what in ("tests", "failures", "errors", "skipped")}
        self._suites.append(_Suite(name=name, said=said))

    def _close_suite(self, suite: _Suite) -> None:
        said_bad = suite.said["failures"] + suite.said["errors"]
        if said_bad and not suite.bad and not suite.again:
            self._suite_of_nothing_bad(suite, said_bad)
        elif suite.said["tests"] > suite.said["skipped"] and not suite.cases:
            raise self._contradicts(suite, f"it says that it holds {suite.said['tests']} tests, and holds none")
        if self._suites:
            around = self._suites[-1]
            around.cases += suite.cases
            around.bad += suite.bad
            around.again |= suite.again

    def _suite_of_nothing_bad(self, suite: _Suite, said_bad: int) -> None:
        """Jest's writer counts a file that could not be loaded as an error of its suite, and writes no test for it."""
        if suite.cases or suite.said["tests"] > said_bad:
            raise self._contradicts(suite, f"it says that {said_bad} of its tests failed, and shows none that did")
        self._suites.append(suite)
        self._take(_Case(_test_id("", suite.name), 0, "error", "the suite could not be run"))
        self._suites.pop()

    def _contradicts(self, suite: _Suite, message: str) -> Exception:
        return self._report.refused(f"testsuite {suite.name[:LONGEST_TITLE]!r}", message, of=self._of)

    def _take(self, case: _Case) -> None:
        self._counts[case.outcome] += 1
        before = self.outcomes.get(case.test)
        outcome = case.outcome if before is None else _worse(case.outcome, before)
        self.outcomes[case.test] = outcome
        if case.outcome in {"error", "failed"}:
            self._suites[-1].bad += 1
            self._give_title(case, worse=outcome != before)
        if before is None:
            self._bound(case.test)

    def _give_title(self, case: _Case, *, worse: bool) -> None:
        if case.test in self.titles and not worse:
            return
        self.titles[case.test] = _first_line(case.why) or f"{case.test[:LONGEST_TITLE]} {case.outcome}"
        self._name_bytes += sys.getsizeof(self.titles[case.test])
        if len(self.titles) > MOST_FINDINGS:
            raise too_many(self._report, of=self._of, what="tests that failed")

    def _bound(self, test: str) -> None:
        self._name_bytes += sys.getsizeof(test)
        if len(self.outcomes) > MOST_TESTS:
            raise self._report.refused("", f"more than {MOST_TESTS:,} tests; split the report", of=self._of)
        if self._name_bytes > MOST_NAME_BYTES:
            raise self._report.refused("", "the names of its tests are too long to be held; split it", of=self._of)


def _worse(one: str, other: str) -> Outcome:
    return next(outcome for outcome in _WORST_FIRST if outcome in {one, other})


def _test_id(classname: str, name: str) -> str:
    """
    Return what a test is known by; a name that is too long ends in a digest of the whole.

    pytest leaves `classname` empty where a file could not be collected.
    """
    test = "::".join(part for part in (classname.strip(), name.strip()) if part) or "a test without a name"
    if len(test) <= LONGEST_ID:
        return test
    digest = hashlib.sha256(test.encode("utf-8", errors="surrogatepass")).hexdigest()[:12]
    return f"{test[: LONGEST_ID - 13]}:{digest}"


def _first_line(why: str) -> str:
    """Return the first line; where an object lay in memory is another address in every run, and no part of it."""
    line = next((line for line in why.splitlines() if line.strip()), "")
    return _ADDRESS.sub("0x…", _SPACE.sub(" ", line).strip())[:LONGEST_TITLE]


def _number(text: str | None) -> int:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0

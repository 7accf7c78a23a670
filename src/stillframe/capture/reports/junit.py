"""Reads JUnit's XML as pytest, Surefire, Gradle, Jest, Go's and other test runners write it."""

from __future__ import annotations

from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.junit_cases import TestCases
from stillframe.capture.reports.xml_stream import visit
from stillframe.model.facts import Finding, ReportFacts

_WRITERS = {"pytest": "pytest", "pytest tests": "pytest", "jest tests": "jest"}
"""What two writers call the suite of all."""


class JunitXml:
    """What most test runners write, each in its own dialect; tests are counted, attributes are not believed."""

    format = "junit"
    title = "JUnit XML"
    version = 1

    def recognises(self, look: Look) -> bool:
        return look.syntax == "xml" and look.root in {"testsuites", "testsuite"}

    def read(self, report: Report) -> ReportFacts:
        found = TestCases(report, of=self.format)
        visit(report, found, of=self.format)
        return ReportFacts(
            format=self.format,
            reader=self.version,
            tool=_WRITERS.get(found.name),
            looks_for=("release",),
            tests=found.suite() if found.suite().total else None,
            test_outcomes=found.outcomes,
            findings=None
            if not found.suite().total
            else [
                Finding(id=test, part="release", severity="high", title=title, rule=f"test-{found.outcomes[test]}")
                for test, title in found.titles.items()
            ],
        )

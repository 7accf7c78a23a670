"""JUnit's XML: tests are counted, what failed is named, and a long log costs nothing."""

from __future__ import annotations

from pathlib import Path

from stillframe.capture.reports.junit import JunitXml
from stillframe.model.facts import Finding, Suite
from tests.capture.reports.fuzzing import Reading, assert_law
from tests.capture.reports.saying import refusal, said

READER = JunitXml()
PYTEST = b"""<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" \
failures="1" skipped="1" tests="5" time="0.111" timestamp="2026-11-26T09:00:12" hostname="ci">\
<testcase classname="tests.test_tills" name="test_put" time="0.000" />\
<testcase classname="tests.test_tills.TestChange" name="test_short[5]" time="0.001" />\
<testcase classname="tests.test_tills.TestChange" name="test_wrong" time="0.001"><failure \
message="AssertionError: change is wrong&#10;assert [20, 10] == [20]">self = &lt;TestChange object at 0x7fcb630b5a10&gt;
tests/test_tills.py:16: AssertionError</failure></testcase>\
<testcase classname="tests.test_tills" name="test_later" time="0.000"><skipped type="pytest.skip" \
message="later">tests/test_tills.py:18: later</skipped></testcase>\
<testcase classname="tests.test_tills" name="test_fixture" time="0.000"><error \
message="failed on setup with &quot;RuntimeError: no till&quot;">RuntimeError: no till</error></testcase>\
</testsuite></testsuites>"""
NOT_COLLECTED = b"""<testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="0" skipped="0" \
tests="1"><testcase classname="" name="tests.test_collect" time="0.000"><error message="collection failure">E   \
SyntaxError: invalid syntax</error></testcase></testsuite></testsuites>"""
NESTED = b"""<testsuite name="all"><properties><property name="a" value="b"/></properties><testsuite name="inner">
<testcase classname="A" name="a"><system-out>much</system-out></testcase></testsuite></testsuite>"""


def test_each_test_is_counted_and_what_failed_is_named() -> None:
    """How a suite ended is a matter of the release; a test is known by its class and name."""
    facts = said(READER, PYTEST)
    assert facts.tests == Suite(passed=2, failed=1, errors=1, skipped=1)
    assert facts.findings == [
        Finding(
            id="tests.test_tills.TestChange::test_wrong",
            part="release",
            severity="high",
            title="AssertionError: change is wrong",
            rule="test-failed",
        ),
        Finding(
            id="tests.test_tills::test_fixture",
            part="release",
            severity="high",
            title='failed on setup with "RuntimeError: no till"',
            rule="test-error",
        ),
    ]
    assert dict(facts.test_outcomes or {}) == {
        "tests.test_tills::test_put": "passed",
        "tests.test_tills.TestChange::test_short[5]": "passed",
        "tests.test_tills.TestChange::test_wrong": "failed",
        "tests.test_tills::test_later": "skipped",
        "tests.test_tills::test_fixture": "error",
    }
    assert (facts.format, facts.tool, facts.looks_for) == ("junit", "pytest", ("release",))


def test_a_file_that_pytest_could_not_collect_is_an_error() -> None:
    """pytest leaves its class empty; the file's name alone is the test."""
    facts = said(READER, NOT_COLLECTED)
    assert facts.tests == Suite(errors=1)
    assert dict(facts.test_outcomes or {}) == {"tests.test_collect": "error"}


def test_no_tests_are_none_and_no_finding() -> None:
    """A runner that found no test has tested nothing: that is not measured, and no test that did not fail."""
    for data in (b"<testsuites/>", b'<testsuite name="x" tests="0"></testsuite>'):
        facts = said(READER, data)
        assert (facts.tests, facts.findings, facts.tool) == (None, None, None)


def test_a_report_that_is_cut_off_is_refused() -> None:
    """Half of the tests would be a better result than all of them."""
    assert refusal(READER, PYTEST[:700]).endswith("junit: the report is cut off")


def test_damaged_reports_are_refused_or_read() -> None:
    """Whatever was done to a report, there is an answer or a clear refusal."""
    assert_law(READER, [PYTEST, NOT_COLLECTED, NESTED])


def test_no_report_costs_more_memory_than_there_is(tmp_path: Path) -> None:
    """A log of 60 MB goes by; names of half a million tests, and messages as long as they like, are bounded."""
    log = "\U0001f600".encode() + b"x" * 60_000_000
    names = b"".join(b'<testcase classname="tests.t" name="n%d"/>' % number for number in range(400_000))
    why = b"".join(
        b'<testcase name="n%d"><failure>\xf0\x9f\x98\x80%s</failure></testcase>' % (number, b"y" * 1_200)
        for number in range(49_000)
    )
    files = {"log": NESTED.replace(b"much", log), "names": NESTED.replace(b"<testcase", names + b"<testcase", 1)}
    files["why"] = NESTED.replace(b"<testcase", why + b"<testcase", 1)
    with Reading(READER, tmp_path / "report") as reading:
        peaks = {name: reading.peak_of(data) for name, data in files.items()}
    assert all(peak < 256 for peak in peaks.values()), peaks
    assert said(READER, files["log"]).tests == Suite(passed=1)

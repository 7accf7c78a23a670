"""What a JUnit report says of every test, in the dialects of its writers."""

from __future__ import annotations

import pytest

from stillframe.capture.reports.junit import JunitXml
from stillframe.model.facts import Suite
from tests.capture.reports.saying import refusal, said

READER = JunitXml()


def suite(inside: str, attributes: str = "") -> bytes:
    return f'<testsuites><testsuite name="S" {attributes}>{inside}</testsuite></testsuites>'.encode()


def case(inside: str = "", name: str = "t", attributes: str = "") -> str:
    return f'<testcase classname="C" name="{name}" {attributes}>{inside}</testcase>'


def counted(data: bytes) -> Suite:
    found = said(READER, data).tests
    assert found is not None
    return found


def titles(data: bytes) -> dict[str, str]:
    return {finding.id: finding.title for finding in said(READER, data).findings or ()}


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (case(), Suite(passed=1)),
        (case("<failure/>"), Suite(failed=1)),
        (case("<error/>"), Suite(errors=1)),
        (case("<skipped/>"), Suite(skipped=1)),
        (case("<failure/><error/>"), Suite(errors=1)),
        (case("<skipped/><failure/>"), Suite(failed=1)),
        (case("<flakyFailure message='a'><stackTrace>b</stackTrace></flakyFailure>"), Suite(passed=1)),
        (case("<rerunError type='x'/>"), Suite(passed=1)),
        (case("<failure/><rerunFailure/><rerunFailure/>"), Suite(failed=1)),
        (case(attributes='status="notrun"'), Suite(skipped=1)),
        (case("<failure/>", attributes='status="disabled"'), Suite(failed=1)),
        (case("<properties><property name='failure'/></properties>"), Suite(passed=1)),
        (case("<system-out>&lt;failure/&gt;</system-out>"), Suite(passed=1)),
        (case() + case(), Suite(passed=2)),
        ("<testsuite name='inner'>" + case("<failure/>") + "</testsuite>" + case(), Suite(passed=1, failed=1)),
        ("<system-err>x</system-err>" + case(), Suite(passed=1)),
    ],
)
def test_how_a_test_ended(inside: str, expected: Suite) -> None:
    """A failure that a later run mended is none (Surefire); GoogleTest and CTest say in `status` what was not run."""
    assert counted(suite(inside)) == expected


def test_of_several_with_one_name_the_worst_counts() -> None:
    """pytest writes a test twice that failed and whose fixture then failed too; both count, one is named."""
    data = suite(case() + case("<failure message='first'/>") + case("<error message='worst'/>") + case("<failure/>"))
    facts = said(READER, data)
    assert dict(facts.test_outcomes or {}) == {"C::t": "error"}
    assert titles(data) == {"C::t": "worst"}
    assert facts.tests == Suite(passed=1, failed=2, errors=1)


@pytest.mark.parametrize(
    ("inside", "title"),
    [
        ("<failure message='AssertionError: no&#10;more'>text</failure>", "AssertionError: no"),
        ("<failure>\n\n   expected:\t1\nbut was 2</failure>", "expected: 1"),
        ("<failure><![CDATA[java.lang.Error: x]]></failure>", "java.lang.Error: x"),
        ("<failure message=''/>", "C::t failed"),
        ("<error/>", "C::t error"),
        ("<failure message='&lt;Till at 0x7fcb630b5a10&gt; is open'/>", "<Till at 0x… is open"),
        (f"<failure message='{'x' * 900}'/>", "x" * 300),
    ],
)
def test_the_title_is_the_first_line_of_why(inside: str, title: str) -> None:
    """Where an object lay in memory is another address in every run: the same failure is the same row."""
    found = titles(suite(case(inside)))["C::t"]
    assert found == title.replace("0x… is", "0x…> is")


def test_a_suite_that_could_not_be_loaded_is_an_error() -> None:
    """Jest's writer counts it as an error of its suite and lists no test: all else would read as all passed."""
    data = b"""<testsuites name="jest tests" tests="1" failures="0" errors="1"><testsuite name="a.test.ts" errors="1"
    failures="0" skipped="0" tests="0"></testsuite><testsuite name="b" errors="0" failures="0" tests="1"><testcase
    classname="b" name="b"/></testsuite></testsuites>"""
    facts = said(READER, data)
    assert facts.tests == Suite(passed=1, errors=1)
    assert titles(data) == {"a.test.ts": "the suite could not be run"}
    assert facts.tool == "jest"


def test_an_error_beside_tests_is_one_of_its_suite() -> None:
    """Some runners write what went wrong before the first test straight into the suite."""
    data = suite("<error message='no database'/>" + case(), 'errors="1" tests="1"')
    assert counted(data) == Suite(passed=1, errors=1)
    assert titles(data) == {"S": "no database"}


@pytest.mark.parametrize(
    ("attributes", "inside", "what"),
    [
        ('tests="2" failures="1"', case() + case(name="u"), "it says that 1 of its tests failed, and shows none"),
        ('tests="3" errors="1"', "", "it says that 1 of its tests failed, and shows none"),
        ('tests="3"', "", "it says that it holds 3 tests, and holds none"),
    ],
)
def test_a_suite_that_hides_what_failed_is_refused(attributes: str, inside: str, what: str) -> None:
    """Attributes are not believed, except when they are worse than what is shown."""
    assert refusal(READER, suite(inside, attributes)).startswith(f"report.json: testsuite 'S': junit: {what}")


@pytest.mark.parametrize(
    ("attributes", "inside"),
    [
        ('tests="7"', case()),
        ('tests="1" failures="0"', case("<failure/>")),
        ('tests="2" failures="1"', case("<flakyFailure/>") + case()),
        ('tests="many" failures="-1" errors="0.5"', case()),
        ('tests="1" failures="2"', case("<failure/>")),
    ],
)
def test_runners_that_count_otherwise_are_read(attributes: str, inside: str) -> None:
    """Real ones count reruns, set-up and skipped tests each in their own way."""
    assert counted(suite(inside, attributes)).total == inside.count("<testcase")


def test_a_long_name_is_cut_and_stays_its_own() -> None:
    """Parameters may be pages of text; an id has 512 letters at most."""
    data = suite(case("<failure/>", "n" * 2_000 + "a") + case("<failure/>", "n" * 2_000 + "b") + "<testcase/>")
    found = list(said(READER, data).test_outcomes or ())
    assert len(set(found)) == 3
    assert max(map(len, found)) == 512
    assert found[2] == "a test without a name"

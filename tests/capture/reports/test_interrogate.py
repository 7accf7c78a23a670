"""What interrogate prints: the total where it is shown, else the percent of the result, and never half a report."""

from __future__ import annotations

import pytest

from stillframe.capture.reports.interrogate import InterrogateText
from stillframe.capture.reports.looking import look_at
from stillframe.model.facts import Share
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import refusal, said

READER = InterrogateText()
RESULT = b"RESULT: FAILED (minimum: 80.0%, actual: 41.7%)\n"
SUMMARY = b"""======================= Coverage for /project/kiosk/ ===========================
----------------------------------- Summary ------------------------------------
| Name                 |       Total |       Miss |       Cover |       Cover% |
|----------------------|-------------|------------|-------------|--------------|
| __init__.py          |           1 |          0 |           1 |         100% |
| tills.py             |          11 |          7 |           4 |          36% |
|----------------------|-------------|------------|-------------|--------------|
| TOTAL                |          12 |          7 |           5 |        41.7% |
---------------- RESULT: FAILED (minimum: 80.0%, actual: 41.7%) ----------------
"""
DETAILED = b"""======================= Coverage for /project/kiosk/ ===========================
------------------------------ Detailed Coverage -------------------------------
| Name                                          |                       Status |
|-----------------------------------------------|------------------------------|
| tills.py (module)                             |                      COVERED |
| Till.__init__ (L12)                           |                       MISSED |
|-----------------------------------------------|------------------------------|

----------------------------------- Summary ------------------------------------
| Name             |        Total |        Miss |        Cover |        Cover% |
|------------------|--------------|-------------|--------------|---------------|
| tills.py         |           11 |           7 |            4 |           36% |
|------------------|--------------|-------------|--------------|---------------|
| TOTAL            |           12 |           7 |            5 |         41.7% |
|------------------------------------------------------------------------------|
|               (1 of 2 files omitted due to complete coverage)                |
---------------- RESULT: PASSED (minimum: 40%, actual: 41.7%) ----------------
"""


@pytest.mark.parametrize(
    ("data", "expected"), [(SUMMARY, Share(part=5, whole=12)), (DETAILED, Share(part=5, whole=12))]
)
def test_the_total_is_read_where_it_is_shown(data: bytes, expected: Share) -> None:
    """Files that are left out of the table are in the total."""
    facts = said(READER, data)
    assert facts.documentation == expected
    assert (facts.format, facts.tool) == ("interrogate", "interrogate")


def test_a_result_alone_is_its_percent() -> None:
    """Without `-v` there is no table, and the percent has one digit behind its point."""
    assert said(READER, RESULT).documentation == Share(part=0.417, whole=1)


def test_a_coloured_report_is_the_same() -> None:
    """In some builds interrogate thinks that it speaks to a terminal."""
    assert said(READER, SUMMARY.replace(b"| TOTAL", b"\x1b[31m| TOTAL").replace(b"41.7% |", b"41.7% |\x1b[0m")) == said(
        READER, SUMMARY
    )


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (SUMMARY[:-30], "the report is cut off: its last line is no RESULT"),
        (SUMMARY.partition(b"---------------- RESULT")[0], "line 8: interrogate: the report is cut off"),
        (
            SUMMARY.replace(b"7 |           5", b"7 |           4"),
            "line 8: interrogate: 4 covered and 7 missed are not",
        ),
        (SUMMARY.replace(b"actual: 41.7", b"actual: 91.7"), "line 9: interrogate: the result is 91.7 %"),
        (RESULT.replace(b"41.7", b"141.7"), "line 1: interrogate: 141.7 % cannot be"),
        (RESULT + b"Done.\n", "line 2: interrogate: this stands behind the result"),
    ],
)
def test_what_is_no_whole_report_is_refused(data: bytes, what: str) -> None:
    """The result is the last line that interrogate prints; a report that contradicts itself says nothing."""
    assert what in refusal(READER, data)


@pytest.mark.parametrize(
    "text",
    [
        b"Name    Stmts   Miss  Cover\n---------------------------\nTOTAL   37   6   84%\n",
        b"======= Coverage for Kotlin =======\nall fine\n",
        b"All done. RESULT: PASSED (minimum: 80.0%, actual: 85.0%)\n",
        b"RESULTS: PASSED\n",
    ],
)
def test_another_tools_text_is_not_taken_for_it(text: bytes) -> None:
    """coverage.py's table looks nearly the same."""
    assert not READER.recognises(look_at(text))


def test_damaged_reports_are_refused_or_read() -> None:
    """Whatever was done to a report, there is an answer or a clear refusal."""
    assert_law(READER, [RESULT, SUMMARY, DETAILED])


def test_no_report_costs_more_memory_than_there_is() -> None:
    """Lines go by."""
    assert_bounded(READER, [RESULT])

"""LCOV tracefiles: sums of sums, counts where sums are absent, and two records of one file are that file once."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.capture.reports.lcov import MOST_RECORDS, LcovTracefile
from stillframe.model.facts import Coverage, Share
from tests.capture.reports.fuzzing import Reading, assert_law
from tests.capture.reports.saying import refusal, said

READER = LcovTracefile()
COVERAGE_PY = b"""SF:kiosk/__init__.py
end_of_record
SF:kiosk/tills.py
DA:3,1
DA:18,1
DA:19,0
LF:3
LH:2
FN:12,14,Till.__init__
FNDA:1,Till.__init__
FN:24,25,Till.empty
FNDA:0,Till.empty
FNF:2
FNH:1
BRDA:18,0,jump to line 19,0
BRDA:18,0,jump to line 20,1
BRF:2
BRH:1
end_of_record
"""
NO_SUMS = b"""TN:unit
SF:src/a.c
FN:4,take(int, char)
FN:9,drop(long, char)
FNDA:2,take(int, char)
FNDA:0,drop(long, char)
DA:4,2
DA:9,0
DA:10,0
BRDA:4,0,0,1
BRDA:4,0,1,-
BRDA:4,e0,2,0
end_of_record
"""
OF_2_2 = b"""TN:
SF:src/b.c
VER:3
FNL:0,4,8
FNA:0,2,take
FNA:0,0,take_alias
FNL:1,9,12
FNA:1,0,drop
FNF:2
FNH:1
MCDC:4,2,t,1,0,a
MCF:2
MCH:1
DA:4,2,sNWQ
LF:1
LH:1
end_of_record
"""


def record(file: str, *entries: str) -> str:
    return "\n".join([f"SF:{file}", *entries, "end_of_record", ""])


def coverage(text: str | bytes) -> Coverage:
    found = said(READER, text.encode() if isinstance(text, str) else text).coverage
    assert found is not None
    return found


def test_sums_are_summed_over_files() -> None:
    """A file without a statement has no sums, and adds nothing."""
    more = record("kiosk/more.py", "DA:1,1", "LF:1", "LH:1").encode()
    assert coverage(COVERAGE_PY + more) == Coverage(
        line=Share(part=3, whole=4), branch=Share(part=1, whole=2), functions=Share(part=1, whole=2)
    )


def test_entries_are_counted_where_sums_are_absent() -> None:
    """Names of C++ functions hold commas; `-` is a branch whose condition nobody reached."""
    assert coverage(NO_SUMS) == Coverage(
        line=Share(part=1, whole=3), branch=Share(part=1, whole=3), functions=Share(part=1, whole=2)
    )


def test_functions_of_lcov_2_2_are_counted_by_where_they_start() -> None:
    """One function has several aliases, and ran if any of them did."""
    without_sums = OF_2_2.replace(b"FNF:2\nFNH:1\n", b"")
    assert coverage(OF_2_2) == coverage(without_sums)
    assert coverage(without_sums).functions == Share(part=1, whole=2)


def test_records_of_one_file_are_merged_by_line() -> None:
    """Two test runs that saw the same file are not two files: a line is covered if either covered it."""
    first = record("a.py", "DA:1,1", "DA:2,0", "DA:3,0", "BRDA:2,0,0,0", "BRDA:2,0,1,1", "FN:1,f", "FNDA:0,f", "LF:3")
    second = record("a.py", "DA:1,0", "DA:2,4", "DA:3,0", "BRDA:2,0,0,1", "FN:1,f", "FNDA:1,f", "LF:3", "LH:1")
    other = record("b.py", "DA:1,0", "LF:1", "LH:0")
    expected = Coverage(line=Share(part=2, whole=4), branch=Share(part=2, whole=2), functions=Share(part=1, whole=1))
    assert coverage(first + other + second) == expected
    assert coverage(second + other + first) == expected


def test_sums_alone_cannot_be_merged() -> None:
    """Of 3 and 3 lines in two records of one file nobody knows how many are the same."""
    text = record("a.py", "LF:3", "LH:1") * 2
    assert refusal(READER, text.encode()).startswith("report.json: line 4: lcov: several records of one file")


def test_nothing_measured_is_none() -> None:
    """`BRF:0` is what some writers say of branches that nobody measured."""
    assert coverage(record("a.py", "BRF:0", "BRH:0", "LF:0", "LH:0")) == Coverage()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (COVERAGE_PY[:-14], "line 18: lcov: the report is cut off: the last record has no end_of_record"),
        (COVERAGE_PY[:-4], "line 19: lcov: the report is cut off"),
        (record("a.py", "LF:1", "LH:2").encode(), "line 4: lcov: 2 of 1 lines were run"),
        (record("a.py", "LF:many").encode(), "line 2: lcov: LF asks for a number of lines"),
        (record("a.py", "DA:1").encode(), "line 2: lcov: DA asks for more"),
        (record("a.py", "DA:1,often").encode(), "line 2: lcov: how often it was run is no number"),
        (record("a.py", "a line").encode(), "line 2: lcov: this is no entry of a tracefile"),
        (b"SF:a.py\nSF:b.py\nend_of_record\n", "line 2: lcov: a record begins before"),
        (b"TN:\nDA:1,1\n", "line 2: lcov: DA stands outside of a record"),
        (b"TN:\nend_of_record\n", "line 2: lcov: a record ends here"),
        (b"TN:\n" + b"x" * 70_000, "line 2: lcov: more than 65,536 bytes in one line"),
        (b"SF:a\nend_of_record\n" * (MOST_RECORDS + 1), "lcov: more than 200,000 records"),
    ],
)
def test_what_is_no_tracefile_is_refused_with_its_line(data: bytes, what: str) -> None:
    """A file that was cut in the middle of a record would have fewer lines, and look better or worse than it is."""
    assert refusal(READER, data).startswith(f"report.json: {what}")


def test_damaged_reports_are_refused_or_read() -> None:
    """Whatever was done to a report, there is an answer or a clear refusal."""
    assert_law(READER, [COVERAGE_PY, NO_SUMS, OF_2_2, COVERAGE_PY + COVERAGE_PY])


def test_no_report_costs_more_memory_than_there_is(tmp_path: Path) -> None:
    """What is held to be merged is bounded: lines, functions, and the aliases of functions."""
    lines = b"".join(b"DA:%d,1\n" % number for number in range(1, 1_200_000))
    twice = b"SF:a.py\n" + lines + b"end_of_record\nSF:a.py\nend_of_record\n"
    starts = b"SF:a.py\n" + b"".join(b"FNL:%d,1\n" % number for number in range(1_200_000)) + b"end_of_record\n"
    with Reading(READER, tmp_path / "report") as reading:
        assert {name: reading.peak_of(data) < 256 for name, data in (("lines", twice), ("starts", starts))} == {
            "lines": True,
            "starts": True,
        }
    assert "1,000,000 lines, branches and functions" in refusal(READER, twice)
    assert "1,000,000 lines, branches and functions" in refusal(READER, starts)

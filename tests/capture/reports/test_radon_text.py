"""What radon prints: the same figures as its JSON, or a refusal that says which option shows them."""

from __future__ import annotations

import pytest

from stillframe.capture.reports.looking import look_at
from stillframe.capture.reports.radon_text import RadonText
from stillframe.model.facts import CodeSize, Complexity
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import refusal, said

READER = RadonText()
CC = b"""kiosk/tills.py
    F 32:0 change - A (3)
    C 7:0 Till - A (2)
    M 16:4 Till.put - A (2)
    F 51:0 unused_one - A (1)

4 blocks (classes, functions, methods) analyzed.
Average complexity: A (2.0)
"""
NO_AVERAGE = CC.partition(b"\n\n")[0] + b"\n"
ERROR = b"kiosk/broken.py\n    ERROR: invalid syntax (<unknown>, line 1)\n"


def lines(name: str, sloc: int) -> bytes:
    return f"""{name}
    LOC: 58
    LLOC: 42
    SLOC: {sloc}
    Comments: 0
    Single comments: 4
    Multi: 0
    Blank: 16
    - Comment Stats
        (C % L): 0%
        (C % S): 0%
        (C + M % L): 0%
""".encode()


RAW = lines("kiosk/__init__.py", 1) + lines("kiosk/tills.py", 37)
TOTAL = lines("** Total **", 38)


def test_blocks_are_summed() -> None:
    """What closures there are is not shown, so that how many definitions there are is not known."""
    for data in (CC, NO_AVERAGE, CC.replace(b"\n", b"\r\n")):
        facts = said(READER, data)
        assert facts.complexity == Complexity(total=8, blocks=4, highest=3)
        assert (facts.definitions, facts.format, facts.tool) == (None, "radon.text", "radon")


def test_an_average_over_more_than_is_shown_is_believed() -> None:
    """`--total-average -nb` shows the worst blocks and averages over all of them."""
    more = CC.replace(b"4 blocks", b"7 blocks").replace(b"(2.0)", b"(1.5714285714285714)")
    assert said(READER, more).complexity == Complexity(total=11, blocks=7, highest=3)


@pytest.mark.parametrize("data", [RAW, RAW + TOTAL, TOTAL])
def test_lines_of_code_are_summed_and_held_against_the_total(data: bytes) -> None:
    """With `-s` radon sums itself."""
    assert said(READER, data).code_size == CodeSize(lines=38, source="radon")


def test_a_file_that_could_not_be_parsed_is_named() -> None:
    """And where it was all of them, nothing was measured."""
    facts = said(READER, ERROR + CC)
    assert [finding.file for finding in facts.findings or ()] == ["kiosk/broken.py"]
    assert said(READER, ERROR).failed == "it could not parse kiosk/broken.py (invalid syntax (<unknown>, line 1))"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (
            CC.replace(b" (3)", b""),
            "line 2: radon.text: the complexity itself does not stand here; run `radon cc` with",
        ),
        (CC.replace(b"4 blocks", b"3 blocks"), "line 8: radon.text: 4 blocks are shown, and 3 were analyzed"),
        (CC.partition(b"Average")[0], "line 7: radon.text: the report is cut off"),
        (CC.partition(b"\n\n")[2], "line 2: radon.text: none of the blocks is shown"),
        (RAW + lines("** Total **", 39), "line 36: radon.text: the files have 38 lines of code, and the total is 39"),
        (RAW[:-8], "line 24: radon.text: this is no line of radon's"),
        (RAW[:-25], "line 23: radon.text: the report is cut off"),
        (
            NO_AVERAGE + b"    Words: 42",
            "line 6: radon.text: this",
        ),
    ],
)
def test_what_is_no_whole_report_is_refused_with_its_line(data: bytes, what: str) -> None:
    """A report that was cut, or that contradicts itself, says nothing."""
    assert refusal(READER, data).startswith(f"report.json: {what}")


@pytest.mark.parametrize("text", [b"kiosk/tills.py - A (49.48)\n", b"LOC: 5\nLLOC: 4\n", b"a\n    b\n", b"7 blocks\n"])
def test_another_text_is_not_taken_for_it(text: bytes) -> None:
    """`radon mi` prints another thing."""
    assert not READER.recognises(look_at(text))


def test_damaged_reports_are_refused_or_read() -> None:
    """Whatever was done to a report, there is an answer or a clear refusal."""
    assert_law(READER, [ERROR + CC, RAW + TOTAL])


def test_no_report_costs_more_memory_than_there_is() -> None:
    """Lines go by, and nothing of a report that was refused stays behind."""
    assert_bounded(READER, [CC])

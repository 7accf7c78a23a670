"""Lines of a text report: numbered as an editor numbers them, whole characters, and never too long or too many."""

from __future__ import annotations

import pytest

from stillframe.capture.reports.interface import Report
from stillframe.capture.reports.looking import look_at
from stillframe.capture.reports.text_lines import LONGEST_LINE, MOST_PRINTED_LINES, byte_lines, text_lines
from stillframe.errors import CaptureRefused


def report(data: bytes) -> Report:
    return Report(name="r.txt", data=data, look=look_at(data))


def refusal(data: bytes) -> str:
    with pytest.raises(CaptureRefused) as caught:
        list(text_lines(report(data), of="text"))
    [fault] = caught.value.faults
    return f"{fault.path}: {fault.message}"


def test_lines_have_their_numbers_and_no_ends() -> None:
    """A file from Windows, one with a mark of byte order, and one without a last line end are the same."""
    for data in (b"a  \n\nb\n", b"a\r\n\r\nb\r\n", b"\xef\xbb\xbfa\n\nb"):
        assert list(text_lines(report(data), of="text")) == [(1, "a"), (2, ""), (3, "b")]


def test_colours_of_a_terminal_are_no_text() -> None:
    """A tool that thinks that it speaks to a terminal says the same in colours."""
    assert list(text_lines(report(b"\x1b[1m\x1b[32mA\x1b[0m (1)\n"), of="text")) == [(1, "A (1)")]


def test_bytes_are_left_as_they_are() -> None:
    """A path in another encoding is compared, not shown."""
    assert list(byte_lines(report(b"SF:caf\xe9\n"), of="text")) == [(1, b"SF:caf\xe9")]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"a\nb\xff\n", "r.txt: line 2, byte 2: text: this is not UTF-8"),
        (b"a\n" + b"b" * (LONGEST_LINE + 1), "r.txt: line 2: text: more than 65,536 bytes in one line"),
        (b"\n" * (MOST_PRINTED_LINES + 1), "r.txt: line 1000001: text: more than 1,000,000 lines; split the report"),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(data: bytes, what: str) -> None:
    """So that a file of line ends costs neither memory nor minutes."""
    assert refusal(data) == what

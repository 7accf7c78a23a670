"""Opening JSON: into the parts that are asked for, or an error that says where it is not what it should be."""

from __future__ import annotations

import msgspec
import pytest

from stillframe.capture.reports.documents import MOST_FINDINGS, MOST_OBJECTS, decoded, too_many
from stillframe.capture.reports.interface import Look, Report
from stillframe.errors import CaptureRefused


class Part(msgspec.Struct):
    """What is asked for."""

    name: str = ""
    lines: list[int] = []


DECODER = msgspec.json.Decoder(Part)


def opened(data: bytes) -> Part:
    return decoded(Report(name="r.json", data=data, look=Look(syntax="json")), DECODER, of="f")


def refusal(data: bytes) -> str:
    with pytest.raises(CaptureRefused) as caught:
        opened(data)
    return str(caught.value)


def test_what_is_asked_for_is_built_and_all_else_skipped() -> None:
    """The mark of an editor, members that occur twice, and what nobody knows are no faults."""
    assert opened(b'\xef\xbb\xbf{"name": "a", "x": {"y": [1]}, "name": "b"}') == Part(name="b")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"name": 1}', "r.json: $.name: f: Expected `str`, got `int`"),
        (b'{"lines": [1, "2"]}', "r.json: $.lines[1]: f: Expected `int`, got `str`"),
        (b"[]", "r.json: $: f: Expected `object`, got `array`"),
        (b'{"name": "a', "r.json: byte 11: f: the report is cut off"),
        (b'{"name": "a", ', "r.json: byte 14: f: the report is cut off"),
        (b'{"name" "a"}', "r.json: byte 8: f: JSON is malformed"),
        (b'{"x": NaN}', "r.json: byte 6: f: JSON is malformed"),
        (b'{"name": "\xff"}', "r.json: byte 10: f: this is not UTF-8"),
        (b'{"name": "\\ud800"}', "r.json: $: f: a lone surrogate is no text"),
        (b'{"x": "\\ud800 and more"}', "r.json: byte 13: f: a lone surrogate is no text"),
        (b'{"x": %s}' % (b"[" * 5_000), "r.json: $: f: this is nested too deep"),
        (b'{"x": 1} {}', "r.json: byte 10: f: JSON is malformed: trailing characters"),
    ],
)
def test_an_error_names_file_place_and_format(data: bytes, message: str) -> None:
    """By the byte where the syntax breaks, by the path where the value is another."""
    assert refusal(data).startswith(message)


def test_a_byte_that_is_not_utf8_is_found_far_into_the_file() -> None:
    """Across the pieces in which it is looked for, and across a character that two pieces share."""
    start = b'{"name": "' + b"x" * (1024 * 1024 - 11)
    assert refusal(start + "é".encode() + b'abc\xff"}').startswith(f"r.json: byte {len(start) + 5}: ")


def test_more_objects_than_a_report_has_are_not_built() -> None:
    """They are counted before anything is."""
    assert (
        refusal(b"[" + b"{}," * MOST_OBJECTS + b"{}]")
        == f"r.json: f: more than {MOST_OBJECTS:,} JSON objects; split the report"
    )


def test_too_many_findings_are_refused_in_words() -> None:
    """A table of findings holds so many rows and no more."""
    report = Report(name="r.json", data=b"", look=Look(syntax="json"))
    assert f"more than {MOST_FINDINGS:,} tests" in str(too_many(report, of="f", what="tests"))

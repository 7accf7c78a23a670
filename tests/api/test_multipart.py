"""A multipart body is taken apart byte by byte as it was put together, however it was cut on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.api.multipart import LONGEST_NAME, REQUEST_LIMIT_BYTES, Intake, Parts
from stillframe.errors import InvalidInput, StillframeError, StoreFull, TooLarge
from stillframe.flows.reading_reports import MOST_REPORTS

BOUNDARY = b"a-line-between"
REPORT_LIMIT = 1_000
REPORTS_LIMIT = 1_500


def part(disposition: str, data: bytes = b"{}", *headers: str) -> bytes:
    """One part behind its boundary."""
    lines = [f"--{BOUNDARY.decode()}", f"Content-Disposition: form-data; {disposition}", *headers, "", ""]
    return "\r\n".join(lines).encode() + data + b"\r\n"


def report(name: str, data: bytes = b"{}") -> bytes:
    return part(f'name="report"; filename="{name}"', data)


def body(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--" + BOUNDARY + b"--\r\n"


def taken(data: bytes, file: FileIO, *, piece_bytes: int = 1 << 20) -> Parts:
    """What an intake makes of a body that comes in pieces."""
    intake = Intake(file, boundary=BOUNDARY, report_limit_bytes=REPORT_LIMIT, reports_limit_bytes=REPORTS_LIMIT)
    for start in range(0, len(data), piece_bytes):
        intake.feed(data[start : start + piece_bytes])
    return intake.finish()


@pytest.fixture
def file() -> Iterator[FileIO]:
    """A temporary file without a buffer and without a name."""
    with TemporaryFile(buffering=0) as opened:
        assert isinstance(opened, FileIO)
        yield opened


def test_parts_come_out_as_they_went_in(file: FileIO) -> None:
    """The request as its bytes, the reports in their order, each with its name, size and digest."""
    sent = body(
        report("a.json", b"first"), part('name="request"', b'{"reason": "x"}'), report("b.json", b""), report("c", b"3")
    )
    parts = taken(sent, file)
    assert parts.request == b'{"reason": "x"}'
    assert [(one.name, one.size, one.read()) for one in parts.uploads] == [
        ("a.json", 5, b"first"),
        ("b.json", 0, b""),
        ("c", 1, b"3"),
    ]
    assert parts.uploads[0].sha256 == hashlib.sha256(b"first").hexdigest()


@given(
    files=st.lists(
        st.lists(st.sampled_from([b"\r", b"\n", b"-", b"--", b"\r\n--", BOUNDARY, b"\r\n--a-line", b"\x00", b"x"])),
        max_size=4,
    ),
    piece_bytes=st.integers(1, 40),
)
def test_no_data_is_lost_or_added_wherever_the_body_is_cut(files: list[list[bytes]], piece_bytes: int) -> None:
    """Data that looks like a boundary is data, unless it is one."""
    contents = [b"".join(one) for one in files]
    contents = [one for one in contents if b"\r\n--" + BOUNDARY not in b"\r\n" + one]
    sent = body(part('name="request"'), *(report(f"{index}.json", one) for index, one in enumerate(contents)))
    with TemporaryFile(buffering=0) as opened:
        assert isinstance(opened, FileIO)
        parts = taken(sent, opened, piece_bytes=piece_bytes)
        assert [one.read() for one in parts.uploads] == contents
        assert [one.sha256 for one in parts.uploads] == [hashlib.sha256(one).hexdigest() for one in contents]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("bandit.json", "bandit.json"),
        ("/tmp/../etc/bandit.json", "bandit.json"),
        (r"reports\bandit.json", "bandit.json"),
        (r"C:\reports\bandit.json", "bandit.json"),
        ("Отчёт 1.json", "Отчёт 1.json"),
        ("x" * LONGEST_NAME, "x" * LONGEST_NAME),
    ],
)
def test_of_a_file_name_the_last_segment_is_kept(file: FileIO, said: str, name: str) -> None:
    """Where it lay on somebody's disk is nobody's business, and leads nowhere on ours."""
    assert [one.name for one in taken(body(report(said)), file).uploads] == [name]


def test_a_quoted_mark_in_a_file_name_is_that_mark(file: FileIO) -> None:
    """A name may hold what a header has a meaning for."""
    assert [one.name for one in taken(body(report(r"a\"b;c.json")), file).uploads] == ['a"b;c.json']


@pytest.mark.parametrize(
    ("wrong", "path", "says"),
    [
        (part('name="report"'), "$.report[0]", "has a file name"),
        (report("a") + report(""), "$.report[1]", "has a file name"),
        (report("reports/"), "$.report[0]", "has a file name"),
        (report(".."), "$.report[0]", "has a file name"),
        (report("  "), "$.report[0]", "has a file name"),
        (report("x" * (LONGEST_NAME + 1)), "$.report[0]", "at most 200 characters"),
        (report("a\tb.json"), "$.report[0]", "control characters"),
        (report("a\u202eb.json"), "$.report[0]", "control characters"),
        (report("a\x00b.json"), "$.report[0]", "control characters"),
        (report("Ä.json").replace("Ä".encode(), b"\xc4"), "$.report[0]", "UTF-8"),
        (part('name="reprot"; filename="a.json"'), "$.reprot", "did you mean 'report'?"),
        (part('name="data"'), "$.data", "known: request, report"),
        (part('filename="a.json"'), "$", "known: request, report"),
        (part('name="request"') + part('name="request"'), "$.request", "twice"),
        (part('name="report"; filename="a"', b"e30=", "Content-Transfer-Encoding: base64"), "$.report[0]", "as it is"),
    ],
)
def test_a_part_that_is_none_of_ours_is_refused_at_its_place(file: FileIO, wrong: bytes, path: str, says: str) -> None:
    """What we do not understand we do not ignore."""
    with pytest.raises(InvalidInput) as refused:
        taken(body(wrong), file)
    assert path in [fault.path for fault in refused.value.faults]
    assert says in refused.value.message


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (b"", "before its last boundary"),
        (b'{"reason": "x"}', "not well-formed at byte 0"),
        (body(report("a.json"))[:-6], "before its last boundary"),
        (report("a.json"), "before its last boundary"),
        (body(report("a.json")).replace(BOUNDARY, b"another-line!!"), "not well-formed at byte 3"),
        (body(report("a.json")).replace(b"Content-D", b"Content D"), "not well-formed at byte"),
        (body(part('name="request"', b"{}", *(f"X-{n}: 1" for n in range(20)))), "not well-formed at byte"),
        (body(part('name="request"', b"{}", "X-Long: " + "x" * 10_000)), "not well-formed at byte"),
        (body(part('name="request"', b"{}", 'content-disposition: form-data; name="report"')), "twice"),
    ],
)
@pytest.mark.parametrize("piece_bytes", [1, 7, 1 << 20])
def test_a_broken_body_is_refused_and_says_where(file: FileIO, sent: bytes, says: str, piece_bytes: int) -> None:
    """What was cut on the way is no evidence."""
    with pytest.raises(InvalidInput, match=says) as refused:
        taken(sent, file, piece_bytes=piece_bytes)
    assert [fault.path for fault in refused.value.faults] == ["$"]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ([report("a.json", b"x" * (REPORT_LIMIT + 1))], "a.json is over the limit of"),
        ([report("a.json", b"x" * REPORT_LIMIT), report("b.json", b"x" * REPORT_LIMIT)], "in all, reached in b.json"),
        ([part('name="request"', b"x" * (REQUEST_LIMIT_BYTES + 1))], "the part request is over the limit of 1 MiB"),
    ],
)
def test_what_is_over_a_limit_is_refused_by_name_and_never_written(file: FileIO, sent: list[bytes], says: str) -> None:
    """The disk holds no more than is allowed, not even for a moment."""
    with pytest.raises(TooLarge, match=says):
        taken(body(*sent), file, piece_bytes=100)
    assert file.tell() <= REPORTS_LIMIT


def test_as_much_as_is_allowed_is_taken(file: FileIO) -> None:
    """A limit is the largest size that passes."""
    rest = REPORTS_LIMIT - REPORT_LIMIT
    sent = body(
        report("a.json", b"x" * REPORT_LIMIT),
        report("b.json", b"y" * rest),
        part('name="request"', b" " * REQUEST_LIMIT_BYTES),
    )
    parts = taken(sent, file, piece_bytes=1_024)
    assert [one.size for one in parts.uploads] == [REPORT_LIMIT, rest]
    assert len(parts.request) == REQUEST_LIMIT_BYTES
    sent = body(*(report(f"{index}.json", b"") for index in range(MOST_REPORTS)))
    assert len(taken(sent, file).uploads) == MOST_REPORTS


def test_a_report_too_many_is_refused_when_it_begins(file: FileIO) -> None:
    """It says how many there may be."""
    sent = b"".join(report(f"{index}.json") for index in range(MOST_REPORTS + 1))
    with pytest.raises(InvalidInput, match=rf"\$\.report: at most {MOST_REPORTS} reports"):
        taken(sent, file)


def test_a_full_disk_is_said_to_be_full(tmp_path: Path) -> None:
    """A device without room: nothing is stored, and the sender knows why."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no device that is always full")
    with FileIO(full, "r+b") as opened, pytest.raises(StoreFull):
        taken(body(report("a.json", b"x")), opened)


class Reluctant(FileIO):
    """A file that takes three bytes at a time, as a nearly full disk may."""

    def write(self, data: Any) -> int:
        return super().write(bytes(data)[:3])


def test_what_a_disk_takes_in_part_is_written_to_its_end(tmp_path: Path) -> None:
    """A write may be short without being an error."""
    with Reluctant(tmp_path / "slow", "w+b") as opened:
        parts = taken(body(report("a.json", b"0123456789"), report("b.json", b"ab")), opened)
        assert [one.read() for one in parts.uploads] == [b"0123456789", b"ab"]


def test_any_other_fault_of_a_disk_is_its_own(tmp_path: Path) -> None:
    """Only what we understand is given a name."""
    (tmp_path / "read-only").write_bytes(b"")
    with FileIO(tmp_path / "read-only", "rb") as opened, pytest.raises(OSError) as refused:  # noqa: PT011  # because which one is the system's matter
        taken(body(report("a.json", b"x")), opened)
    assert not isinstance(refused.value, StillframeError)

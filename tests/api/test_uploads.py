"""Reports are read from somebody known only, within their limits, and leave nothing behind, whatever happens."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from stillframe.api.answers import Answer
from stillframe.api.bodies import ReportsBody
from stillframe.api.door import Door
from stillframe.api.multipart import MEBIBYTE
from stillframe.api.shapes import Shape
from stillframe.api.uploads import Uploaded
from tests.api.cast import Form, House, coverage, open_house
from tests.api.servers import running
from tests.api.test_problems import assert_problem, paths

REPORT_LIMIT = 400_000
REPORTS_LIMIT = 600_000
PATH = "/api/projects/my-service/reports"
BOUNDARY = "a-line-between"
PROC = Path("/proc/self")


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[House]:
    """A door with small limits, and a project that Alice edits."""
    with open_house(tmp_path, report_limit_bytes=REPORT_LIMIT, reports_limit_bytes=REPORTS_LIMIT) as house:
        furnish(house)
        yield house


def furnish(house: House) -> None:
    house.made("admin", "/api/groups", {"id": "team-a"})
    house.ask("admin", "PUT", "/api/groups/team-a/members/alice", json={"role": "editor"})
    house.made("alice", "/api/projects", {"name": "my-service", "group_id": "team-a"})


def raw(house: House, data: bytes | Iterator[bytes], *, path: str = PATH) -> Any:
    """Send bytes as a multipart body, as Alice."""
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return house.ask("alice", "POST", path, content=data, headers=headers)


def part(disposition: str, data: bytes) -> bytes:
    return f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode() + data + b"\r\n"


def report(name: str, data: bytes) -> bytes:
    return part(f'name="report"; filename="{name}"', data)


END = f"--{BOUNDARY}--\r\n".encode()


faulty = Door("Faulty")


@faulty.post("/faulty", takes=ReportsBody, answers=Shape, reports="required")
def fail(asked: Uploaded) -> Answer:
    """Read what was brought, then fail."""
    assert asked.uploads[0].read() == coverage()
    raise RuntimeError


def open_nameless() -> set[str]:
    """The files without a name that this process holds open."""
    links = set()
    for entry in (PROC / "fd").iterdir():
        with suppress(FileNotFoundError):
            links.add(str(entry.readlink()))
    return {link for link in links if link.endswith("(deleted)")}


@pytest.fixture
def temporary_files(narrow: House) -> Callable[[], set[str]]:
    """Ask for the files without a name that have been opened since."""
    assert narrow
    before = open_nameless()
    return lambda: open_nameless() - before


def test_reports_become_a_snapshot(narrow: House) -> None:
    """With what was said of them, and with nothing said: the part may be left out."""
    said = {"reason": "nightly", "source_ref": "v1", "kloc": 1.5, "root": "/project"}
    taken = narrow.made("alice", PATH, Form(request=said, reports={"/tmp/coverage.json": coverage()}))
    assert (taken["reason"], taken["source_ref"]) == ("nightly", "v1")
    assert [one["name"] for one in taken["source_bundle"]] == ["reading", "coverage.json"]
    answer = raw(narrow, report("coverage.json", coverage(81)) + END)
    assert answer.status_code == 201
    assert answer.json()["trigger_source"] == "api"


@pytest.mark.parametrize(
    ("media_type", "status", "says"),
    [
        ("application/json", 415, "multipart/form-data"),
        ("text/plain", 415, "multipart/form-data"),
        ("application/x-www-form-urlencoded", 415, "multipart/form-data"),
        ("", 415, "multipart/form-data"),
        ("multipart/form-data", 422, "boundary of 1 to"),
        ("multipart/form-data; boundary=", 422, "boundary of 1 to"),
        (f"multipart/form-data; boundary={'x' * 257}", 422, "boundary of 1 to"),
        ("multipart/form-data; boundary=another", 422, "not well-formed"),
        ("multipart/mixed; boundary=a-line-between", 415, "multipart/form-data"),
    ],
)
def test_what_is_no_multipart_is_refused_in_words(narrow: House, media_type: str, status: int, says: str) -> None:
    """Who sends JSON by habit is told what to send."""
    headers = {"Content-Type": media_type} if media_type else {}
    answer = narrow.ask("alice", "POST", PATH, content=report("a.json", b"{}") + END, headers=headers)
    document = assert_problem(answer, status, "unsupported_media_type" if status == 415 else "invalid_input")
    assert says in document["detail"]


def test_without_a_body_there_is_no_report(narrow: House) -> None:
    """Nothing was sent, a form without a file was sent: both are told what is missing."""
    assert_problem(narrow.ask("alice", "POST", PATH), 415, "unsupported_media_type")
    assert paths(assert_problem(raw(narrow, b""), 422, "invalid_input")) == ["$"]
    answer = narrow.ask("alice", "POST", PATH, files=Form().parts())
    assert paths(assert_problem(answer, 422, "invalid_input")) == ["$.report"]


@pytest.mark.parametrize(
    ("request_part", "path"),
    [
        (b'{"reson": "typo"}', "$.reson"),
        (b'{"kloc": "12"}', "$.kloc"),
        (b'{"kloc": NaN}', "$.kloc"),
        (b'{"kloc": 0}', "$.kloc"),
        (b'{"as_of": "yesterday"}', "$.as_of"),
        (b'{"root": ""}', "$.root"),
        (b'{"initiator": "somebody else"}', "$.initiator"),
        (b'{"reason": "a\\u0000b"}', "$.reason"),
        (b"[]", "$"),
        (b"{", "$"),
    ],
)
def test_the_part_request_is_read_as_every_body_is(narrow: House, request_part: bytes, path: str) -> None:
    """Each fault at its place; nothing is stored."""
    answer = raw(narrow, part('name="request"', request_part) + report("coverage.json", coverage()) + END)
    assert paths(assert_problem(answer, 422, "invalid_input")) == [path]
    assert narrow.ask("alice", "GET", "/api/dashboard/project-my-service/snapshots").json().get("items", []) == []


def test_a_file_that_nobody_can_read_is_named(narrow: House) -> None:
    """By the name that it was sent under."""
    answer = raw(narrow, report("odd.bin", b"\x00\x01") + END)
    assert "odd.bin" in assert_problem(answer, 422, "capture_refused")["detail"]


def test_two_files_of_one_name_are_refused(narrow: House) -> None:
    """Errors and evidence name files: each has a name of its own, whatever folder it came from."""
    answer = raw(narrow, report("a/coverage.json", coverage()) + report("b/coverage.json", coverage(81)) + END)
    document = assert_problem(answer, 422, "capture_refused")
    assert "coverage.json" in document["detail"]
    assert "name of its own" in document["detail"]


def test_what_is_over_a_limit_is_a_413_that_names_it(narrow: House, temporary_files: Callable[[], set[str]]) -> None:
    """A file, all files, and the part that is no file."""
    large = b" " * (REPORT_LIMIT + 1)
    for data, says in (
        (report("a.json", coverage()) + report("large.json", large) + END, "large.json is over the limit of 0.38"),
        (report("a.json", large[:-1]) + report("b.json", large[:-1]) + END, "in all, reached in b.json"),
        (part('name="request"', b" " * (MEBIBYTE + 1)), "the part request is over the limit of 1 MiB"),
    ):
        answer = raw(narrow, data)
        assert says in assert_problem(answer, 413, "too_large")["detail"]
        assert answer.headers["Connection"] == "close"
    answer = raw(narrow, endless())
    assert "over the limit" in assert_problem(answer, 413, "too_large")["detail"]
    assert temporary_files() == set()


def endless() -> Iterator[bytes]:
    """A form that never gets to a part."""
    for _ in range(40):
        yield b"\r\n" * 50_000


def head(narrow: House, who: str | None, *lines: str) -> bytes:
    """The head of a request that brings reports."""
    credential = [] if who is None else [f"Authorization: Bearer {narrow.tokens.get(who, who)}"]
    form = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"
    return "\r\n".join([f"POST {PATH} HTTP/1.1", "Host: x", *credential, form, *lines, "", ""]).encode()


@pytest.mark.parametrize(
    ("who", "length", "status"),
    [
        (None, "Content-Length: 100", b"401"),
        ("sf_worthless", "Content-Length: 100", b"401"),
        ("sf_worthless", "Transfer-Encoding: chunked", b"401"),
        ("alice", f"Content-Length: {10**12}", b"413"),
    ],
)
def test_who_and_how_much_is_settled_before_the_body_comes(
    narrow: House, temporary_files: Callable[[], set[str]], *, who: str | None, length: str, status: bytes
) -> None:
    """The answer comes after the head alone: a stranger fills no disk, and nobody uploads in vain."""
    with running(narrow.app) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(head(narrow, who, length))
        assert client.recv(4_096).startswith(b"HTTP/1.1 " + status)
        assert temporary_files() == set()


def test_a_413_comes_while_the_body_still_does(narrow: House) -> None:
    """As soon as it is known: not after the rest was sent."""
    with running(narrow.app) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(head(narrow, "alice", f"Content-Length: {REPORTS_LIMIT}"))
        client.sendall(report("large.json", b"x" * (REPORT_LIMIT + 100_000)))
        assert client.recv(4_096).startswith(b"HTTP/1.1 413")


def eventually(holds: Callable[[], object]) -> bool:
    deadline = time.monotonic() + 10
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(holds())


def test_a_client_that_leaves_in_the_middle_leaves_nothing(
    narrow: House, temporary_files: Callable[[], set[str]]
) -> None:
    """Neither a file nor a snapshot nor an attempt: what came was not whole."""
    with running(narrow.app) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(head(narrow, "alice", f"Content-Length: {REPORTS_LIMIT}"))
            client.sendall(report("a.json", b"x" * 300_000))
            assert eventually(temporary_files)
        assert eventually(lambda: not temporary_files())
    stored = narrow.ask("alice", "GET", "/api/v2/dashboard/snapshots?project_name=my-service").json()["items"]
    assert stored == []


def test_whatever_the_answer_no_file_is_left(narrow: House, temporary_files: Callable[[], set[str]]) -> None:
    """After a success, a part refused behind a good one, a report that is none, a project that is not there."""
    good = report("coverage.json", coverage())
    for path, data, status in (
        (PATH, good + END, 201),
        (PATH, good + part('name="data"', b"{}") + END, 422),
        (PATH, good, 422),
        (PATH, good + report("b.json", b"{}") + END, 422),
        ("/api/projects/absent/reports", good + END, 404),
    ):
        assert raw(narrow, data, path=path).status_code == status
        assert temporary_files() == set()


def test_a_fault_of_ours_leaves_no_file_either(narrow: House, temporary_files: Callable[[], set[str]]) -> None:
    """Whatever goes wrong behind the door: here a route that always does."""
    narrow.app.include_router(faulty.router)
    with capture_logs():
        answer = raw(narrow, report("coverage.json", coverage()) + END, path="/faulty")
    assert_problem(answer, 500, "internal")
    assert temporary_files() == set()


def test_reports_are_taken_once_under_a_key_whatever_their_boundary(narrow: House) -> None:
    """A request sent again has another boundary and the same files: it is the same request."""
    key = {"Idempotency-Key": "k-1"}
    form = Form(request={"reason": "once"}, reports={"coverage.json": coverage()})
    first = narrow.ask("alice", "POST", PATH, files=form.parts(), headers=key)
    second = narrow.ask("alice", "POST", PATH, files=form.parts(), headers=key)
    assert first.request.headers["Content-Type"] != second.request.headers["Content-Type"]
    assert first.status_code == second.status_code == 201
    assert second.headers["Idempotency-Replayed"] == "true"
    assert {**second.json(), "dispatch": None} == {**first.json(), "dispatch": None}
    for other in (
        Form(request={"reason": "twice"}, reports={"coverage.json": coverage()}),
        Form(request={"reason": "once"}, reports={"coverage.json": coverage(81)}),
        Form(request={"reason": "once"}, reports={"other.json": coverage()}),
        Form(request={"reason": "once"}, reports={"coverage.json": coverage(), "other.json": coverage()}),
    ):
        assert narrow.ask("alice", "POST", PATH, files=other.parts(), headers=key).status_code == 409


def test_a_refused_upload_frees_its_key(narrow: House) -> None:
    """What was not taken may be brought again under the same key, corrected."""
    key = {"Idempotency-Key": "k-1"}
    refused = narrow.ask("alice", "POST", PATH, files=Form(reports={"a.json": b"{}"}).parts(), headers=key)
    assert refused.status_code == 422
    narrow.made("alice", PATH, Form(reports={"coverage.json": coverage()}), headers=key)


def test_a_large_upload_goes_to_disk_and_not_into_memory(tmp_path: Path) -> None:
    """What the door holds of it is a piece at a time."""
    if not (PROC / "clear_refs").exists():
        pytest.skip("this system does not say how much memory was used at most")
    with open_house(tmp_path) as house, running(house.app) as port:
        furnish(house)
        size, count = 60 * MEBIBYTE, 4
        block = b"x" * MEBIBYTE
        framing = sum(len(report(f"{index}.json", b"")) for index in range(count)) + len(END)
        (PROC / "clear_refs").write_text("5")
        before = peak_bytes()
        with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
            asked = head(house, "alice", f"Content-Length: {framing + size * count}")
            client.sendall(asked.replace(b"my-service", b"absent"))
            for index in range(count):
                opening = report(f"{index}.json", b"")[:-2]
                client.sendall(opening)
                for _ in range(60):
                    client.sendall(block)
                client.sendall(b"\r\n")
            client.sendall(END)
            assert client.recv(4_096).startswith(b"HTTP/1.1 404")
        assert peak_bytes() - before < 20 * MEBIBYTE


def peak_bytes() -> int:
    lines = (PROC / "status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

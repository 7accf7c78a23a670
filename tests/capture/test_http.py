"""The source `http` against real servers on this machine."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from stillframe.capture.http import HttpSource
from stillframe.capture.interface import Connection, Read
from stillframe.errors import CaptureRefused, SourceFailed
from tests.capture.answering import Asked, Said, answering, closed_port, silent

SECONDS = 5.0
STATUS = {"knowledge": {"papers": 15025}, "rows": [{"id": "a"}, {"id": "b"}]}


def ask(url: str, path: str = "/api/status", *, seconds: float = SECONDS, max_rows: int = 100, **more: Any) -> Read:
    select = more.pop("select", None)
    connection = Connection(name="site", url=url, **more)
    return HttpSource(connection=connection, path=path, select=select).read(max_rows=max_rows, seconds=seconds)


def status(_asked: Asked) -> Said:
    return Said(body=json.dumps(STATUS).encode())


def test_json_is_read_and_selected() -> None:
    """One GET under the root, and the part that the selector names."""
    with answering(status) as server:
        assert ask(f"{server.url}/root/", select="knowledge.papers") == Read(value=15025, rows=1)
        assert ask(server.url, "api/status?day=1", select="rows").rows == 2
    assert [(asked.method, asked.target) for asked in server.asked] == [
        ("GET", "/root/api/status"),
        ("GET", "/api/status?day=1"),
    ]
    assert server.asked[0].headers["Accept-Encoding"] == "identity"
    assert "Authorization" not in server.asked[0].headers


def test_the_operators_credentials_are_sent_and_headers_win() -> None:
    """Userinfo in the URL becomes basic authentication; stated headers stand above it."""
    with answering(status) as server:
        with_user = server.url.replace("//", "//alice:p%40ss@")
        ask(with_user)
        ask(with_user, headers={"authorization": "Bearer token", "X-Team": "7"})
    first, second = (asked.headers for asked in server.asked)
    assert first["Authorization"] == "Basic YWxpY2U6cEBzcw=="
    assert (second["Authorization"], second["X-Team"]) == ("Bearer token", "7")


@pytest.mark.parametrize("code", [201, 204, 301, 302, 307, 401, 404, 500, 503])
def test_every_status_but_200_is_a_failed_source(code: int) -> None:
    """A redirect is not followed, whereto ever it leads; an error page is no data."""
    elsewhere = {"Location": "http://127.0.0.1:1/"}
    with answering(lambda _: Said(status=code, body=b"", headers=elsewhere)) as server:
        with pytest.raises(SourceFailed, match=str(code)):
            ask(server.url)
        assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"<html>", b'{"a": 1, "a": 2}', b"", b"\xff"])
def test_an_answer_that_is_no_strict_json_is_refused(body: bytes) -> None:
    """As from a file."""
    with answering(lambda _: Said(body=body)) as server, pytest.raises(CaptureRefused):
        ask(server.url)


def test_one_row_too_many_is_refused() -> None:
    """The cap counts what the selector chose."""
    with answering(status) as server:
        assert ask(server.url, select="rows", max_rows=2).rows == 2
        with pytest.raises(CaptureRefused, match="at most 1 are taken"):
            ask(server.url, select="rows", max_rows=1)


def test_a_server_that_hangs_or_drips_is_left_in_time() -> None:
    """The limit is for the whole answer, not for each piece of it."""
    started = time.monotonic()
    with silent() as port, pytest.raises(SourceFailed, match=r"did not answer within 0\.5 s"):
        ask(f"http://127.0.0.1:{port}", seconds=0.5)
    missing = Said(body=b"{", headers={"Content-Length": "100"})
    with answering(lambda _: missing) as server, pytest.raises(SourceFailed):
        ask(server.url, seconds=0.5)
    assert time.monotonic() - started < 4


def test_no_error_says_a_credential() -> None:
    """Neither the URL's, nor a header's, whatever goes wrong."""
    secret = {"Authorization": "Bearer canary"}
    closed = f"http://canary:canary@127.0.0.1:{closed_port()}/canary?key=canary"
    for url in (closed, "http://canary:canary@nowhere.invalid/", "ftp://canary@h/", "canary", "http://canary@h:port/"):
        with pytest.raises(SourceFailed) as failure:
            ask(url, headers=secret)
        assert "canary" not in str(failure.value)
        assert failure.value.__suppress_context__
    with pytest.raises(SourceFailed) as failure:
        ask(closed, headers={"X-Bad": "canary\r\nX-Evil: 1"})
    assert "canary" not in str(failure.value)

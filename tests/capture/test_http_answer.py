"""One request to a server that the operator named, and where it may go."""

from __future__ import annotations

import gzip

import pytest

from stillframe.capture.deadline import Deadline
from stillframe.capture.http_answer import LARGEST_ANSWER_BYTES, Answer, ask, url_under
from stillframe.capture.interface import Connection
from stillframe.errors import CaptureRefused, SourceFailed
from tests.capture.answering import Said, answering


def asked(url: str) -> Answer:
    return ask(Connection(name="site", url=url), "x", deadline=Deadline.after(5))


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/a/b", "/root/a/b"),
        ("a/b/", "/root/a/b/"),
        ("/a%20b", "/root/a%20b"),
        ("/a?x=1&y=%26", "/root/a?key=k&x=1&y=%26"),
        ("/", "/root"),
        ("/größe", "/root/gr%C3%B6%C3%9Fe"),
        ("/a:b", "/root/a:b"),
    ],
)
def test_a_path_is_joined_under_the_root(path: str, target: str) -> None:
    """The root's own path and query stay; a query of the path is added."""
    url = url_under(Connection(name="site", url="http://h/root?key=k"), path)
    assert url.raw_path_qs == (target if "?" in target else f"{target}?key=k")


@pytest.mark.parametrize(
    "path",
    [
        "/../x", "..", "/a/../../x", "/./x", "/%2e%2e/x", "/%2E%2e/x", "/%252e%252e/x", "/a%2f..%2fx", "/a%2Fb",
        "//evil/x", "/a//b", "/a\\b", "/a%5cb", "/a%00", "/a\nb", "/a#b", "/a?x#b", "/%25252525252e",
    ],
)  # fmt: skip
def test_a_path_that_could_leave_the_root_is_refused(path: str) -> None:
    """In every spelling that a server might decode."""
    with pytest.raises(CaptureRefused) as refusal:
        url_under(Connection(name="site", url="http://h/root"), path)
    assert [fault.path for fault in refusal.value.faults] == ["$.path"]


def test_an_answer_that_is_too_large_or_packed_is_refused() -> None:
    """16 MiB is the limit, and nothing is unpacked, so nothing small becomes large."""
    most = Said(body=b" " * LARGEST_ANSWER_BYTES)
    with answering(lambda _: most) as server:
        assert asked(server.url).body == most.body
    more = Said(body=b" " * (LARGEST_ANSWER_BYTES + 1))
    with answering(lambda _: more) as server, pytest.raises(SourceFailed, match="larger than 16 MiB"):
        asked(server.url)
    packed = Said(body=gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"})
    with answering(lambda _: packed) as server, pytest.raises(SourceFailed, match="packed"):
        asked(server.url)


def test_any_status_but_a_redirect_is_an_answer() -> None:
    """What a status means is for the source to say: Prometheus explains itself in a 422."""
    with answering(lambda _: Said(body=b"why", status=422)) as server:
        assert asked(server.url) == Answer(status=422, body=b"why")


def test_a_form_is_posted() -> None:
    """Escaped as a form, so that no query can add a parameter."""
    with answering(lambda _: Said()) as server:
        ask(Connection(name="site", url=server.url), "q", deadline=Deadline.after(5), form={"query": "a&b=c d"})
    [request] = server.asked
    assert (request.method, request.target, request.body) == ("POST", "/q", b"query=a%26b%3Dc+d")

"""A body is read within its limit, and every member is understood or refused."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from stillframe.api.asked import inside, validated
from stillframe.api.bodies import PersonaBody
from stillframe.api.subscription_bodies import PreviewBody
from stillframe.errors import Fault, InvalidInput, InvalidViewSpec
from tests.api.cast import PUSHED_SPEC, House, open_house, push
from tests.api.servers import running

BODY_LIMIT = 2_000
PUSH_LIMIT = 600_000


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[House]:
    """A door with small limits."""
    with open_house(tmp_path, body_limit_bytes=BODY_LIMIT, push_limit_bytes=PUSH_LIMIT) as house:
        house.made("alice", "/api/dashboards", {"view_spec_json": PUSHED_SPEC})
        yield house


def test_a_body_over_its_limit_is_a_413(narrow: House) -> None:
    """By what it says of itself, and by what really comes; the snapshot's own limit is wider."""
    large = {"body": "x" * BODY_LIMIT}
    for answer in (
        narrow.ask("alice", "POST", "/api/artifacts/pushed/comments", json=large),
        narrow.ask("alice", "POST", "/api/artifacts/pushed/comments", content=(b"x" * 500 for _ in range(9))),
        narrow.ask("alice", "POST", "/api/dashboard/pushed/snapshot", content=(b"x" * 100_000 for _ in range(9))),
    ):
        assert answer.status_code == 413
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Connection"] == "close"
    rows = [{"id": f"r-{number}", "title": "x" * 100} for number in range(100)]
    assert narrow.ask("alice", "POST", "/api/dashboard/pushed/snapshot", json=push(rows)).status_code == 201


def test_a_413_comes_before_the_body_does(narrow: House) -> None:
    """Nobody uploads gigabytes to be told that they were too many: the answer comes after the head alone."""
    with running(narrow.app) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        head = (
            "POST /api/dashboard/pushed/snapshot HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {narrow.tokens['alice']}\r\nContent-Length: {10**12}\r\n\r\n"
        )
        client.sendall(head.encode())
        assert client.recv(4_096).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    ("credential", "length"),
    [
        ("Authorization: Bearer sf_worthless\r\n", "Transfer-Encoding: chunked"),
        ("Authorization: Bearer sf_worthless\r\n", "Content-Length: 300000"),
        ("", "Content-Length: 100"),
    ],
)
def test_a_large_body_is_read_only_from_somebody_known(narrow: House, credential: str, length: str) -> None:
    """Memory is for those who proved who they are: a worthless token is refused after the head alone."""
    with running(narrow.app) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        head = f"POST /api/dashboard/pushed/snapshot HTTP/1.1\r\nHost: x\r\n{credential}{length}\r\n\r\n"
        client.sendall(head.encode())
        assert client.recv(4_096).startswith(b"HTTP/1.1 401")


def test_no_body_is_an_empty_object(narrow: House) -> None:
    """Where every member is optional, so is the body."""
    answer = narrow.ask("alice", "POST", "/api/tokens")
    assert answer.status_code == 201


def test_every_unknown_member_is_named_with_the_nearest_known_one() -> None:
    """All of them at once: nobody likes to be corrected one typo at a time."""
    with pytest.raises(InvalidInput) as caught:
        validated(PersonaBody, {"slg": "a", "nme": "b", "slug": "c"})
    assert [str(fault) for fault in caught.value.faults] == [
        "$.slg: unknown member; did you mean 'slug'?",
        "$.nme: unknown member; did you mean 'name'?",
    ]


def test_a_member_has_the_name_that_is_sent() -> None:
    """Where that is no name in Python, the one of the code is as unknown as any other."""
    told = {"subscriber_kind": "persona", "subscriber_id": "desk"}
    assert validated(PreviewBody, told | {"from": "2026-01-01T00:00:00Z"}).from_ == "2026-01-01T00:00:00Z"
    with pytest.raises(InvalidInput, match=r"\$\.from_: unknown member; did you mean 'from'\?"):
        validated(PreviewBody, told | {"from_": "2026-01-01T00:00:00Z"})


def test_a_fault_inside_a_document_names_its_place_in_the_body() -> None:
    """The same error, seen from the root of what was sent; its class stays."""
    with pytest.raises(InvalidViewSpec, match=r"\$\.view_spec_json\.panels: no"), inside("view_spec_json"):
        raise InvalidViewSpec(faults=[Fault(path="$.panels", message="no")])
    with pytest.raises(InvalidInput, match="no path"), inside("view_spec_json"):
        raise InvalidInput("no path")

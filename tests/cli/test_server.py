"""Asking a server: a token that goes nowhere else, nothing done twice, and a sentence for whatever goes wrong."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from stillframe.cli.server import RETRY_DELAYS_SECONDS, address_in, server_at
from stillframe.errors import Conflict, InvalidInput, NotFound, ServerUnreachable, TooLarge
from tests.cli.scripted import HANG_UP, ScriptedServer, answer, problem

TOKEN = "sf_not-a-real-one"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://stillframe.example.org", "https://stillframe.example.org"),
        ("https://stillframe.example.org:443/", "https://stillframe.example.org"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000/stillframe/", "http://[::1]:8000/stillframe"),
    ],
)
def test_an_address_has_one_spelling(url: str, shown: str) -> None:
    """What messages name is what was asked, without its slash."""
    assert str(address_in(url)) == shown


@pytest.mark.parametrize(
    "url",
    [
        "stillframe.example.org",
        "localhost:8000",
        "ftp://stillframe.example.org",
        "https://",
        "https://alice:hunter2@stillframe.example.org",
        "https://stillframe.example.org/?token=hunter2",
        "https://stillframe.example.org/#hunter2",
        "https://stillframe.example.org:port",
        "https://stillframe.example.org:99999",
        "https://stillframe.example.org/a b",
        "https://[::1",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(url: str) -> None:
    """A password that was put there by mistake stays off the screen."""
    with pytest.raises(InvalidInput, match="--server: an address is expected") as refused:
        address_in(url)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("token", [None, "", "sf_a b", "sf_a\r\nHost: elsewhere", "sf_ä"])
def test_a_token_that_is_none_is_refused_and_not_shown(token: str | None) -> None:
    """And one with a line break in it makes no header of its own."""
    with pytest.raises(InvalidInput, match="STILLFRAME_TOKEN") as refused:
        server_at("http://127.0.0.1:8000", token=token)
    assert "sf_" not in str(refused.value)


def test_a_question_carries_the_token_and_its_query() -> None:
    """Members without a value are left out, and what is special in an address is written so that it is none."""
    with ScriptedServer([answer(200, {"items": []})]) as server:
        found = server_at(f"{server.url}/under/", token=TOKEN).read(
            "/api/dashboards", {"limit": 3, "cursor": None, "a": "x&y"}
        )
    assert found == {"items": []}
    (sent,) = server.sent
    assert sent.line == "GET /under/api/dashboards?limit=3&a=x%26y HTTP/1.1"
    assert sent.headers["authorization"] == f"Bearer {TOKEN}"


def test_a_token_is_in_no_representation() -> None:
    """A traceback or a log line that shows the server shows no secret."""
    assert TOKEN not in repr(server_at("http://127.0.0.1:8000", token=TOKEN))


def test_a_broken_connection_is_tried_again_under_the_same_key() -> None:
    """Nobody knows what was done before it broke; the key lets the server know that it is the same request."""
    with ScriptedServer([HANG_UP, HANG_UP, answer(201, {"id": "x"})]) as server:
        assert server_at(server.url, token=TOKEN).post("/api/tokens", {"name": "bob"}) == {"id": "x"}
    assert len({sent.headers["idempotency-key"] for sent in server.sent}) == 1
    assert {sent.body for sent in server.sent} == {b'{"name": "bob"}'}
    assert len(server.sent) == 3


def test_files_are_sent_under_a_key_and_again_where_the_connection_broke(tmp_path: Path) -> None:
    """Byte for byte the same request: the server knows it by its key."""
    (tmp_path / "a").write_bytes(b"x" * 200_000)
    with ScriptedServer([HANG_UP, answer(201, {"id": "x"})]) as server:
        found = server_at(server.url, token=TOKEN).post_files(
            "/api/projects/a/reports", {"reason": "r"}, [("a.json", tmp_path / "a")]
        )
    assert found == {"id": "x"}
    first, second = server.sent
    assert first == second
    assert first.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert int(first.headers["content-length"]) == len(first.body)
    assert b'filename="a.json"' in first.body
    assert first.body.count(b"x" * 200_000) == 1
    assert first.headers["idempotency-key"]


def test_a_server_that_refuses_files_before_it_has_read_them_is_heard(tmp_path: Path) -> None:
    """It answers and hangs up while they are sent: its answer is what counts, and nothing is sent again."""
    with (tmp_path / "large").open("wb") as large:
        large.truncate(32 * 1024 * 1024)
    with ImpatientServer(problem(413, "too_large", "the reports are over the limit")) as server:
        asked = server_at(f"http://127.0.0.1:{server.port}", token=TOKEN)
        with pytest.raises(TooLarge, match="over the limit"):
            asked.post_files("/x", {}, [("large.json", tmp_path / "large")])
    assert server.asked == 1


class ImpatientServer:
    """Reads the head of a request, says what it has to say, takes in a little of the body, and hangs up."""

    def __init__(self, said: bytes) -> None:
        self.asked = 0
        self._said = said
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self.asked += 1
                connection.recv(65_536)
                connection.sendall(self._said)


def test_half_an_answer_is_no_answer() -> None:
    """A document that was cut on the way would be evidence of nothing; it is asked for again."""
    half = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 600\r\n\r\n%PDF"
    whole = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 4\r\n\r\n%PDF"
    with ScriptedServer([half, whole]) as server:
        assert server_at(server.url, token=TOKEN).download("/x", {}) == b"%PDF"
    with ScriptedServer([half] * 3) as server, pytest.raises(ServerUnreachable, match="the connection broke"):
        server_at(server.url, token=TOKEN).download("/x", {})


def test_two_requests_have_two_keys() -> None:
    """The same words said twice on purpose are two deeds."""
    with ScriptedServer() as server:
        asked = server_at(server.url, token=TOKEN)
        asked.post("/api/tokens", {})
        asked.post("/api/tokens", {})
    assert len({sent.headers["idempotency-key"] for sent in server.sent}) == 2


def test_a_request_that_still_runs_is_waited_for() -> None:
    """The connection broke and the work goes on: its answer is worth a second."""
    running = answer(409, {"error_code": "conflict", "detail": "still running"}, Retry_After="1")
    with ScriptedServer([HANG_UP, running, answer(201, {"id": "x"})]) as server:
        assert server_at(server.url, token=TOKEN).post("/api/tokens", {}) == {"id": "x"}
    assert len(server.sent) == 3


def test_a_conflict_of_the_first_try_is_an_answer() -> None:
    """Nothing of ours can be running yet under a key that is new."""
    with (
        ScriptedServer([answer(409, {"error_code": "conflict", "detail": "taken"}, Retry_After="1")]) as server,
        pytest.raises(Conflict),
    ):
        server_at(server.url, token=TOKEN).post("/api/tokens", {})
    assert len(server.sent) == 1


def test_a_server_that_always_hangs_up_is_named() -> None:
    """After a few tries it is not the network's mood."""
    with (
        ScriptedServer([HANG_UP] * 5) as server,
        pytest.raises(ServerUnreachable, match=rf"{server.url} cannot be asked: the connection broke"),
    ):
        server_at(server.url, token=TOKEN).read("/api/me")
    assert len(server.sent) == len(RETRY_DELAYS_SECONDS) + 1


def test_what_is_taken_away_is_taken_away_once() -> None:
    """A second try would find nothing, and say that it never was there."""
    with ScriptedServer([HANG_UP]) as server, pytest.raises(ServerUnreachable, match="a list will say"):
        server_at(server.url, token=TOKEN).delete("/api/tokens/x")
    assert len(server.sent) == 1


def test_a_redirect_is_not_followed() -> None:
    """It would carry the token to an address that nobody named."""
    with (
        ScriptedServer() as elsewhere,
        ScriptedServer([answer(307, Location=f"{elsewhere.url}/")]) as server,
        pytest.raises(ServerUnreachable, match="redirect, which is not followed"),
    ):
        server_at(server.url, token=TOKEN).read("/api/me")
    assert elsewhere.sent == []


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 502 Bad\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 404 No\r\nContent-Type: application/problem+json\r\nContent-Length: 1\r\n\r\n{",
        b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_a_server_that_is_something_else_is_said_to_be(said: bytes) -> None:
    """A port mixed up, a proxy's page of regret: no traceback, and no guess."""
    stranger = r"does not answer as Stillframe does \(HTTP \d{3}"
    with ScriptedServer([said]) as server, pytest.raises(ServerUnreachable, match=stranger):
        server_at(server.url, token=TOKEN).read("/api/me")


def test_a_problem_is_the_error_that_it_tells_of() -> None:
    """The caller sees what the flow said."""
    with (
        ScriptedServer([problem(404, "not_found", "there is no dashboard here")]) as server,
        pytest.raises(NotFound, match="there is no dashboard here"),
    ):
        server_at(server.url, token=TOKEN).read("/api/dashboard/x")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://nowhere.invalid"])
def test_a_server_that_is_not_there_is_named(url: str) -> None:
    """With its address, because a wrong one is the usual cause."""
    with pytest.raises(ServerUnreachable, match=rf"{url} cannot be asked: "):
        server_at(url, token=TOKEN).read("/api/me")


def test_what_is_downloaded_is_not_touched() -> None:
    """Evidence is its bytes."""
    raw = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 6\r\n\r\n%PDF\x00\xff"
    with ScriptedServer([raw]) as server:
        assert server_at(server.url, token=TOKEN).download("/x", {"format": "pdf"}) == b"%PDF\x00\xff"


def test_a_certificate_must_be_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever signed for itself gets no token; whoever the operator trusts, does."""
    context = self_signed(tmp_path)
    with ScriptedServer(tls=context) as server:
        with pytest.raises(ServerUnreachable, match="its certificate is not trusted"):
            server_at(server.url, token=TOKEN).read("/api/me")
        assert server.sent == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        assert server_at(server.url, token=TOKEN).read("/api/me") == {}


def self_signed(folder: Path) -> ssl.SSLContext:
    """The context of a server whose certificate for this machine nobody else signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context

"""Tests of the webhook channel against real receivers: good, bad, slow, and wrongly certified."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook, WebhookVerificationError

from stillframe.model.delivery import Failed, Sent
from stillframe.notify.address import AddressPolicy
from stillframe.notify.vault import new_secret
from stillframe.notify.webhook import WebhookChannel
from stillframe.testing import (
    Answer,
    Behaviour,
    Drip,
    Endless,
    Hang,
    Raw,
    Received,
    Reset,
    StillResolver,
    WebhookReceiver,
)
from tests.notify.letters import BODY, OPEN_POLICY, SECRET, a_letter, send, send_all, wall_clock

PATH_AND_QUERY = "/services/hush-path?auth=hush-query"


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    """A receiver that trusts the letters' secret and behaves as each test says."""
    with WebhookReceiver(secrets=[SECRET]) as started:
        yield started


def test_a_letter_arrives_as_api_md_says(receiver: WebhookReceiver) -> None:
    """One POST of the very body, with the three headers of Standard Webhooks and our name."""
    assert send(a_letter(receiver.url(PATH_AND_QUERY))) == Sent(status=204)
    (request,) = receiver.ledger
    assert request.verified
    assert (request.body, request.path, request.delivery_id) == (BODY, PATH_AND_QUERY, "delivery-1")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == "Stillframe/1.2.3"
    assert abs(int(request.headers["webhook-timestamp"]) - time.time()) < 5
    assert "cookie" not in request.headers
    assert request.headers["accept-encoding"] == "identity"


def test_during_rotation_either_secret_verifies(receiver: WebhookReceiver) -> None:
    """Two live secrets give two signatures, newest first, apart by a space."""
    old, new = new_secret(), new_secret()
    for trusted in (old, new):
        receiver.trust(trusted)
        send(a_letter(receiver.url(), secrets=(new, old)))
    assert [request.verified for request in receiver.ledger] == [True, True]
    first = receiver.ledger[0].headers["webhook-signature"].split(" ")
    assert len(first) == 2
    assert Webhook(new).sign("delivery-1", _signed_at(receiver.ledger[0]), BODY.decode()) == first[0]


def _signed_at(request: Received) -> datetime:
    return datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)


def _changes(request: Received) -> Iterator[tuple[bytes, Mapping[str, str]]]:
    """Yield the request with one thing changed: a byte of the body, the id, the time."""
    flipped = bytearray(request.body)
    flipped[5] ^= 1
    yield bytes(flipped), request.headers
    yield request.body, {**request.headers, "webhook-id": "delivery-2"}
    yield request.body, {**request.headers, "webhook-timestamp": str(int(request.headers["webhook-timestamp"]) + 1)}


def test_one_changed_byte_fails_the_package_of_pypi(receiver: WebhookReceiver) -> None:
    """The signature covers body, id and time."""
    send(a_letter(receiver.url()))
    (request,) = receiver.ledger
    for body, headers in _changes(request):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(body, dict(headers))


@pytest.mark.needs("node")
def test_the_package_of_npm_verifies_it_and_fails_one_changed_byte(receiver: WebhookReceiver, repository: Path) -> None:
    """A second implementation, by other people, agrees."""
    folder = repository / "tests" / "npm"
    if not (folder / "node_modules" / "standardwebhooks").exists():
        pytest.skip("the npm package standardwebhooks is not installed: run `npm ci` in tests/npm")
    send(a_letter(receiver.url()))
    (request,) = receiver.ledger
    assert _by_npm(folder, request.body, request.headers) == "verified"
    assert {_by_npm(folder, *changed) for changed in _changes(request)} == {"WebhookVerificationError"}


def _by_npm(folder: Path, body: bytes, headers: Mapping[str, str]) -> str:
    given = {"folder": str(folder), "secret": SECRET, "headers": dict(headers), "body": base64.b64encode(body).decode()}
    command = [shutil.which("node") or "node", str(Path(__file__).with_name("verify.mjs"))]
    return subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False).stdout


def _asking(retry_after: str, *, status: int = 429) -> Answer:
    return Answer(status=status, headers={"Retry-After": retry_after})


def _pointing(status: int) -> Answer:
    return Answer(status=status, headers={"Location": "/elsewhere"})


ANSWERS: list[tuple[Behaviour, Sent | Failed]] = [
    (Answer(status=200, body=b"thanks"), Sent(status=200)),
    (Answer(status=202), Sent(status=202)),
    (Answer(status=204), Sent(status=204)),
    (Endless(), Sent(status=200)),
    (Answer(status=200, headers={"Content-Encoding": "gzip"}, body=b"no gzip"), Sent(status=200)),
    (Answer(status=400), Failed(detail="answered 400", status=400)),
    (Answer(status=401), Failed(detail="answered 401", status=401)),
    (Answer(status=404), Failed(detail="answered 404", status=404)),
    (Answer(status=410), Failed(detail="answered 410", status=410, permanent=True)),
    (_asking("7"), Failed(detail="answered 429", status=429, retry_after_seconds=7.0)),
    (_asking("soon"), Failed(detail="answered 429", status=429)),
    (_asking("-1"), Failed(detail="answered 429", status=429)),
    (_asking("9" * 40), Failed(detail="answered 429", status=429, retry_after_seconds=86_400.0)),
    (_asking("0", status=503), Failed(detail="answered 503", status=503, retry_after_seconds=0.0)),
    (Answer(status=500, body=b"x" * 100_000), Failed(detail="answered 500", status=500)),
    (Endless(status=500), Failed(detail="answered 500", status=500)),
    (_pointing(302), Failed(detail="answered 302; redirects are not followed", status=302)),
    (_pointing(307), Failed(detail="answered 307; redirects are not followed", status=307)),
    (Answer(status=304), Failed(detail="answered 304; redirects are not followed", status=304)),
    (Reset(), Failed(detail="the connection broke", unknown=True)),
    (Raw(), Failed(detail="the answer is not HTTP", unknown=True)),
    (Raw(content=b"HTTP/1.1 20"), Failed(detail="the connection broke", unknown=True)),
    (Raw(content=b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"), Sent(status=200)),
    (Raw(content=b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000), Failed(detail="the answer is not HTTP", unknown=True)),
    (Hang(), Failed(detail="no answer within 0.5 s", unknown=True)),
    (Drip(), Failed(detail="no answer within 0.5 s", unknown=True)),
    (Drip(in_head=False), Sent(status=200)),
]  # fmt: skip


@pytest.mark.parametrize(("behaviour", "result"), ANSWERS, ids=lambda value: repr(value)[:60])
def test_each_answer_has_its_meaning(receiver: WebhookReceiver, behaviour: Behaviour, result: Sent | Failed) -> None:
    """The table of reliability.md: what is sent, what may be tried again, what not, and what nobody knows."""
    receiver.behave(behaviour)
    begun = time.monotonic()
    assert send(a_letter(receiver.url()), timeout_seconds=0.5) == result
    assert time.monotonic() - begun < 3
    assert len(receiver.ledger) == 1, "exactly one request, and no redirect followed"


def test_a_body_that_drips_costs_a_moment_and_not_the_timeout(receiver: WebhookReceiver) -> None:
    """The head of the answer has decided; the rest is not worth a place among the sends."""
    receiver.behave(Drip(in_head=False))
    begun = time.monotonic()
    assert send(a_letter(receiver.url()), timeout_seconds=20) == Sent(status=200)
    assert time.monotonic() - begun < 5


def test_after_any_bad_answer_the_channel_still_works(receiver: WebhookReceiver) -> None:
    """A broken connection is not used again."""
    receiver.behave(*(behaviour for behaviour, _ in ANSWERS), Answer(status=201))
    batch = [a_letter(receiver.url(), delivery_id=f"delivery-{number}") for number in range(len(ANSWERS) + 1)]
    results = send_all(*batch, timeout_seconds=0.3)
    assert results[-1] == Sent(status=201)
    assert [isinstance(result, Sent) for result in results[:-1]] == [isinstance(wanted, Sent) for _, wanted in ANSWERS]


def test_connections_are_used_again(receiver: WebhookReceiver) -> None:
    """One session, one connection for letters that follow each other."""
    send_all(*(a_letter(receiver.url()) for _ in range(5)))
    assert (len(receiver.ledger), receiver.connections) == (5, 1)


def test_an_answer_is_not_unpacked(receiver: WebhookReceiver) -> None:
    """A receiver cannot make us inflate its answer: what claims to be gzip and is not breaks no connection."""
    receiver.behave(Answer(status=200, headers={"Content-Encoding": "gzip"}, body=b"no gzip"))
    assert send_all(a_letter(receiver.url()), a_letter(receiver.url())) == [Sent(status=200)] * 2
    assert receiver.connections == 1


def test_cookies_are_not_kept(receiver: WebhookReceiver) -> None:
    """One receiver's state never reaches another."""
    receiver.behave(Answer(headers={"Set-Cookie": "a=b"}))
    letter = a_letter(f"http://cookies.example.org:{receiver.port}/hook")
    send_all(letter, letter, resolver=StillResolver({"cookies.example.org": ["127.0.0.1"]}))
    assert len(receiver.ledger) == 2
    assert all("cookie" not in request.headers for request in receiver.ledger)


def test_a_proxy_of_the_environment_is_not_trusted(receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address check would be worth nothing if a proxy made the connection."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert send(a_letter(receiver.url())) == Sent(status=204)


def test_a_refused_connection_is_known_to_have_failed() -> None:
    """Nothing went out, so a later try is no repeat."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        result = send(a_letter(f"http://127.0.0.1:{unused.getsockname()[1]}/hook"))
    assert result == Failed(detail="no connection: Connection refused")


def test_a_connection_that_is_never_taken_is_known_to_have_failed() -> None:
    """A listener that sleeps never shakes hands: the time is up before the letter was out."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        silent = send(a_letter(f"https://127.0.0.1:{listener.getsockname()[1]}/hook"), timeout_seconds=0.5)
    assert silent == Failed(detail="no connection within 0.5 s")


def test_a_name_that_does_not_resolve_is_known_to_have_failed() -> None:
    """The name service may know better later."""
    result = send(a_letter("https://gone.example.org/hush"), policy=AddressPolicy(), resolver=StillResolver({}))
    assert result == Failed(detail="the name does not resolve")


def test_an_address_that_is_refused_is_permanent_and_never_connected(receiver: WebhookReceiver) -> None:
    """A stored address is checked again at each send: by its spelling, and by where its name leads."""
    strict = AddressPolicy()
    resolver = StillResolver({"turned.example.org": ["127.0.0.1"]})
    literal = send(a_letter(receiver.url()), policy=strict)
    named = send(a_letter(f"http://turned.example.org:{receiver.port}/"), policy=strict, resolver=resolver)
    assert literal == Failed(detail="the address is not allowed", permanent=True)
    assert named == Failed(detail="the name leads to an address that is not allowed", permanent=True)
    assert receiver.connections == 0


@pytest.mark.parametrize("secrets", [(), ("whsec_",), ("whsec_a",), (SECRET, "whsec_")])
def test_a_letter_that_cannot_be_signed_is_not_sent(receiver: WebhookReceiver, secrets: tuple[str, ...]) -> None:
    """An unsigned letter would teach receivers not to check."""
    result = send(a_letter(receiver.url(), secrets=secrets))
    assert isinstance(result, Failed)
    assert result.permanent
    assert "secret" in result.detail
    assert receiver.connections == 0


@pytest.mark.parametrize(
    "behaviour", [behaviour for behaviour, wanted in ANSWERS if isinstance(wanted, Failed)], ids=repr
)
def test_no_failure_repeats_the_address_or_what_the_receiver_said(behaviour: Behaviour) -> None:
    """A detail goes to logs and pages; a path is a credential, and a receiver may echo it."""
    with WebhookReceiver(behaviour, secrets=[SECRET]) as receiver:
        result = send(a_letter(receiver.url(PATH_AND_QUERY)), timeout_seconds=0.3)
    assert isinstance(result, Failed)
    assert "hush" not in repr(result)
    assert re.fullmatch(r"[\w ;.,:]+", result.detail)


Made: TypeAlias = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def _certificate(name: str = "receiver.example.org", *, days: int = 1) -> Made:
    """Make a certificate that vouches for itself, for one name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=10)).not_valid_after(now + timedelta(days=days))
    names = x509.SubjectAlternativeName([x509.DNSName(name)])
    builder = builder.add_extension(names, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.sign(key, hashes.SHA256()), key


def _server_tls(made: Made) -> ssl.SSLContext:
    certificate, key = made
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write(certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*form))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def _client_tls(certificate: x509.Certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=certificate.public_bytes(serialization.Encoding.PEM).decode())


@pytest.mark.parametrize(
    ("name", "days", "trusted"),
    [("receiver.example.org", 1, False), ("other.example.org", 1, True), ("receiver.example.org", -1, True)],
    ids=["made by nobody we know", "of another name", "expired"],
)
def test_a_bad_certificate_is_known_to_have_failed(name: str, days: int, *, trusted: bool) -> None:
    """The letter does not go out to whom it is not meant for."""
    made = _certificate(name, days=days)
    tls = _client_tls(made[0]) if trusted else None
    with WebhookReceiver(tls=_server_tls(made)) as receiver:
        url = f"https://receiver.example.org:{receiver.port}/hush"
        result = send(a_letter(url), tls=tls, resolver=StillResolver({"receiver.example.org": ["127.0.0.1"]}))
        assert receiver.ledger == ()
    assert result == Failed(detail="the TLS certificate is not valid")


def test_a_good_certificate_is_taken_for_the_name_that_was_typed() -> None:
    """It is the name that is verified, wherever it leads."""
    made = _certificate()
    with WebhookReceiver(tls=_server_tls(made), secrets=[SECRET]) as receiver:
        url = f"https://receiver.example.org:{receiver.port}/hook"
        resolver = StillResolver({"receiver.example.org": ["127.0.0.1"]})
        assert send(a_letter(url), tls=_client_tls(made[0]), resolver=resolver) == Sent(status=204)
        assert receiver.ledger[0].verified


def test_a_receiver_that_speaks_no_tls_is_known_to_have_failed(receiver: WebhookReceiver) -> None:
    """A handshake that fails is before the letter."""
    result = send(a_letter(receiver.url().replace("http:", "https:")))
    assert isinstance(result, Failed)
    assert (result.detail, result.unknown) == ("TLS failed", False)


def test_letters_share_the_session_and_go_out_side_by_side(receiver: WebhookReceiver) -> None:
    """Ten letters to a receiver that takes its time cost the time once."""
    receiver.behave(Hang(seconds=0.3))

    async def run() -> float:
        channel = WebhookChannel(policy=OPEN_POLICY, clock=wall_clock, version="1.2.3")
        begun = time.monotonic()
        results = await asyncio.gather(*(channel.send(a_letter(receiver.url())) for _ in range(10)))
        took_seconds = time.monotonic() - begun
        await channel.close()
        await channel.close()
        assert set(results) == {Sent(status=204)}
        return took_seconds

    assert asyncio.run(run()) < 1.5

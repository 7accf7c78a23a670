"""Tests of the shipped fakes: a fake that does not behave as it says spoils every test that stands on it."""

from __future__ import annotations

import asyncio
import http.client
import socket
import time
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from stillframe.model.delivery import Failed, Sent
from stillframe.notify.vault import new_secret
from stillframe.testing import (
    Answer,
    Drip,
    Endless,
    Hang,
    MemoryChannel,
    Raw,
    Reset,
    StillClock,
    StillResolver,
    WebhookReceiver,
)
from tests.notify.letters import a_letter

BODY = b'{"type":"dashboard.diverged"}'


def post(receiver: WebhookReceiver, *, headers: dict[str, str] | None = None, seconds: float = 5) -> tuple[int, bytes]:
    """Post the body with a client that has nothing to do with ours; return the status and the body of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port, timeout=seconds)
    try:
        connection.request("POST", "/hook?x=1", body=BODY, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read(100_000)
    finally:
        connection.close()


def signed(secret: str, delivery_id: str = "delivery-1") -> dict[str, str]:
    """Return the headers of Standard Webhooks for the body."""
    now = datetime.now(UTC)
    signature = Webhook(secret).sign(delivery_id, now, BODY.decode())
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }


def test_a_still_clock_stands_until_it_is_moved() -> None:
    """Time is an argument: a test decides what it is."""
    clock = StillClock(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock() == clock() == datetime(2026, 1, 1, tzinfo=UTC)
    clock.move(days=1, hours=2, minutes=3, seconds=4.5)
    assert clock() == datetime(2026, 1, 2, 2, 3, 4, 500_000, tzinfo=UTC)
    clock.move(seconds=-4.5)
    assert clock() == datetime(2026, 1, 2, 2, 3, tzinfo=UTC)


def test_a_still_clock_needs_a_zone() -> None:
    """A time without a zone is no moment."""
    with pytest.raises(ValueError, match="zone"):
        StillClock(datetime(2026, 1, 1))  # noqa: DTZ001 - that it is refused is what is tested


def test_the_ledger_keeps_what_came_and_whether_its_signature_fits() -> None:
    """Right secret, wrong secret, no signature: three entries, in order of arrival."""
    alice, bob = new_secret(), new_secret()
    with WebhookReceiver(secrets=[alice]) as receiver:
        post(receiver, headers=signed(alice))
        post(receiver, headers=signed(bob, "delivery-2"))
        post(receiver)
        ledger = receiver.wait_for(3)
    assert [entry.verified for entry in ledger] == [True, False, False]
    assert [entry.delivery_id for entry in ledger] == ["delivery-1", "delivery-2", ""]
    assert {(entry.path, entry.body) for entry in ledger} == {("/hook?x=1", BODY)}
    assert ledger == receiver.ledger


def test_a_receiver_without_secrets_verifies_nothing() -> None:
    """What nobody checked is never called verified."""
    with WebhookReceiver() as receiver:
        post(receiver, headers=signed(new_secret()))
        assert not receiver.ledger[0].verified
        alice = new_secret()
        receiver.trust(alice)
        post(receiver, headers=signed(alice))
        assert receiver.ledger[1].verified


def test_behaviours_come_in_turn_and_the_last_one_stays() -> None:
    """A story of failures and a good end is one line in a test."""
    with WebhookReceiver(Answer(status=500), Answer(status=429, headers={"Retry-After": "7"}), Answer()) as receiver:
        assert [post(receiver)[0] for _ in range(4)] == [500, 429, 204, 204]
        receiver.behave(Answer(status=200, body=b"thanks"))
        assert post(receiver) == (200, b"thanks")


def test_hanging_is_forever_or_for_a_while() -> None:
    """A hanging receiver has the request and gives nothing back."""
    with WebhookReceiver(Hang(), Hang(seconds=0.05)) as receiver:
        with pytest.raises(TimeoutError):
            post(receiver, seconds=0.2)
        assert post(receiver)[0] == 204
        assert len(receiver.ledger) == 2


def test_dripping_never_comes_to_an_end() -> None:
    """Bytes keep coming, so a timeout between bytes is not enough; in the body the status is known, in the head not."""
    with WebhookReceiver(Drip(), Drip(in_head=False)) as receiver:
        for head in (b"HTTP/1.1 200 OK\r\nx-slow: x", b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nx"):
            with socket.create_connection(("127.0.0.1", receiver.port), timeout=0.5) as client:
                client.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
                got, until = b"", time.monotonic() + 0.3
                while time.monotonic() < until:
                    got += client.recv(4096)
            assert got.startswith(head)
            assert len(got) > len(head)


def test_an_endless_answer_is_longer_than_anybody_reads() -> None:
    """The reader must stop by itself."""
    with WebhookReceiver(Endless()) as receiver:
        status, body = post(receiver)
        assert (status, len(body)) == (200, 100_000)


def test_a_reset_comes_after_the_request_was_read() -> None:
    """The sender cannot know what the receiver did with it."""
    with WebhookReceiver(Reset()) as receiver:
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            post(receiver)
        assert len(receiver.ledger) == 1


def test_raw_bytes_are_sent_as_they_are() -> None:
    """What is not HTTP is not made into it."""
    with WebhookReceiver(Raw(content=b"220 smtp ready\r\n")) as receiver, pytest.raises(http.client.BadStatusLine):
        post(receiver)


def test_connections_are_counted_with_a_request_or_without() -> None:
    """A canary hears a connect that says nothing."""
    with WebhookReceiver() as receiver:
        socket.create_connection(("127.0.0.1", receiver.port)).close()
        post(receiver)
        assert (receiver.connections, len(receiver.ledger)) == (2, 1)


def test_waiting_for_what_does_not_come_says_how_much_came() -> None:
    """A test that waits fails with a number."""
    with WebhookReceiver() as receiver:
        post(receiver)
        with pytest.raises(TimeoutError, match="1 of 2"):
            receiver.wait_for(2, seconds=0.05)


def test_a_port_that_is_taken_is_told() -> None:
    """A receiver that did not start must not look like one that hears nothing."""
    with WebhookReceiver() as receiver, pytest.raises(RuntimeError, match="did not start"):
        WebhookReceiver(port=receiver.port).__enter__()


def test_a_memory_channel_keeps_letters_and_answers_as_it_is_told() -> None:
    """Results in turn, the last one for all that follow, and the most that were open at once."""
    channel = MemoryChannel(Failed(detail="no"), Sent(status=200), seconds=0.01)

    async def run() -> list[Sent | Failed]:
        first = [await channel.send(a_letter())]
        rest = await asyncio.gather(*(channel.send(a_letter(receiver=f"r-{number % 2}")) for number in range(4)))
        await channel.close()
        return first + rest

    assert asyncio.run(run()) == [Failed(detail="no"), *[Sent(status=200)] * 4]
    assert (len(channel.letters), channel.most_open_in_all, channel.closed) == (5, 4, True)
    assert channel.most_open == {"receiver-1": 1, "r-0": 2, "r-1": 2}


def test_a_still_resolver_gives_a_names_addresses_in_turn() -> None:
    """A name that changes its mind between two look-ups is one line in a test."""
    resolver = StillResolver({"a.example.org": ["192.0.2.1", "::1"]})

    async def ask(name: str) -> str:
        return (await resolver.resolve(name, 443))[0]["host"]

    assert [asyncio.run(ask("a.example.org")) for _ in range(3)] == ["192.0.2.1", "::1", "::1"]
    with pytest.raises(OSError, match="not known"):
        asyncio.run(ask("b.example.org"))
    assert resolver.asked == ["a.example.org"] * 3 + ["b.example.org"]

"""Mail is handed over once, on one connection, and every way in which that can fail is told apart from the others."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stillframe.model.delivery import Failed, Letter, Result, Sent
from stillframe.notify.mail import MailChannel, MailServer
from tests.notify.letters import a_letter
from tests.post_office import HOST, PASSWORD, USER, Break, Certificate, Dawdle, Mailbox, Say, new_certificate

BODY = b"Subject: news\r\nMessage-ID: <1@example.org>\r\n\r\nUnited fell.\r\n.a line with a dot\r\n..two\r\n"
ANA = "ana@example.org"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for the servers of this module."""
    return new_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A server without encryption."""
    with Mailbox() as opened:
        yield opened


def server_of(mailbox: Mailbox, **more: Any) -> MailServer:
    options: dict[str, Any] = {"security": "none", "timeout_seconds": 5.0, "sender": "Frames <frames@example.org>"}
    return MailServer(**{"host": HOST, "port": mailbox.port, **options, **more})


def a_mail(address: str = ANA, *, body: bytes = BODY) -> Letter:
    return replace(a_letter(address, body=body), channel="email", secrets=())


def send(server: MailServer, *mails: Letter, at_once: bool = False) -> list[Result]:
    """Send mails through one new channel, one after the other or all at once."""

    async def run() -> list[Result]:
        channel = MailChannel(server)
        try:
            if at_once:
                return list(await asyncio.gather(*map(channel.send, mails)))
            return [await channel.send(mail) for mail in mails]
        finally:
            await channel.close()

    return asyncio.run(run())


def failed(result: Result) -> Failed:
    assert isinstance(result, Failed)
    return result


def test_a_mail_arrives_as_it_was_written(mailbox: Mailbox) -> None:
    """Byte for byte, lines that begin with a dot too; from the address of the sender, without its name."""
    (result,) = send(server_of(mailbox), a_mail())
    (mail,) = mailbox.arrived
    assert result == Sent(status=250)
    assert mail.content == BODY
    assert (mail.sender, mail.recipients) == ("frames@example.org", (ANA,))


def test_lone_line_ends_become_whole_ones(mailbox: Mailbox) -> None:
    """A bare LF is refused by careful servers, and was a way to smuggle a second mail."""
    send(server_of(mailbox), a_mail(body=b"Subject: x\n\na\r.\nb\rc"))
    assert mailbox.arrived[0].content == b"Subject: x\r\n\r\na\r\n.\r\nb\r\nc\r\n"


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_goes_encrypted_and_signed_in(certificate: Certificate, security: Any) -> None:
    """STARTTLS or TLS from the first byte; the password is given only then."""
    with Mailbox(security=security, certificate=certificate, sign_in=True) as mailbox:
        told = server_of(mailbox, security=security, username=USER, password=PASSWORD, tls=certificate.client_context())
        assert send(told, a_mail()) == [Sent(status=250)]
        (mail,) = mailbox.arrived
        assert (mail.encrypted, mail.user) == (True, USER)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Certificate, security: Any) -> None:
    """Nothing is said to a server that is not who it says; when it is mended the mail goes."""
    with Mailbox(security=security, certificate=certificate) as mailbox:
        (result,) = send(server_of(mailbox, security=security), a_mail())
        assert failed(result).detail == "the TLS certificate of the mail server is not valid"
        assert not failed(result).permanent
        assert mailbox.arrived == ()


def test_a_server_without_starttls_gets_nothing(mailbox: Mailbox) -> None:
    """What was asked to be encrypted never goes in clear."""
    (result,) = send(server_of(mailbox, security="starttls"), a_mail())
    assert failed(result).detail == "the server offers no STARTTLS"
    assert mailbox.begun == 0


def test_a_wrong_password_is_tried_again_and_never_told(certificate: Certificate) -> None:
    """The operator may mend it; neither name nor password stand in what is kept of the try."""
    with Mailbox(security="starttls", certificate=certificate, sign_in=True) as mailbox:
        told = server_of(
            mailbox, security="starttls", username=USER, password="no-canary", tls=certificate.client_context()
        )
        (result,) = send(told, a_mail())
    assert failed(result).status == 535
    assert failed(result).detail.startswith("the server refused the sign-in: 535")
    assert not failed(result).permanent
    assert "canary" not in repr(result) + repr(told)
    assert USER not in failed(result).detail


def test_a_sign_in_that_the_server_does_not_offer_is_said() -> None:
    """A password goes to no server that would take it in clear only because it was asked."""
    with Mailbox(security="none") as plain:
        (result,) = send(server_of(plain, username=USER, password=PASSWORD), a_mail())
    assert failed(result).detail == "the server offers no sign-in on this connection"
    assert not failed(result).unknown


@pytest.mark.parametrize(
    ("behaviour", "detail", "permanent"),
    [
        (Say(at="MAIL", line="451 4.3.0 busy"), "the sender was refused: 451 4.3.0", False),
        (Say(at="MAIL", line="550 5.7.1 not you <x@y.org>"), "the sender was refused: 550 5.7.1", False),
        (Say(at="RCPT", line="450 4.2.1 full"), "the recipient was refused: 450 4.2.1", False),
        (Say(at="RCPT", line="550 5.1.1 no ana@example.org here"), "the recipient was refused: 550 5.1.1", True),
        (Say(at="DATA", line="451 later"), "the mail was refused: 451", False),
        (Say(at="DATA", line="554 5.7.1 spam"), "the mail was refused: 554 5.7.1", True),
        (Say(at="DOT", line="452 4.3.1 full"), "the mail was refused: 452 4.3.1", False),
        (Say(at="DOT", line="552 5.3.4 too large"), "the mail was refused: 552 5.3.4", True),
    ],
)
def test_a_refusal_is_a_failure_whose_kind_says_whether_to_try_again(
    mailbox: Mailbox, behaviour: Say, detail: str, permanent: bool
) -> None:
    """4xx comes again, 5xx only where it is not about the operator's own settings; an address is never repeated."""
    mailbox.behave(behaviour, None)
    refused, next_one = send(server_of(mailbox), a_mail(), a_mail("bob@example.org"))
    assert refused == Failed(detail=detail, status=int(behaviour.line[:3]), permanent=permanent)
    assert next_one == Sent(status=250)
    assert [mail.recipients for mail in mailbox.arrived] == [("bob@example.org",)]
    assert mailbox.connections == 1, "a refusal costs the connection"


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "CONTENT"])
def test_what_breaks_before_the_last_dot_is_known_not_to_have_arrived(mailbox: Mailbox, step: Any) -> None:
    """Without the dot no server may take a mail, so it is sent again without a doubt."""
    mailbox.behave(Break(at=step))
    body = BODY + b"x" * 70 + b"\r\n"
    (result,) = send(server_of(mailbox), a_mail(body=body * 60_000 if step == "CONTENT" else body))
    assert result == Failed(detail="the connection broke before the mail was sent")
    assert mailbox.arrived == ()


def test_what_breaks_after_the_last_dot_may_have_arrived(mailbox: Mailbox) -> None:
    """Here it did, and nobody said so: only the policy can decide what follows."""
    mailbox.behave(Break(at="DOT"))
    (result,) = send(server_of(mailbox), a_mail())
    assert result == Failed(detail="the connection broke after the mail was sent", unknown=True)
    assert len(mailbox.arrived) == 1


@pytest.mark.parametrize(("step", "unknown"), [("RCPT", False), ("DOT", True)])
def test_a_slow_server_is_waited_for_no_longer_than_one_try_may_take(
    mailbox: Mailbox, step: Any, unknown: bool
) -> None:
    """The whole try has one limit; whether the mail may have arrived depends on the dot alone."""
    mailbox.behave(Dawdle(at=step, seconds=30), None)
    begun = time.monotonic()
    late, next_one = send(server_of(mailbox, timeout_seconds=0.5), a_mail(), a_mail())
    assert time.monotonic() - begun < 5
    assert failed(late).unknown is unknown
    assert failed(late).detail.endswith("within 0.5 s")
    assert next_one == Sent(status=250)
    assert mailbox.connections == 2, "an answer that may still come would be taken for the next one's"


def test_many_mails_take_turns_on_one_connection(mailbox: Mailbox) -> None:
    """A mail server counts connections, and greets each for longer than a mail takes."""
    results = send(server_of(mailbox), *(a_mail(f"a{number}@example.org") for number in range(20)), at_once=True)
    assert results == [Sent(status=250)] * 20
    assert mailbox.connections == 1
    assert {mail.recipients[0] for mail in mailbox.arrived} == {f"a{number}@example.org" for number in range(20)}


def test_a_connection_that_the_server_closed_is_opened_again_at_once(mailbox: Mailbox) -> None:
    """What is idle is closed by the other side; the next mail does not pay for it with a try."""

    async def run() -> list[Result]:
        channel = MailChannel(server_of(mailbox))
        first = await channel.send(a_mail())
        await asyncio.to_thread(mailbox.drop_connections)
        second = await channel.send(a_mail())
        mailbox.behave(Break(at="MAIL"), None)
        third = await channel.send(a_mail())
        mailbox.behave(Say(at="MAIL", line="421 4.4.2 idle for too long"), None)
        fourth = await channel.send(a_mail())
        await channel.close()
        return [first, second, third, fourth]

    assert asyncio.run(run()) == [Sent(status=250)] * 4
    assert mailbox.connections == 4
    assert len(mailbox.arrived) == 4


def test_an_address_beyond_ascii_needs_a_server_that_takes_it(mailbox: Mailbox) -> None:
    """Never a mail to somebody else: it goes as it is, or not at all."""
    address = "größe@example.org"
    assert send(server_of(mailbox), a_mail(address)) == [Sent(status=250)]
    assert mailbox.arrived[0].recipients == (address,)
    with Mailbox(utf8=False) as old:
        (result,) = send(server_of(old), a_mail(address))
        assert failed(result).permanent
        assert address not in failed(result).detail
        assert old.begun == 0


def test_nobody_there_is_said_without_the_addresses() -> None:
    """No listener, no such name: both are tried again."""
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
    gone = MailServer(host=HOST, port=port, sender=ANA, security="none", timeout_seconds=3)
    (result,) = send(gone, a_mail())
    assert failed(result).detail == "no connection to the mail server: Connection refused"
    (result,) = send(replace(gone, host="mail.invalid"), a_mail())
    assert failed(result).detail == "the name of the mail server does not resolve"
    assert not failed(result).unknown


def test_what_is_no_mail_server_is_found_out(tmp_path: Path) -> None:
    """Another service on that port answers in its own language."""
    with socket.create_server((HOST, 0)) as listener:
        listener.settimeout(5)

        async def run() -> Result:
            channel = MailChannel(
                MailServer(host=HOST, port=listener.getsockname()[1], sender=ANA, security="none", timeout_seconds=3)
            )
            sending = asyncio.create_task(channel.send(a_mail()))
            connection, _ = await asyncio.to_thread(listener.accept)
            with connection:
                connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
                result = await sending
            await channel.close()
            return result

        result = asyncio.run(run())
    assert failed(result).detail.startswith("the server refused the connection")
    assert "SSH" not in failed(result).detail

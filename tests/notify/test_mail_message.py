"""A mail is whole, plain ASCII, the same bytes each time, and finds its thread."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.notify.mail_message import Envelope, mail_message, message_id, picture_id
from stillframe.report.mail import Mail, Picture, mail_html, mail_text
from stillframe.report.mail.document import Paragraph

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
STOP = "https://frames.example.org/u/" + "WyJ1bnN1YnNjcmliZSJd" * 8


def envelope(**more: Any) -> Envelope:
    given: dict[str, Any] = {
        "sender": "Frames <frames@example.org>",
        "recipient": "ana@example.org",
        "message_name": "01a2-0001_01a2-0002",
        "thread_name": "board-1.01a2-0002.thread",
        "list_name": "board-1",
        "date": datetime(2026, 11, 21, 12, 30, 0, 123_000, tzinfo=UTC),
        "stop_url": STOP,
    }
    return Envelope(**given | more)


def a_mail(subject: str = "Board: United fell", text: str = "größer → kleiner", *blocks: Any) -> Mail:
    return Mail(subject=subject, dashboard="Board", headline="United fell", blocks=(Paragraph(text=text), *blocks))


def parsed(content: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(content, policy=default))


def test_the_same_mail_is_the_same_bytes() -> None:
    """A second try is the first one again: who compares them finds no difference."""
    first, again = (mail_message(a_mail(), envelope(), picture=PNG) for _ in range(2))
    assert first == again
    assert mail_message(a_mail(), envelope(message_name="another"), picture=PNG) != first


def test_both_forms_and_the_picture_arrive() -> None:
    """Text for who reads text, HTML with its picture inside for the others, in the order of preference."""
    told = envelope()
    picture = Picture(content_id=picture_id(told), alt="a", width=440, height=100)
    mail = a_mail("Board: United fell", "größer", picture)
    message = parsed(mail_message(mail, told, picture=PNG))
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert text.get_content().replace("\r\n", "\n") == mail_text(mail)
    assert html.get_content().replace("\r\n", "\n") == mail_html(mail)
    (image,) = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert image.get_payload(decode=True) == PNG
    assert f"cid:{str(image['Content-ID']).strip('<>')}" in html.get_content()
    assert not [part.defects for part in message.walk() if part.defects]


def test_everything_is_ascii_in_lines_that_no_server_breaks() -> None:
    """What a server on the way would encode anew or fold breaks the signature of the sender's server."""
    content = mail_message(a_mail("Größe: 日本 " * 12), envelope(), picture=PNG)
    assert content.isascii()
    lines = content.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) < 998
    assert parsed(content)["Subject"] == ("Größe: 日本 " * 12).rstrip() or "Größe" in parsed(content)["Subject"]


def test_ids_are_made_from_names_and_the_sender() -> None:
    """One id for all tries of a delivery, one thread for all mails of a subscription to a dashboard."""
    message = parsed(mail_message(a_mail(), envelope()))
    assert message["Message-ID"] == "<01a2-0001_01a2-0002@example.org>"
    assert message["In-Reply-To"] == message["References"] == "<board-1.01a2-0002.thread@example.org>"
    assert message["List-Id"] == "<board-1.example.org>"
    assert message["Date"] == "Sat, 21 Nov 2026 12:30:00 +0000"
    assert re.fullmatch(r"<[0-9a-f]{24}@example\.org>", message_id("project:my service", sender="a@example.org"))


def test_one_post_unsubscribes_and_no_program_answers() -> None:
    """RFC 8058 for mail programs, RFC 3834 for other machines; the address is neither folded nor encoded."""
    content = mail_message(a_mail(), envelope())
    assert f"\r\nList-Unsubscribe: <{STOP}>\r\n".encode() in content
    message = parsed(content)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    plain = parsed(mail_message(a_mail(), envelope(stop_url=None)))
    assert "List-Unsubscribe" not in plain
    assert "List-Unsubscribe-Post" not in plain


@pytest.mark.parametrize(
    ("importance", "headers"), [("low", ("low", "5")), ("normal", (None, None)), ("high", ("high", "1"))]
)
def test_importance_is_said_in_both_ways_that_programs_know(
    importance: Any, headers: tuple[str | None, str | None]
) -> None:
    """Outlook reads the one, others the other."""
    message = parsed(mail_message(a_mail(), envelope(importance=importance)))
    assert (message["Importance"], message["X-Priority"]) == headers


def test_names_and_addresses_beyond_ascii_are_right() -> None:
    """A name is encoded; a domain is punycode already; only a local part needs a server that takes UTF-8."""
    told = envelope(sender="Größe <frames@example.org>", recipient="ana@xn--bcher-kva.example")
    content = mail_message(a_mail(), told)
    assert content.isascii()
    message = parsed(content)
    assert message["From"].addresses[0].display_name == "Größe"
    assert message["To"].addresses[0].addr_spec == "ana@xn--bcher-kva.example"
    there = mail_message(a_mail(), envelope(recipient="größe@example.org"))
    assert "\r\nTo: größe@example.org\r\n".encode() in there


@pytest.mark.parametrize("header", ["subject", "stop_url", "list_name"])
def test_a_second_line_in_a_header_is_refused_or_made_harmless(header: str) -> None:
    """Nobody writes a header of their own into a mail of ours."""
    evil = "x\r\nBcc: eve@example.org"
    if header == "list_name":
        assert b"Bcc" not in mail_message(a_mail(), envelope(list_name=evil))
        return
    with pytest.raises(ValueError, match=r"(?i)line"):
        mail_message(
            a_mail(evil) if header == "subject" else a_mail(),
            envelope(**({} if header == "subject" else {header: evil})),
        )


@pytest.mark.parametrize(
    "evil",
    [
        "=?utf-8?q?a=0D=0ABcc:_eve@example.org?=",
        "=?utf-8?b?YQ0KDQpCdXkgdGhpcw==?=",
        "=?utf-8?q?=E2=80=AEfdp.exe?=",
        "x =?utf-8?b?gICA?= é",
        "=?unknown-8bit?q?=FF?= z =?utf-8?b?b? é",
    ],
)
@pytest.mark.parametrize("recipient", ["ana@example.org", "größe@example.org"])
def test_what_looks_like_an_encoded_word_stays_those_letters(evil: str, recipient: str) -> None:
    """Decoded it would be lines, and so headers and a body, written by whoever names a dashboard or a row."""
    content = mail_message(a_mail(f"{evil}: moved"), envelope(recipient=recipient))
    head = content.partition(b"\r\n\r\n")[0]
    assert head.count(b"\r\nTo: ") == 1
    assert b"MIME-Version" in head
    assert b"\nBcc" not in content
    assert parsed(content)["Subject"] == f"{evil}: moved"
    there = mail_message(a_mail(), envelope(recipient="=?utf-8?q?b=0D=0A=0D=0ABuy?=@example.org"))
    assert b"\r\nTo: =?utf-8?q?b=0D=0A=0D=0ABuy?=@example.org\r\n" in there


@given(
    text=st.text(max_size=200),
    subject=st.text(max_size=120).filter(lambda text: len(text.splitlines()) <= 1 and text.isprintable()),
)
def test_any_text_makes_a_mail_that_can_be_read_again(text: str, subject: str) -> None:
    """Halves of pairs, dots, boundaries, quotes: none breaks the message."""
    content = mail_message(a_mail(subject, text), envelope())
    message = parsed(content)
    assert content.isascii()
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert not [part.defects for part in message.walk() if part.defects]


def test_a_sender_that_is_no_address_is_refused() -> None:
    """The settings are checked at the start; here it is the last time."""
    with pytest.raises(ValueError, match=r"address"):
        mail_message(a_mail(), envelope(sender="Frames"))

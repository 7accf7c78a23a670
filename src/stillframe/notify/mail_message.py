"""A mail as it is transmitted: headers, both forms and the picture in one MIME message, the same bytes each time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from email.utils import format_datetime
from typing import Any, Final

from stillframe.model.calm import Importance
from stillframe.notify.mail_address import sender_address
from stillframe.report.mail import Mail, mail_html, mail_text

_IMPORTANCE: Final[Mapping[Importance, Mapping[str, str]]] = {
    "low": {"Importance": "low", "X-Priority": "5"},
    "normal": {},
    "high": {"Importance": "high", "X-Priority": "1"},
}
_ONE_CLICK: Final = "List-Unsubscribe=One-Click"
_AS_WRITTEN: Final = ("to", "message-id", "in-reply-to", "references", "list-id", "list-unsubscribe", "content-id")
_ENCODED_WORD: Final = "=?"
_LINE_MOST: Final = 76


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """
    From whom a mail comes, to whom it goes, and in which conversation.

    Shape   `sender`: an address, with or without a name. `message_name`, `thread_name`: what the ids of the mail and of
            its thread are made from; the same names make the same ids. `list_name`: what mail is filtered by.
            `stop_url`: where one POST unsubscribes, None without a public address.
    """

    sender: str
    recipient: str = field(repr=False)
    message_name: str
    thread_name: str
    list_name: str
    date: datetime
    importance: Importance = "normal"
    stop_url: str | None = field(default=None, repr=False)


def mail_message(mail: Mail, envelope: Envelope, *, picture: bytes | None = None) -> bytes:
    """
    Return a mail as bytes: text and HTML side by side, and the picture beside the HTML that shows it.

    Everything is ASCII and no line long, so that no server on the way changes it, and the signature that the sender's
    server makes holds. A CR or LF in a header is refused by the policy, wherever it came from, and what looks like an
    encoded word in a title is never decoded: it could hold both.

    Shape   `picture`: a PNG, shown where the mail has a `Picture` with the content id `picture_id`.
    Errors  ValueError for a sender that is none, and for a header of two lines.
    Source  RFC 5322; RFC 2046 5.1.4 and RFC 2387 (the parts); RFC 3834 5 (Auto-Submitted); RFC 2919; RFC 8058.
    """
    policy = _POLICY if envelope.recipient.isascii() else _POLICY.clone(utf8=True)
    message = EmailMessage(policy=policy)
    _head(message, mail, envelope)
    message.set_content(_encodable(mail_text(mail)), cte="quoted-printable")
    message.add_alternative(_encodable(mail_html(mail)), subtype="html", cte="quoted-printable")
    if picture is not None:
        html = message.get_payload(1)
        assert isinstance(html, EmailMessage)
        html.add_related(
            picture, "image", "png", cid=f"<{picture_id(envelope)}>", disposition="inline", filename="change.png"
        )
    for number, part in enumerate(found for found in message.walk() if found.is_multipart()):
        # Neither quoted-printable nor base64 can hold "=_" at the beginning of a line.
        part.set_boundary(f"=_{_digest(envelope.message_name)}_{number}")
    return message.as_bytes()


def picture_id(envelope: Envelope) -> str:
    """Return the content id of the picture of this mail."""
    return f"picture.{_digest(envelope.message_name)}@{_domain(envelope.sender)}"


def message_id(name: str, *, sender: str) -> str:
    """
    Return the Message-ID that a name makes under a sender's domain.

    >>> message_id("0193_0194", sender="Stillframe <frames@example.org>")
    '<0193_0194@example.org>'
    """
    safe = (
        name if name.replace("-", "").replace("_", "").replace(".", "").isalnum() and name.isascii() else _digest(name)
    )
    return f"<{safe}@{_domain(sender)}>"


def _head(message: EmailMessage, mail: Mail, envelope: Envelope) -> None:
    name, address = sender_address(envelope.sender)
    thread = message_id(envelope.thread_name, sender=envelope.sender)
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = envelope.recipient
    message["Subject"] = _encodable(mail.subject)
    message["Date"] = format_datetime(envelope.date.replace(microsecond=0))
    message["Message-ID"] = message_id(envelope.message_name, sender=envelope.sender)
    message["In-Reply-To"] = thread
    message["References"] = thread
    message["List-Id"] = message_id(envelope.list_name, sender=envelope.sender).replace("@", ".")
    if envelope.stop_url is not None:
        message["List-Unsubscribe"] = f"<{envelope.stop_url}>"
        message["List-Unsubscribe-Post"] = _ONE_CLICK
    message["Auto-Submitted"] = "auto-generated"
    for header, value in _IMPORTANCE[envelope.importance].items():
        message[header] = value


class _AsWritten(UnstructuredHeader, BaseHeader):
    """
    A header of ids or addresses, which folding would cut or encode.

    The package's own headers decode the encoded words in what they are given, line breaks too.
    """

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds.update(decoded=value, parse_tree=None)

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class _Subject(_AsWritten):
    """A header of words; where they are not plain they are encoded, and so is what looks like an encoded word."""

    def fold(self, *, policy: Policy) -> str:
        text = str(self)
        charset = "us-ascii" if text.isascii() and _ENCODED_WORD not in text else "utf-8"
        written = Header(text, charset, maxlinelen=_LINE_MOST, header_name=self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {written}{policy.linesep}"


def _policy() -> EmailPolicy[EmailMessage]:
    registry = HeaderRegistry()
    registry.map_to_type("subject", _Subject)
    for header in _AS_WRITTEN:
        registry.map_to_type(header, _AsWritten)
    return SMTP.clone(header_factory=registry, cte_type="7bit")


_POLICY: Final = _policy()


def _encodable(text: str) -> str:
    """Return text without halves of pairs, which no encoding has."""
    return text.encode("utf8", "replace").decode("utf8")


def _domain(sender: str) -> str:
    return sender_address(sender)[1].rpartition("@")[2]


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:24]

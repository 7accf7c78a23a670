"""The mail that asks whether an address wants to be told, before it is told of anything."""

from __future__ import annotations

from typing import Final

from stillframe.report.figures import name
from stillframe.report.languages import ENGLISH
from stillframe.report.mail.composing import TITLE_MOST, absolute
from stillframe.report.mail.document import Button, Mail, Paragraph
from stillframe.report.message import Message

_WHERE: Final = "To agree, open this path at the Stillframe that you know:"


def asking_mail(message: Message, *, url: str) -> Mail:
    """
    Return the mail that asks an address to confirm.

    The subject holds nothing that anybody typed: this mail goes to people who did not ask for it.

    Shape   `url`: where it confirms; a path where this installation has no public address.
    """
    about = name(message.dashboard_title, most=TITLE_MOST)
    blocks = (
        Paragraph(
            text="Somebody asked that changes of this dashboard be sent to this address. Nothing is sent before you "
            "agree; if you do not want it, do nothing."
        ),
        Button(label="Yes, send them to me", url=url) if absolute(url) else Paragraph(text=f"{_WHERE} {url}"),
        Paragraph(text="Opening the address changes nothing: it shows a button, and the button agrees.", tone="muted"),
    )
    return Mail(
        subject="Confirm that you want to be told of changes",
        dashboard=about,
        headline="Do you want to be told of changes?",
        blocks=blocks,
        foot=(
            f"Asked on {ENGLISH.time(message.created_at)}. Subscription {message.subscription_id}.",
            "The link is good for seven days.",
        ),
    )

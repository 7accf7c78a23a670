"""Writing: each channel's own form of what a delivery says, the same bytes on every try."""

from __future__ import annotations

from typing import assert_never

from stillframe.errors import StoreError
from stillframe.flows.channel_letters import channel_letter
from stillframe.flows.mail_letters import mail_letter
from stillframe.flows.services import Services
from stillframe.report.message import Message
from stillframe.report.notice import notice_body
from stillframe.store import Claimed


def written(services: Services, message: Message, entry: Claimed) -> bytes:
    """
    Return what goes out for a delivery.

    Errors  StoreError for a channel that sends nothing.
    """
    match entry.channel:
        case "webhook":
            return notice_body(message)
        case "channel":
            return channel_letter(services, message)
        case "email":
            return mail_letter(services, message, entry)
        case "persona":
            raise StoreError("a delivery to a persona is not sent")
        case _:
            assert_never(entry.channel)

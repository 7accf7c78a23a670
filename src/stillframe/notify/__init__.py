"""
Tell one subscriber: one file a channel (window).

The channels are loaded on first use: their clients take a third of a second to import, and most commands send nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from stillframe.notify.address import AddressPolicy, CheckedURL, check_url
from stillframe.notify.interface import Channel
from stillframe.notify.loop import Batch, Notifier
from stillframe.notify.mail_address import mail_address, sender_address
from stillframe.notify.receiver import receiver_digest, shown_address
from stillframe.notify.retry_after import parse_retry_after
from stillframe.notify.switchboard import NamedChannels, Switchboard
from stillframe.notify.vault import Vault, key_from_text, load_key, load_or_create_key, new_secret, put_key
from stillframe.notify.wrapped_key import unwrap_key, wrap_key

if TYPE_CHECKING:
    from stillframe.notify.alertmanager import AlertmanagerChannel
    from stillframe.notify.apprise_channel import AppriseChannel
    from stillframe.notify.mail import MailChannel, MailServer
    from stillframe.notify.webhook import WebhookChannel

__all__ = [
    "AddressPolicy",
    "AlertmanagerChannel",
    "AppriseChannel",
    "Batch",
    "Channel",
    "CheckedURL",
    "MailChannel",
    "MailServer",
    "NamedChannels",
    "Notifier",
    "Switchboard",
    "Vault",
    "WebhookChannel",
    "check_url",
    "key_from_text",
    "load_key",
    "load_or_create_key",
    "mail_address",
    "new_secret",
    "parse_retry_after",
    "put_key",
    "receiver_digest",
    "sender_address",
    "shown_address",
    "unwrap_key",
    "wrap_key",
]


_LOADED_LATER = {
    "AlertmanagerChannel": "stillframe.notify.alertmanager",
    "AppriseChannel": "stillframe.notify.apprise_channel",
    "MailChannel": "stillframe.notify.mail",
    "MailServer": "stillframe.notify.mail",
    "WebhookChannel": "stillframe.notify.webhook",
}


def __getattr__(name: str) -> object:
    place = _LOADED_LATER.get(name)
    if place is not None:
        return getattr(import_module(place), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

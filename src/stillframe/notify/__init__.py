"""
Tell one subscriber: one file a channel (window).

`WebhookChannel` is loaded on first use: its HTTP client takes a third of a second to import, and most commands send
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillframe.notify.address import AddressPolicy, CheckedURL, check_url
from stillframe.notify.interface import Channel
from stillframe.notify.loop import Batch, Notifier
from stillframe.notify.receiver import receiver_digest, shown_address
from stillframe.notify.retry_after import parse_retry_after
from stillframe.notify.vault import Vault, key_from_text, load_key, load_or_create_key, new_secret, put_key
from stillframe.notify.wrapped_key import unwrap_key, wrap_key

if TYPE_CHECKING:
    from stillframe.notify.webhook import WebhookChannel

__all__ = [
    "AddressPolicy",
    "Batch",
    "Channel",
    "CheckedURL",
    "Notifier",
    "Vault",
    "WebhookChannel",
    "check_url",
    "key_from_text",
    "load_key",
    "load_or_create_key",
    "new_secret",
    "parse_retry_after",
    "put_key",
    "receiver_digest",
    "shown_address",
    "unwrap_key",
    "wrap_key",
]


def __getattr__(name: str) -> object:
    if name == "WebhookChannel":
        from stillframe.notify.webhook import WebhookChannel

        return WebhookChannel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

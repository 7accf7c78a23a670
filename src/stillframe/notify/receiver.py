"""How a receiver is named without its address: a keyed digest, and the address as people may see it."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

DIGEST_CHARACTERS: Final = 16
_PURPOSE: Final = b"stillframe.receiver/1\0"


def receiver_digest(url: str, key: bytes) -> str:
    """
    Return the name of a receiver: equal for equal URLs, and no help to whoever guesses at the path.

    Shape   `url` as `check_url` normalised it; `key` the secret key of this installation. Result: 16 hex digits.
    """
    return hmac.new(key, _PURPOSE + url.encode(), hashlib.sha256).hexdigest()[:DIGEST_CHARACTERS]


def shown_address(url: str, digest: str) -> str:
    """
    Return an address as lists, logs and pages show it: the path of a webhook is often its credential.

    >>> shown_address("https://example.org/hook/T0KEN?x=1", "ab12cd34ab12cd34")
    'https://example.org/…#ab12cd34ab12cd34'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/…#{digest}"

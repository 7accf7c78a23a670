"""When a receiver asks to be tried again: the Retry-After header, read with suspicion."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_SECONDS: Final = 86_400.0
_SECONDS: Final = re.compile(r"[0-9]+")
_DATE_STARTS: Final = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? ")


def parse_retry_after(text: str | None, *, now: datetime) -> float | None:
    """
    Return how long a receiver asks us to wait, or None when it does not say so in a way that can be read.

    Units   Seconds, clamped to 0 … 24 h: no receiver can park a delivery for longer.
    Source  RFC 9110 section 10.2.3: a number of seconds or an HTTP-date.

    >>> parse_retry_after("120", now=datetime(2026, 1, 1, tzinfo=UTC))
    120.0
    >>> parse_retry_after("Thu, 01 Jan 2026 00:01:00 GMT", now=datetime(2026, 1, 1, tzinfo=UTC))
    60.0
    >>> parse_retry_after("soon", now=datetime(2026, 1, 1, tzinfo=UTC))
    """
    value = (text or "").strip(" \t")
    if _SECONDS.fullmatch(value):
        return min(float(value), LONGEST_SECONDS)
    if not _DATE_STARTS.match(value):
        return None
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), LONGEST_SECONDS)

"""Times as Stillframe writes them: RFC 3339, UTC, milliseconds, `Z`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from stillframe.errors import InvalidInput

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def time_text(time: datetime) -> str:
    """
    Return a time as text that sorts as the time does.

    Units   Milliseconds, UTC; finer parts are cut.
    Errors  ValueError if the time has no zone.

    >>> time_text(datetime(2026, 1, 2, 3, 4, 5, 678901, UTC))
    '2026-01-02T03:04:05.678Z'
    """
    if time.tzinfo is None:
        raise ValueError("a time needs a zone")
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def time_from_text(text: str, *, path: str = "$") -> datetime:
    """
    Return the time that an RFC 3339 text names, in UTC, cut to milliseconds.

    Errors  InvalidInput at `path` if the text is not an RFC 3339 time with a zone.

    >>> time_text(time_from_text("2026-01-02T04:04:05+01:00"))
    '2026-01-02T03:04:05.000Z'
    """
    if not _RFC_3339.fullmatch(text):
        raise InvalidInput.at(path, f"{text[:40]!r} is not a time; write RFC 3339 with a zone: 2026-01-02T03:04:05Z")
    try:
        return milliseconds(datetime.fromisoformat(text.upper().replace(" ", "T")))
    except (ValueError, OverflowError) as error:
        raise InvalidInput.at(path, f"{text[:40]!r} is not a time: {error}") from error


def milliseconds(time: datetime) -> datetime:
    """Return the time in UTC, cut to whole milliseconds, which is all that Stillframe keeps."""
    utc = time.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)

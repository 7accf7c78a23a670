"""What a reply to an alert asks for: `/snooze 2d`, `/ack`, `/accept`; anything that begins otherwise is talk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TypeAlias

from stillframe.errors import InvalidInput, nearest
from stillframe.model.times import time_from_text

COMMANDS = ("/snooze", "/ack", "/accept")
SNOOZE_DAYS_MOST = 366
_UNITS: Mapping[str, timedelta] = MappingProxyType(
    {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
)
_SPAN = re.compile(r"([0-9]{1,4})([mhdw])")
_COMMAND = re.compile(r"\s*(/[A-Za-z][A-Za-z-]*)(?=[,;:.!]*(?:\s|$))(.*)")
_PATH = "$.body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """Tell me nothing of this before `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """I know; do not tell me again while it lasts."""


@dataclass(frozen=True, slots=True)
class Accept:
    """This is how it is now; compare with it from here on."""


Reply: TypeAlias = Snooze | Acknowledge | Accept


def parse_reply(body: str, *, now: datetime) -> Reply | None:
    """
    Return what the first line of a reply asks for, None if it is talk.

    What follows a whole command is the writer's own words.

    Errors  InvalidInput naming the nearest command, or what a time to snooze may be.
    Source  docs/reference/semantics.md, "Replies".

    >>> from datetime import UTC
    >>> parse_reply("/snooze 2d, I am on leave", now=datetime(2026, 1, 1, tzinfo=UTC))
    Snooze(until=datetime.datetime(2026, 1, 3, 0, 0, tzinfo=datetime.timezone.utc))
    >>> parse_reply("/ack on it", now=datetime(2026, 1, 1, tzinfo=UTC))
    Acknowledge()
    >>> parse_reply("thanks", now=datetime(2026, 1, 1, tzinfo=UTC)) is None
    True
    """
    found = _COMMAND.match(body)
    if found is None:
        return None
    command, rest = found[1].lower(), found[2]
    if command == "/snooze":
        return Snooze(until=_until(rest, now=now))
    if command == "/ack":
        return Acknowledge()
    if command == "/accept":
        return Accept()
    hint = nearest(command, COMMANDS)
    raise InvalidInput.at(_PATH, f"{command[:40]!r} is no command of an alert's thread{hint}")


def _until(rest: str, *, now: datetime) -> datetime:
    words = rest.split()
    said = words[0].rstrip(",;:.!") if words else ""
    if span := _SPAN.fullmatch(said):
        until = now + int(span[1]) * _UNITS[span[2]]
    elif said[:1].isdigit() and "T" in said.upper():
        until = time_from_text(said, path=_PATH)
    else:
        raise InvalidInput.at(
            _PATH,
            f"{said[:40]!r} is no time to snooze: 30m, 2h, 2d, 1w, or a time as 2026-01-31T09:00:00Z",
        )
    if not now < until <= now + timedelta(days=SNOOZE_DAYS_MOST):
        raise InvalidInput.at(_PATH, f"snooze for at least a minute and at most {SNOOZE_DAYS_MOST} days")
    return until

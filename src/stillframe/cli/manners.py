"""How a subscriber wants to be told, as options: cooldown, pending, snooze, quiet hours, digest, importance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, TypeAlias

import typer

from stillframe.errors import InvalidInput

Cooldown: TypeAlias = Annotated[
    str | None, typer.Option("--cooldown", metavar="TIME", help="After a notice nothing is told for so long: 30m, 4h.")
]
PendingFor: TypeAlias = Annotated[
    int | None, typer.Option("--pending-for", metavar="COUNT", help="Only what holds at so many snapshots in a row.")
]
Snooze: TypeAlias = Annotated[
    str | None, typer.Option("--snooze", metavar="TIME", help="Tell nothing for so long (2d), or until a time.")
]
Quiet: TypeAlias = Annotated[
    str | None,
    typer.Option("--quiet-hours", metavar="HOURS", help="Tell nothing then: '22:00-07:00 Europe/Berlin'."),
]
DigestOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--digest",
        metavar="WHEN",
        help="Tell the net of a span: hourly, daily, weekly, 'daily 08:00 Europe/Berlin', 'weekly monday 08:00 UTC'.",
    ),
]
OnResolve: TypeAlias = Annotated[
    bool | None,
    typer.Option("--notify-on-resolve/--no-notify-on-resolve", help="Tell also when the rule is no longer met."),
]
ImportanceOption: TypeAlias = Annotated[
    Literal["low", "normal", "high"] | None, typer.Option("--importance", help="Shown with every message.")
]
MaxItems: TypeAlias = Annotated[
    int | None, typer.Option("--max-items", metavar="COUNT", help="How many entries of a list a message shows.")
]

NONE = "none"
"""What takes a manner back."""
_UNITS: Mapping[str, timedelta] = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_DURATION = re.compile(r"([0-9]{1,6})([smhdw])")
_QUIET = re.compile(r"([0-9]{2}:[0-9]{2}) ?- ?([0-9]{2}:[0-9]{2})(?: +(\S+))?")
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}")


def manners_in(
    *,
    cooldown: str | None,
    pending_for: int | None,
    snooze: str | None,
    quiet_hours: str | None,
    digest: str | None,
    notify_on_resolve: bool | None,
    importance: str | None,
    max_items: int | None,
) -> dict[str, Any]:
    """
    Return what was given of all that, by the members of the API; `none` takes a manner back.

    Errors  InvalidInput naming the option. Which values are allowed is said by whoever keeps the subscription.
    """
    said: dict[str, Any] = {}
    if cooldown is not None:
        said["cooldown_seconds"] = (
            None if cooldown == NONE else int(duration_in(cooldown, option="--cooldown").total_seconds())
        )
    if pending_for is not None:
        said["pending_for"] = pending_for or None
    if snooze is not None:
        said["snooze_until"] = None if snooze == NONE else until_in(snooze, option="--snooze", now=datetime.now(UTC))
    if quiet_hours is not None:
        said["quiet_hours"] = None if quiet_hours == NONE else quiet_hours_in(quiet_hours)
    if digest is not None:
        said["digest"] = None if digest == NONE else digest_in(digest)
    given = {"notify_on_resolve": notify_on_resolve, "importance": importance, "max_items": max_items}
    return said | {name: value for name, value in given.items() if value is not None}


def duration_in(text: str, *, option: str) -> timedelta:
    """
    Return a length of time such as `90s`, `30m`, `4h`, `2d` or `1w`.

    Errors  InvalidInput naming the option.

    >>> duration_in("4h", option="--cooldown")
    datetime.timedelta(seconds=14400)
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise InvalidInput.at(option, f"{text[:40]!r} is no length of time: write 90s, 30m, 4h, 2d or 1w")
    return int(found[1]) * _UNITS[found[2]]


def until_in(text: str, *, option: str, now: datetime) -> str:
    """
    Return the time that a length of time from now, or a time, names.

    Errors  InvalidInput naming the option.
    """
    from stillframe.model.times import time_from_text, time_text

    if _DURATION.fullmatch(text):
        return time_text(now + duration_in(text, option=option))
    if not text[:1].isdigit() or "T" not in text.upper():
        raise InvalidInput.at(option, f"{text[:40]!r} is neither 2d nor 2026-12-31T18:00:00Z")
    return time_text(time_from_text(text, path=option))


def quiet_hours_in(text: str) -> dict[str, str]:
    """
    Return quiet hours as the API has them.

    Errors  InvalidInput naming the option.

    >>> quiet_hours_in("22:00-07:00 Europe/Berlin")
    {'from': '22:00', 'to': '07:00', 'zone': 'Europe/Berlin'}
    """
    found = _QUIET.fullmatch(text.strip())
    if found is None:
        raise InvalidInput.at("--quiet-hours", f"{text[:60]!r} is not like '22:00-07:00 Europe/Berlin'")
    return {"from": found[1], "to": found[2], "zone": found[3] or "UTC"}


def digest_in(text: str) -> dict[str, str]:
    """
    Return a digest as the API has it.

    Errors  InvalidInput naming the option, for too many words; which words are allowed is said elsewhere.

    >>> digest_in("weekly friday 16:00 Europe/Berlin")
    {'every': 'weekly', 'on': 'friday', 'at': '16:00', 'zone': 'Europe/Berlin'}
    """
    every, *words = text.split()
    said = {"every": every}
    if words and every == "weekly" and not _CLOCK.fullmatch(words[0]):
        said["on"] = words.pop(0)
    if words and _CLOCK.fullmatch(words[0]):
        said["at"] = words.pop(0)
    if words:
        said["zone"] = words.pop(0)
    if words:
        raise InvalidInput.at("--digest", f"{text[:60]!r} is not like 'weekly monday 08:00 Europe/Berlin'")
    return said

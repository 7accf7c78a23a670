"""Reading what a subscriber asks for so as not to be told too often; every fault is refused here with its path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from stillframe.errors import Fault, InvalidInput, nearest
from stillframe.model.calm import (
    CALM_MEMBERS,
    DIGEST_EVERY,
    IMPORTANCES,
    WEEKDAYS,
    Calm,
    Digest,
    DigestEvery,
    Importance,
    QuietHours,
    Weekday,
)
from stillframe.model.times import time_from_text, time_text
from stillframe.rules.grammar import member_path, shown

LONGEST_COOLDOWN_SECONDS: Final = 366 * 86_400
MOST_PENDING: Final = 1_000
MOST_ITEMS: Final = 100
BESIDE_NO_DIGEST: Final = ("cooldown_seconds", "pending_for", "notify_on_resolve")
"""What makes no sense of changes that are told together."""
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_NOON = time(12)
_OF_THIS_MACHINE = "localtime"
"""A name that some systems have, and that means another zone on each."""


def parse_calm(document: object, *, now: datetime, path: str = "$", kept: Calm | None = None) -> Calm:
    """
    Return what a subscriber asks for.

    Shape   `document`: any of the members of `Calm.as_dict`; null asks for nothing. `kept`: what was asked for before,
            and still is where the document does not say otherwise.
    Errors  InvalidInput with every fault found: its JSON path, and what is allowed there.
    Source  docs/reference/semantics.md, "Calm".

    >>> from datetime import UTC
    >>> asked = {"cooldown_seconds": 3600, "quiet_hours": {"from": "22:00", "to": "07:00", "zone": "Europe/Berlin"}}
    >>> parse_calm(asked, now=datetime(2026, 1, 1, tzinfo=UTC)).quiet_hours.as_dict()
    {'from': '22:00', 'to': '07:00', 'zone': 'Europe/Berlin'}
    """
    reader = _Reader(now=now)
    found = reader.calm(document, path, kept=kept or Calm())
    if reader.faults:
        raise InvalidInput(faults=reader.faults)
    return found


def parse_importance(given: object, *, path: str = "$.importance") -> Importance:
    """
    Return how important a subscription is.

    Errors  InvalidInput at `path`.
    """
    if given not in IMPORTANCES:
        raise InvalidInput.at(
            path, f"must be one of {', '.join(IMPORTANCES)}, not {shown(given)}{_near(given, IMPORTANCES)}"
        )
    return given


def parse_max_items(given: object, *, path: str = "$.max_items") -> int | None:
    """
    Return how many entries of a list a message shows; None where its channel decides.

    Errors  InvalidInput at `path`.
    """
    if given is not None and not (type(given) is int and 1 <= given <= MOST_ITEMS):
        raise InvalidInput.at(path, f"must be a whole number of 1 to {MOST_ITEMS}, or null, not {shown(given)}")
    return given


class _Reader:
    """One pass over one document, gathering faults so that all of them are told at once."""

    def __init__(self, *, now: datetime) -> None:
        self.faults: list[Fault] = []
        self._now = now

    def calm(self, document: object, path: str, *, kept: Calm) -> Calm:
        if not isinstance(document, Mapping):
            self._fault(path, f"must be an object, not {shown(document)}")
            return kept
        self._only(document, CALM_MEMBERS, path)

        def read(name: str) -> Any:  # noqa: ANN401  # because each member has another type
            if name not in document:
                return getattr(kept, name)
            given = document[name]
            return None if given is None else _READERS[name](self, given, member_path(path, name))

        snooze = read("snooze_until")
        found = Calm(
            cooldown_seconds=read("cooldown_seconds"),
            pending_for=read("pending_for"),
            snooze_until=None if snooze is None or snooze <= self._now else snooze,
            quiet_hours=read("quiet_hours"),
            digest=read("digest"),
            notify_on_resolve=bool(read("notify_on_resolve")),
        )
        self._together(found, document, path)
        return found

    def cooldown(self, given: object, path: str) -> int | None:
        return self._count(given, path, least=1, most=LONGEST_COOLDOWN_SECONDS, of="seconds")

    def pending(self, given: object, path: str) -> int | None:
        return self._count(given, path, least=2, most=MOST_PENDING, of="snapshots in a row")

    def snooze(self, given: object, path: str) -> datetime | None:
        if not isinstance(given, str):
            self._fault(path, f"must be a time, RFC 3339 with a zone, or null, not {shown(given)}")
            return None
        try:
            found = time_from_text(given, path=path)
        except InvalidInput as error:
            self.faults.extend(error.faults)
            return None
        if found <= self._now:
            self._fault(path, f"{time_text(found)} is over; name a time that is to come, or null")
        return found

    def quiet_hours(self, given: object, path: str) -> QuietHours | None:
        if not isinstance(given, Mapping):
            self._fault(
                path, f'must be {{"from": "22:00", "to": "07:00", "zone": "Europe/Berlin"}}, not {shown(given)}'
            )
            return None
        self._only(given, ("from", "to", "zone"), path)
        begin, end = (self._clock(given.get(name), member_path(path, name)) for name in ("from", "to"))
        if begin == end and not self.faults:
            self._fault(path, "from and to are the same time; quiet hours end at another time than they begin")
        return QuietHours(begin=begin, end=end, zone=self._zone(given, path))

    def digest(self, given: object, path: str) -> Digest | None:
        if isinstance(given, str):
            return Digest(every=self._every(given, path))
        if not isinstance(given, Mapping):
            named = ", ".join(DIGEST_EVERY)
            self._fault(path, f'must be one of {named}, or an object with "every", not {shown(given)}')
            return None
        self._only(given, ("every", "at", "on", "zone"), path)
        every = self._every(given.get("every"), member_path(path, "every"))
        if "on" in given and every != "weekly":
            self._fault(member_path(path, "on"), f"only a weekly digest has a day, not a {every} one")
        return Digest(
            every=every,
            at=self._clock(given["at"], member_path(path, "at")) if "at" in given else time(),
            on=self._day(given["on"], member_path(path, "on")) if "on" in given else "monday",
            zone=self._zone(given, path),
        )

    def flag(self, given: object, path: str) -> bool:
        if not isinstance(given, bool):
            self._fault(path, f"must be true or false, not {shown(given)}")
        return bool(given)

    def _together(self, found: Calm, document: Mapping[Any, Any], path: str) -> None:
        if found.digest is None:
            return
        for name in BESIDE_NO_DIGEST:
            if getattr(found, name):
                where = name if name in document or "digest" not in document else "digest"
                self._fault(member_path(path, where), f"{DIGEST_ALONE}; {name} does not go with it")

    def _count(self, given: object, path: str, *, least: int, most: int, of: str) -> int | None:
        if type(given) is not int or not least <= given <= most:
            self._fault(path, f"must be {least} to {most} {of}, or null, not {shown(given)}")
            return None
        return given

    def _clock(self, given: object, path: str) -> time:
        if not isinstance(given, str) or not _CLOCK.fullmatch(given):
            self._fault(path, f'must be a time of day such as "22:00", not {shown(given)}')
            return _NOON
        return time.fromisoformat(given)

    def _every(self, given: object, path: str) -> DigestEvery:
        if given not in DIGEST_EVERY:
            named = ", ".join(DIGEST_EVERY)
            self._fault(path, f"must be one of {named}, not {shown(given)}{_near(given, DIGEST_EVERY)}")
            return "daily"
        return given

    def _day(self, given: object, path: str) -> Weekday:
        if given not in WEEKDAYS:
            self._fault(path, f"must be one of {', '.join(WEEKDAYS)}, not {shown(given)}{_near(given, WEEKDAYS)}")
            return "monday"
        return given

    def _zone(self, document: Mapping[Any, Any], path: str) -> str:
        given = document.get("zone", "UTC")
        if not isinstance(given, str) or not _is_zone(given):
            near = nearest(given, sorted(available_timezones())) if isinstance(given, str) else ""
            hint = near if "mean" in near else ""
            said = f"must be an IANA zone such as Europe/Berlin, not {shown(given)}{hint}"
            self._fault(member_path(path, "zone"), said)
            return "UTC"
        return given

    def _only(self, document: Mapping[Any, Any], known: tuple[str, ...], path: str) -> None:
        for name in document:
            if name not in known:
                self._fault(member_path(path, name), f"unknown key{nearest(str(name), known)}")

    def _fault(self, path: str, message: str) -> None:
        self.faults.append(Fault(path=path, message=message))


DIGEST_ALONE: Final = "a digest tells the changes of a span together"
_READERS: Final = {
    "cooldown_seconds": _Reader.cooldown,
    "pending_for": _Reader.pending,
    "snooze_until": _Reader.snooze,
    "quiet_hours": _Reader.quiet_hours,
    "digest": _Reader.digest,
    "notify_on_resolve": _Reader.flag,
}


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # What is no name of a zone may be a folder of them, or no name of a file at all.
        return False
    return name != _OF_THIS_MACHINE


def _near(given: object, allowed: tuple[str, ...]) -> str:
    hint = nearest(given, allowed) if isinstance(given, str) else ""
    return hint if "mean" in hint else ""

"""Which slot a policy's clock shows, worked out from the zone's offsets minute by minute, without a cron library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)
_LONGEST_OFFSET = timedelta(hours=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """
    A board's policy: at a minute of every hour, or of one hour a day, on the clocks of a zone.

    Shape   `hour`: None for every hour.
    """

    minute: int
    hour: int | None
    zone: str

    @property
    def policy(self) -> Any:
        """The policy as a view spec says it."""
        if self.zone == "UTC" and self.minute == 0 and self.hour in {None, 0}:
            return "hourly" if self.hour is None else "daily"
        return {"cron": f"{self.minute} {'*' if self.hour is None else self.hour} * * *", "zone": self.zone}

    def newest(self, now: datetime) -> datetime:
        """
        Return the newest slot that is not after `now`.

        By the hour: every time that the wall shows the minute, so an hour that occurs twice has two slots and one that
        is left out has none. By the day: the first moment at which the wall shows the time or more, so one that occurs
        twice is one slot and one that is left out comes when the clock has passed it.
        """
        return _newest_hourly(self, now) if self.hour is None else _newest_daily(self, now)


@cache
def transitions(zone: str, *, since: datetime, until: datetime) -> tuple[datetime, ...]:
    """Return the moments at which a zone's clocks are changed."""
    found: list[datetime] = []
    at, tz = since, ZoneInfo(zone)
    while at < until:
        later = at + timedelta(hours=1)
        if at.astimezone(tz).utcoffset() != later.astimezone(tz).utcoffset():
            moment = at
            while moment.astimezone(tz).utcoffset() == at.astimezone(tz).utcoffset():
                moment += _MINUTE
            found.append(moment)
        at = later
    return tuple(found)


def _newest_hourly(timed: Timed, now: datetime) -> datetime:
    tz, at = ZoneInfo(timed.zone), now.replace(second=0, microsecond=0)
    while at.astimezone(tz).minute != timed.minute:
        at -= _MINUTE
    return at


def _newest_daily(timed: Timed, now: datetime) -> datetime:
    day = now.astimezone(ZoneInfo(timed.zone)).date()
    return max(
        slot for days in (-2, -1, 0, 1) if (slot := _daily(timed, (day + timedelta(days=days)).isoformat())) <= now
    )


@cache
def _daily(timed: Timed, day: str) -> datetime:
    tz = ZoneInfo(timed.zone)
    wanted = datetime.fromisoformat(day).replace(hour=timed.hour or 0, minute=timed.minute)
    at = wanted.replace(tzinfo=UTC) - _LONGEST_OFFSET
    while at.astimezone(tz).replace(tzinfo=None) < wanted:
        at += _MINUTE
    return at

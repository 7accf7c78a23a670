"""Quiet hours and digest times by the clocks of a zone, daylight saving included."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from stillframe.model.calm import WEEKDAYS, Digest, QuietHours

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def quiet_until(hours: QuietHours, *, now: datetime) -> datetime | None:
    """
    Return when the quiet hours that `now` lies in end, or None when they are not now.

    An hour that the clocks leave out ends when they go on; one that they show twice is quiet both times.

    Units   The result in UTC.
    """
    end = _end_of(hours, now=now)
    # Where the clocks leave out all the time between two quiet spans, they are one.
    after = None if end is None else _end_of(hours, now=end)
    return after or end


def _end_of(hours: QuietHours, *, now: datetime) -> datetime | None:
    zone = ZoneInfo(hours.zone)
    local = now.astimezone(zone)
    if not _is_within(local.time().replace(tzinfo=None), hours):
        return None
    day = local.date()
    ends_today = hours.begin < hours.end or local.time() < hours.end
    return _moment(day if ends_today else day + _DAY, hours.end, zone, after=now)


def next_digest_at(digest: Digest, *, after: datetime) -> datetime:
    """
    Return the first time after a moment at which a digest is due.

    A time that the clocks leave out is when they go on; one that they show twice is the first of the two.

    Units   The result in UTC.
    """
    zone = ZoneInfo(digest.zone)
    if digest.every == "hourly":
        # Minute by minute: clocks may move by half an hour, and offsets may end in 45 minutes.
        due = after.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
        while due.astimezone(zone).minute != digest.at.minute:
            due += _MINUTE
        return due
    day = after.astimezone(zone).date() - _DAY
    while True:
        due = _moment(day, digest.at, zone, after=None)
        if due > after and (digest.every == "daily" or WEEKDAYS[day.weekday()] == digest.on):
            return due
        day += _DAY


def _is_within(clock: time, hours: QuietHours) -> bool:
    if hours.begin < hours.end:
        return hours.begin <= clock < hours.end
    return clock >= hours.begin or clock < hours.end


def _moment(day: date, clock: time, zone: ZoneInfo, *, after: datetime | None) -> datetime:
    """Return when the clocks of a zone show a time on a day; with `after`, the later of two when the first is past."""
    first = datetime.combine(day, clock, tzinfo=zone)
    found = first.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) != first.replace(tzinfo=None):
        # The clocks leave this time out: it is when they went on.
        found = _transition(day, clock, zone)
    if after is not None and found <= after:
        found = first.replace(fold=1).astimezone(UTC)
    return found


def _transition(day: date, clock: time, zone: ZoneInfo) -> datetime:
    before, later = (datetime.combine(day, clock, tzinfo=zone).replace(fold=fold).utcoffset() for fold in (0, 1))
    assert before is not None
    assert later is not None
    naive = datetime.combine(day, clock)
    low, high = (naive - later).replace(tzinfo=UTC), (naive - before).replace(tzinfo=UTC)
    low, high = min(low, high) - timedelta(hours=2), max(low, high)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)

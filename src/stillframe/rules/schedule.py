"""Which slot of a snapshot policy is due: hourly, daily, or a cron line in a zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from cronsim import CronSim

Policy: TypeAlias = str | Mapping[str, Any]
"""`manual`, `hourly`, `daily`, or `{"cron": line, "zone": IANA name}`, as a view spec's metadata says it."""

FAILED_SLOT_WAIT_SECONDS = 300
"""A slot whose capture failed is tried again after this long, as long as it is the newest."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_CLOCK_CHANGE = timedelta(hours=3)


def due_slot(policy: Policy, *, since: datetime, now: datetime) -> datetime | None:
    """
    Return the newest slot after `since` and not after `now`, or None.

    Slots that were missed coalesce into the newest one. An hour that occurs twice is two slots; a daily time that
    occurs twice is one.

    Shape   The result is in UTC and names the slot: one snapshot for each dashboard and slot.
    Errors  CronSimError or ZoneInfoNotFoundError for a policy that no view spec could hold.
    """
    if policy == "manual" or now <= since:
        return None
    slot = _newest(policy, now)
    return slot if slot is not None and slot > since else None


def _newest(policy: Policy, now: datetime) -> datetime | None:
    utc = now.astimezone(UTC)
    if policy == "hourly":
        return utc.replace(minute=0, second=0, microsecond=0)
    if policy == "daily":
        return utc.replace(hour=0, minute=0, second=0, microsecond=0)
    if not isinstance(policy, Mapping):
        raise ValueError(f"unknown snapshot policy {policy!r}")
    # Walking back from inside an hour that occurs twice, cronsim skips the first of the two: begin after any such hour.
    start = (utc + _LONGEST_CLOCK_CHANGE).astimezone(ZoneInfo(policy.get("zone", "UTC")))
    backwards: Iterator[datetime] = CronSim(policy["cron"], start, reverse=True)
    found = next((slot for slot in backwards if slot.astimezone(UTC) <= utc), None)
    return None if found is None else found.astimezone(UTC)


def interval_slot(minutes: int, *, now: datetime) -> datetime:
    """
    Return the slot that a time lies in, of slots of so many minutes counted from the first of January 1970 in UTC.

    >>> interval_slot(60, now=datetime(2026, 1, 2, 3, 59, tzinfo=UTC)).isoformat()
    '2026-01-02T03:00:00+00:00'
    """
    length = timedelta(minutes=minutes)
    return _EPOCH + (now - _EPOCH) // length * length


def may_try_again(*, last_failure_at: datetime | None, slot: datetime, now: datetime) -> bool:
    """Say whether a slot may be captured now, given when its dashboard last failed."""
    if last_failure_at is None or last_failure_at < slot:
        return True
    return now - last_failure_at >= timedelta(seconds=FAILED_SLOT_WAIT_SECONDS)

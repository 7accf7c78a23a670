"""The past of a dashboard as one caller sees it, snapshot by snapshot, for those who go through it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

import orjson

from stillframe.errors import Gone, InvalidInput
from stillframe.flows.seeing import view_of, visible_members
from stillframe.flows.services import Services
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from stillframe.model.payload import Payload
from stillframe.model.snapshot import Snapshot, SnapshotRecord
from stillframe.store import Unit

MOST_SNAPSHOTS = 2_000
"""One look at the past goes through so many snapshots at most, the newest of the period."""
PassedOver: TypeAlias = Literal["expired", "empty", "late", "not_adopted"]
_A_PAGE = 1_000
_A_STRETCH = 64
"""Snapshots that are read in one transaction, so that a long look holds none open for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """
    Which snapshots to go through: those of a span of time, both ends included, or so many of the newest.

    Shape   With nothing said, all there are, as far as one look goes.
    """

    since: datetime | None = None
    until: datetime | None = None
    last: int | None = None

    def checked(self) -> Period:
        """
        Return the period if there can be one.

        Errors  InvalidInput naming the member.
        """
        if self.last is not None and (self.since is not None or self.until is not None):
            raise InvalidInput.at("$.last", "give a span of time or a number of snapshots, not both")
        if self.last is not None and not 1 <= self.last <= MOST_SNAPSHOTS:
            raise InvalidInput.at("$.last", f"1 to {MOST_SNAPSHOTS} snapshots")
        if self.since is not None and self.until is not None and self.until < self.since:
            raise InvalidInput.at("$.to", "the period ends before it begins")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """
    The records of a period, oldest first.

    Shape   `until`: where the period ends. `cut`: there were more, and the oldest were left out. `accepted`: when an
            empty capture was taken as the truth, by its id.
    """

    dashboard: Dashboard
    records: tuple[SnapshotRecord, ...]
    until: datetime
    cut: bool = False
    accepted: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """
    One snapshot of a past: as the caller sees it, or why it is passed over.

    Shape   `accepted_at`: of an empty one that became the head later.
    """

    record: SnapshotRecord
    snapshot: Snapshot | None = None
    passed_over: PassedOver | None = None
    accepted_at: datetime | None = None


def past_of(unit: Unit, dashboard: Dashboard, period: Period, *, now: datetime) -> Past:
    """Return the records of a period that has passed."""
    until = now if period.until is None else min(period.until, now)
    most = period.last or MOST_SNAPSHOTS
    found: list[SnapshotRecord] = []
    cursor: str | None = None
    while len(found) <= most:
        page = unit.snapshots.list(dashboard.id, limit=_A_PAGE, cursor=cursor)
        within = [record for record in page.items if period.since is None or record.timestamp >= period.since]
        found += [record for record in within if record.timestamp <= until]
        cursor = page.next_cursor
        if cursor is None or len(within) < len(page.items):
            break
    return Past(
        dashboard=dashboard,
        records=tuple(reversed(found[:most])),
        until=until,
        cut=period.last is None and len(found) > most,
        accepted=unit.snapshots.acceptances(dashboard.id),
    )


def frames_of(services: Services, caller: Caller, past: Past) -> Iterator[Frame]:
    """Go through a past, reading each payload when its turn comes; one is in memory at a time."""
    for start in range(0, len(past.records), _A_STRETCH):
        with services.store.read() as unit:
            for record in past.records[start : start + _A_STRETCH]:
                yield _frame(unit, caller, record, accepted_at=past.accepted.get(record.id))


def seen_at(unit: Unit, caller: Caller, record: SnapshotRecord) -> Snapshot | None:
    """Return a snapshot as far as the caller may see it; None where its payload has expired."""
    if record.payload == "expired":
        return None
    try:
        canonical = unit.snapshots.canonical(record.content_hash)
    except Gone:
        return None
    # Read past the store's memory: a year of payloads would push out what the next captures need.
    whole = Snapshot(record=record, payload=Payload.from_dict(orjson.loads(canonical)))
    return view_of(whole, visible_members(unit, caller, record)).as_snapshot


def _frame(unit: Unit, caller: Caller, record: SnapshotRecord, *, accepted_at: datetime | None) -> Frame:
    passed_over = _passed_over(record)
    if passed_over is not None and accepted_at is None:
        return Frame(record=record, passed_over=passed_over)
    snapshot = seen_at(unit, caller, record)
    if snapshot is None:
        return Frame(record=record, passed_over=passed_over or "expired")
    return Frame(record=record, snapshot=snapshot, passed_over=passed_over, accepted_at=accepted_at)


def _passed_over(record: SnapshotRecord) -> PassedOver | None:
    if not record.adopted:
        return "not_adopted"
    if record.late:
        return "late"
    return "empty" if record.capture_status == "empty" else None

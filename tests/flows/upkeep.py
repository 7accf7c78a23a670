"""A room on either database whose snapshots grow old, and what of them stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import text

from stillframe.errors import Gone
from stillframe.flows.cleanup import CleanupReport, cleanup
from stillframe.flows.history import get_snapshot
from stillframe.flows.services import Services
from stillframe.flows.snapshots import SnapshotTaken, take_snapshot
from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.model.dashboard import Dashboard
from stillframe.model.snapshot import SnapshotRecord
from stillframe.store.connect import open_engine
from tests.flows.room import Room, people_room, request
from tests.stories.house import furnish, settings_of

DAYS = 90


@contextmanager
def ageing_room(folder: Path, target: str, **sections: Any) -> Iterator[Room]:
    """Give a room on a database."""
    settings = settings_of(folder, target, **sections)
    services, clock = furnish(settings)
    room = people_room(settings, services, clock)
    room.root = replace(room.root)
    yield room
    services.close()


def grow_old(room: Room, *, days: float = DAYS + 1) -> None:
    """Let time pass."""
    room.clock.move(days=days)


def take(room: Room, board: Dashboard, score: float, **said: Any) -> SnapshotRecord:
    """Push one row and a metric of the same value; a minute passes first."""
    room.clock.move(minutes=1)
    asked = replace(request(total=score, a=score), **said)
    taken: SnapshotTaken = take_snapshot(room.services, room.alice, dashboard_ref=board.id, request=asked)
    return taken.record


def clean(room: Room, *, dry_run: bool = False) -> CleanupReport:
    return cleanup(room.services, room.root, dry_run=dry_run)


def stands(services: Services, room: Room, record: SnapshotRecord) -> bool:
    """Say whether a payload can be read; if it can, it is what its hash says."""
    try:
        found, _ = get_snapshot(services, room.alice, snapshot_id=record.id)
    except Gone as gone:
        shown = gone.snapshot or {}
        return (shown.get("id"), shown.get("payload")) != (record.id, "expired")
    assert content_hash(canonical_bytes(found.payload.as_dict())) == record.content_hash
    return True


def standing(room: Room, records: list[SnapshotRecord]) -> list[int]:
    """Return the sequences of those whose payloads can be read, by this process and by one that remembers nothing."""
    here = [record.sequence for record in records if stands(room.services, room, record)]
    fresh, _ = furnish(room.settings)
    assert [record.sequence for record in records if stands(fresh, room, record)] == here
    fresh.close()
    return here


def rows(target: str, statement: str) -> list[tuple[Any, ...]]:
    """Ask the database from outside."""
    engine = open_engine(target)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found

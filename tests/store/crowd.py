"""Many health dashboards with many records, put into a store in bulk."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from stillframe.store import Store
from stillframe.store.connect import begin_writing
from stillframe.store.tables import CONTENTS, HEADS, MEMBER_LISTS, SNAPSHOTS, TEXTS
from tests.store.cast import NOON, dashboard, new_id, user


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One record as a list sees it."""

    minute: int
    dashboard: str
    number: int
    sequence: int
    id: str
    members: int | None


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """Health dashboards by id, and every record they have."""

    store: Store
    ids: Sequence[str]
    entries: Sequence[Entry]

    def wanted(self, ids: Sequence[str], lists: Mapping[str, Sequence[int]] | None = None) -> list[str]:
        """Return the ids of the records that a list of some dashboards holds, newest first, found the plain way."""
        kept = [
            entry
            for entry in self.entries
            if entry.dashboard in ids
            and (lists is None or entry.dashboard not in lists or entry.members in lists[entry.dashboard])
        ]
        kept.sort(key=lambda entry: (entry.minute, entry.number, entry.sequence), reverse=True)
        return [entry.id for entry in kept]


def crowd(store: Store, minutes: Sequence[Sequence[int]], *, seed: int = 1) -> Crowd:
    """Make a dashboard for each sequence of rising minutes, with a record at each, of one of three member lists."""
    chance = random.Random(seed)
    alice = user()
    ids = [f"project:p{number}" for number in range(len(minutes))]
    with store.write() as unit:
        unit.users.add(alice)
        for number, name in enumerate(ids):
            unit.dashboards.add(dashboard(alice, id=name, slug=f"p{number}", kind="health"))
        keys = {name: unit._work.dashboard_key(name) for name in ids}
    entries = [
        Entry(
            minute=minute,
            dashboard=ids[place],
            number=keys[ids[place]],
            sequence=sequence,
            id=new_id(),
            members=chance.choice((1, 2, 3)),
        )
        for place, found in enumerate(minutes)
        for sequence, minute in enumerate(found, start=1)
    ]
    with store._engine.connect() as connection, begin_writing(connection):
        connection.execute(insert(MEMBER_LISTS), [{"key": key, "digest": bytes([key])} for key in (1, 2, 3)])
        connection.execute(insert(TEXTS), [{"key": 1, "text": "a word"}])
        connection.execute(insert(CONTENTS), [{"key": 1, "hash": "ab" * 32}])
        if entries:
            connection.execute(insert(SNAPSHOTS), list(map(_row, entries)))
        for entry in entries:
            connection.execute(
                HEADS.update().where(HEADS.c.dashboard == entry.number),
                {"last_sequence": entry.sequence, "last_timestamp": NOON + timedelta(minutes=entry.minute)},
            )
    return Crowd(store=store, ids=ids, entries=entries)


def _row(entry: Entry) -> dict[str, Any]:
    moment = NOON + timedelta(minutes=entry.minute)
    words = dict.fromkeys(("scope", "scope_ref", "initiator", "trigger_source", "retention_class", "view_spec_hash"), 1)
    return words | {
        "dashboard": entry.number,
        "sequence": entry.sequence,
        "id": entry.id,
        "timestamp": moment,
        "as_of": moment,
        "late": False,
        "immutable": False,
        "content": 1,
        "capture_status": "good",
        "adopted": True,
        "members": entry.members,
    }

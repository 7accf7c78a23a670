"""Heads: where a dashboard stands, read once, locked, and never out of date."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from stillframe.errors import Gone, NotFound
from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.model.dashboard import Head
from stillframe.store import Store
from tests.store.cast import expire_payloads, payload, scene, statements


def test_a_new_dashboard_stands_at_the_beginning(store: Store) -> None:
    """No snapshot, no rules, and the same to readers and writers."""
    here = scene(store)
    with store.write() as unit:
        assert unit.heads.get(here.dashboard.id) == unit.heads.lock(here.dashboard.id)
        assert unit.heads.get(here.dashboard.id) == Head(dashboard_id=here.dashboard.id)
        for ask in (unit.heads.get, unit.heads.lock):
            with pytest.raises(NotFound):
                ask("nowhere")


def test_a_snapshot_moves_its_head(store: Store) -> None:
    """The newest of any status, and the newest that others are compared with, are two things."""
    here = scene(store)
    good = here.take(1)
    empty = here.take(2, capture_status="empty", moves_head=False)
    with store.read() as unit:
        assert unit.heads.get(here.dashboard.id) == Head(
            dashboard_id=here.dashboard.id,
            last_snapshot_id=empty.id,
            last_sequence=2,
            last_timestamp=empty.timestamp,
            head_snapshot_id=good.id,
            head_content_hash=good.content_hash,
            head_as_of=good.as_of,
            head_view_spec_hash=good.view_spec_hash,
        )


def test_a_unit_that_moves_a_head_sees_it_moved(store: Store) -> None:
    """What is remembered of a locked head is forgotten by every way in which it moves."""
    here = scene(store)
    first = here.take(1)
    subscription = here.subscribe()
    shown = payload(2)
    canonical = canonical_bytes(shown.as_dict())
    with store.write() as unit:
        before = unit.heads.lock(here.dashboard.id)
        second = replace(first, id="h-2", sequence=2, parent_snapshot_id=first.id, content_hash=content_hash(canonical))
        unit.snapshots.add(second, canonical=canonical, payload=shown, moves_head=False)
        assert unit.heads.lock(here.dashboard.id).last_sequence == before.last_sequence + 1
        assert unit.heads.lock(here.dashboard.id).head_snapshot_id == first.id
        unit.snapshots.accept("h-2", by="alice", at=first.timestamp)
        assert unit.heads.lock(here.dashboard.id).head_snapshot_id == "h-2"
        unit.subscriptions.update(replace(subscription, repeat_interval=60))
        assert unit.heads.lock(here.dashboard.id).rules_version == before.rules_version + 1
        third = replace(second, id="h-3", sequence=3, parent_snapshot_id="h-2")
        unit.snapshots.add(third, canonical=canonical, payload=shown, moves_head=True)
    with store.read() as unit:
        assert unit.heads.get(here.dashboard.id).last_sequence == 3


def test_a_capture_reads_its_head_once(store: Store) -> None:
    """Statements are what a capture costs: the locked row serves the whole unit."""
    here = scene(store)
    here.take(1)
    with statements() as seen:
        here.take(2)
    assert len([one for one in seen if one.startswith("SELECT heads.")]) == 1


def test_the_record_of_a_head_is_not_read_again(store: Store) -> None:
    """A record never changes, so the next capture finds it in memory."""
    here = scene(store)
    taken = here.take(1)
    with statements() as seen, store.read() as unit:
        head = unit.heads.get(here.dashboard.id)
        assert head.head_snapshot_id == taken.id
        found = unit.snapshots.get(taken.id)
    assert found is not None
    assert found.record == taken
    assert len(seen) == 1


def test_a_payload_that_expired_anywhere_is_expired_here(store: Store, target: str) -> None:
    """The one thing about a record that changes is asked for every time, whatever is remembered."""
    here = scene(store)
    taken = here.take(1)
    with store.read() as unit:
        unit.heads.get(here.dashboard.id)
        found = unit.snapshots.record(taken.id)
        assert found is not None
        assert found.payload == "present"
    expire_payloads(target)
    with store.read() as unit:
        unit.heads.get(here.dashboard.id)
        found = unit.snapshots.record(taken.id)
        assert found is not None
        assert found.payload == "expired"
        with pytest.raises(Gone):
            unit.snapshots.get(taken.id)
    again = here.take(1)
    with store.read() as unit:
        unit.heads.get(here.dashboard.id)
        assert unit.snapshots.record(again.id) == again


def test_who_locks_second_sees_what_the_first_did(store: Store) -> None:
    """The lock is held to the commit, so nobody decides on a head that is about to move."""
    here = scene(store)
    subscription = here.subscribe()
    locked, seen = threading.Event(), []

    def follow() -> None:
        locked.wait()
        with store.write() as unit:
            seen.append(unit.heads.lock(here.dashboard.id).rules_version)

    follower = threading.Thread(target=follow)
    follower.start()
    with store.write() as unit:
        version = unit.heads.lock(here.dashboard.id).rules_version
        locked.set()
        follower.join(0.2)
        assert seen == []
        unit.subscriptions.update(replace(subscription, repeat_interval=60))
    follower.join()
    assert seen == [version + 1]

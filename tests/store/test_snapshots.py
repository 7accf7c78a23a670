"""Snapshots: kept whole, in order, once each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from stillframe.errors import Conflict, Gone, InvalidInput
from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.store import Store
from tests.store.cast import NOON, payload, scene


def test_a_record_comes_back_as_it_was_given(store: Store) -> None:
    """A record is evidence: not one member may change on the way through the database."""
    here = scene(store)
    first = here.take(1)
    full = here.take(
        2,
        scope="project",
        scope_ref="project:x",
        project_name="x",
        group_id="g",
        reason="because",
        analyzer_version="a1",
        rule_version="r1",
        formula_digest="f1",
        source_ref="git:1",
        immutable=True,
        retention_class="release",
        source_bundle=({"name": "r.xml", "bytes": 3},),
        capture={"s": {"rows": 20, "milliseconds": 1.5}},
    )
    with store.read() as unit:
        assert unit.snapshots.record(full.id) == full
        assert full.parent_snapshot_id == first.id


def test_a_payload_comes_back_as_it_was_given_after_a_restart(store: Store, target: str) -> None:
    """What is read is what was captured, whether it is remembered or decoded from its chain."""
    here = scene(store)
    taken = [here.take(value) for value in range(1, 140)]
    again = Store.open(target, create=False)
    with again.read() as unit:
        for number, record in enumerate(taken, start=1):
            canonical = unit.snapshots.canonical(record.content_hash)
            assert content_hash(canonical) == record.content_hash
            found = unit.snapshots.get(record.id)
            assert found is not None
            assert canonical_bytes(found.payload.as_dict()) == canonical_bytes(payload(number).as_dict())
    again.close()


def test_many_snapshots_are_read_as_one_by_one(store: Store) -> None:
    """In one statement, whichever are remembered; what is not there is left out."""
    here = scene(store)
    taken = [here.take(number).id for number in (1, 2, 3)]
    with store.read() as unit:
        found = unit.snapshots.get_many([*taken, "nobody"])
        assert found == {name: unit.snapshots.get(name) for name in taken}
        assert unit.snapshots.get_many([]) == {}


def test_the_same_content_is_stored_once(store: Store) -> None:
    """A hash names one payload, however many snapshots show it, on however many dashboards."""
    here = scene(store)
    a, b, back = here.take(1), here.take(2), here.take(1)
    assert a.content_hash == back.content_hash != b.content_hash
    with store.read() as unit:
        for record in (a, b, back):
            found = unit.snapshots.get(record.id)
            assert found is not None
            assert found.record == record


def test_a_sequence_that_is_not_the_next_is_refused(store: Store) -> None:
    """Two captures that saw the same head cannot both follow it."""
    here = scene(store)
    here.take(1)
    with pytest.raises(Conflict):
        here.take(2, sequence=1)
    with pytest.raises(Conflict):
        here.take(2, sequence=3)
    assert here.take(2).sequence == 2


def test_a_slot_is_taken_once(store: Store) -> None:
    """Any number of schedulers run; one snapshot stands for a slot."""
    here = scene(store)
    here.take(1, slot="2026-03-01T12:00:00.000Z")
    with pytest.raises(Conflict):
        here.take(2, slot="2026-03-01T12:00:00.000Z")
    with store.read() as unit:
        assert unit.snapshots.slot_taken(here.dashboard.id, "2026-03-01T12:00:00.000Z")
        assert not unit.snapshots.slot_taken(here.dashboard.id, "2026-03-01T13:00:00.000Z")


def test_a_list_goes_from_new_to_old_and_on(store: Store) -> None:
    """A cursor leads through the whole history, each record once."""
    here = scene(store)
    taken = [here.take(value) for value in range(5)]
    seen, cursor = [], None
    while True:
        with store.read() as unit:
            page = unit.snapshots.list(here.dashboard.id, limit=2, cursor=cursor)
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == taken[::-1]
    with store.read() as unit, pytest.raises(InvalidInput):
        unit.snapshots.list(here.dashboard.id, limit=2, cursor="1; DROP TABLE")


def test_an_accepted_empty_capture_becomes_the_head_and_its_record_stays(store: Store) -> None:
    """Accepting is another fact, not a change of the first one."""
    here = scene(store)
    good = here.take(1)
    empty = here.take(2, capture_status="empty", moves_head=False)
    with store.write() as unit:
        assert unit.heads.get(here.dashboard.id).head_snapshot_id == good.id
        assert not unit.snapshots.accepted(empty.id)
        unit.snapshots.accept(empty.id, by="alice", at=NOON)
        unit.snapshots.accept(empty.id, by="bob", at=NOON)
    with store.read() as unit:
        assert unit.heads.get(here.dashboard.id).head_snapshot_id == empty.id
        assert unit.snapshots.accepted(empty.id)
        assert unit.snapshots.record(empty.id) == empty
        assert unit.snapshots.last_good(here.dashboard.id, 2) == [empty, good]


def test_the_picture_at_a_time_is_the_newest_up_to_it(store: Store) -> None:
    """`as_of` decides, empty captures do not count, late ones do."""
    here = scene(store)
    first, empty = here.take(1), here.take(2, capture_status="empty", moves_head=False)
    late = here.take(3, late=True, moves_head=False, as_of=NOON - timedelta(days=1))
    with store.read() as unit:
        assert unit.snapshots.at_or_before(here.dashboard.id, empty.as_of) == first
        assert unit.snapshots.at_or_before(here.dashboard.id, NOON - timedelta(hours=1)) == late
        assert unit.snapshots.at_or_before(here.dashboard.id, NOON - timedelta(days=2)) is None
        assert unit.snapshots.last_good(here.dashboard.id, 9) == [first]


def test_a_parent_of_another_dashboard_is_no_parent(store: Store) -> None:
    """History does not cross dashboards."""
    here = scene(store)
    here.take(1)
    with pytest.raises(ValueError, match="no parent"):
        here.take(2, parent_snapshot_id="0190a5d2-7c3e-7000-8000-000000000001")


def test_an_unknown_hash_is_gone(store: Store) -> None:
    """Nothing is made up for a hash that names nothing here."""
    with store.read() as unit, pytest.raises(Gone):
        unit.snapshots.canonical("00" * 32)


def test_a_rolled_back_snapshot_leaves_nothing_in_memory(store: Store, target: str) -> None:
    """What was never committed is never answered, not even from a cache."""
    here = scene(store)
    kept = here.take(1)
    shown = payload(9)
    canonical = canonical_bytes(shown.as_dict())
    record = replace(
        kept, id="h-9", sequence=2, initiator="bob", parent_snapshot_id=kept.id, content_hash=content_hash(canonical)
    )
    unit_of_work = store.write()
    unit = unit_of_work.__enter__()
    unit.snapshots.add(record, canonical=canonical, payload=shown, moves_head=True)
    assert not unit_of_work.__exit__(RuntimeError, RuntimeError("taken back"), None)
    with store.read() as unit:
        assert unit.snapshots.record("h-9") is None
        assert unit.heads.get(here.dashboard.id).head_snapshot_id == kept.id
        with pytest.raises(Gone):
            unit.snapshots.canonical(record.content_hash)
    following = here.take(9, initiator="bob")
    another = Store.open(target, create=False)
    with another.read() as unit:
        assert unit.snapshots.record(following.id) == following
        assert unit.snapshots.canonical(following.content_hash) == canonical
    another.close()


def test_every_acceptance_of_a_dashboard_is_found_with_its_time(store: Store) -> None:
    """By the snapshot's id, and of this dashboard alone."""
    here = scene(store)
    taken = here.take(1)
    with store.write() as unit:
        assert unit.snapshots.acceptances(here.dashboard.id) == {}
        unit.snapshots.accept(taken.id, by="alice", at=NOON)
        assert unit.snapshots.acceptances(here.dashboard.id) == {taken.id: NOON}

"""Payloads: each content once, in chains that are read back byte for byte."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import text

from stillframe.errors import Gone, StoreError
from stillframe.store import Store
from stillframe.store.connect import SQLITE, open_engine
from stillframe.store.frames import CHAIN_FRAMES
from stillframe.store.payloads import Payloads
from tests.store.cast import Scene, dashboard, expire_payloads, scene


def rows(target: str, statement: str) -> list[tuple[object, ...]]:
    engine = open_engine(target)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found


def test_two_dashboards_that_show_the_same_share_it(store: Store, target: str) -> None:
    """A hash names one payload, whoever showed it first."""
    here = scene(store)
    other = dashboard(here.alice, slug="other")
    with store.write() as unit:
        unit.dashboards.add(other)
    there = Scene(store=store, alice=here.alice, dashboard=other)
    assert here.take(1).content_hash == there.take(1).content_hash
    assert rows(target, "SELECT count(*) FROM contents") == [(1,)]
    assert rows(target, "SELECT count(*) FROM payloads") == [(1,)]
    assert there.take(2).content_hash != here.take(3).content_hash
    assert rows(target, "SELECT count(*) FROM payloads") == [(3,)]


def test_a_hash_that_begins_like_another_is_another(store: Store) -> None:
    """Eight bytes find a hash in SQLite, and all thirty-two decide."""
    names = ["ab" * 8 + "00" * 24, "ab" * 8 + "11" * 24]
    with store.write() as unit:
        payloads = Payloads(unit._work)
        keys = [payloads.store(name.encode(), name, tip=None)[0] for name in names]
        assert keys[0] != keys[1]
        assert [payloads.store(name.encode(), name, tip=None)[0] for name in names] == keys


def test_a_chain_ends_and_another_begins(store: Store, target: str) -> None:
    """No payload is more than a chain away from a frame that stands alone."""
    here = scene(store)
    for value in range(CHAIN_FRAMES + 2):
        here.take(value)
    found = rows(target, "SELECT chain, max(depth), count(*) FROM payloads GROUP BY chain ORDER BY chain")
    assert [(depth, count) for _, depth, count in found] == [(CHAIN_FRAMES - 1, CHAIN_FRAMES), (1, 2)]


def test_a_chain_goes_on_in_a_store_that_remembers_nothing(store: Store, target: str) -> None:
    """After a restart the predecessor is read from disk, and the next frame stands on it all the same."""
    here = scene(store)
    first = here.take(1)
    again = Store.open(target, create=False)
    second = Scene(store=again, alice=here.alice, dashboard=here.dashboard).take(2)
    again.close()
    assert [depth for (depth,) in rows(target, "SELECT depth FROM payloads ORDER BY content")] == [0, 1]
    with store.read() as unit:
        for record in (first, second):
            assert hashlib.sha256(unit.snapshots.canonical(record.content_hash)).hexdigest() == record.content_hash


def test_two_of_a_chain_are_read_in_any_order(store: Store, target: str) -> None:
    """The second of a pair is decoded from the first where it comes later, and is itself either way."""
    here = scene(store)
    taken = [here.take(value) for value in range(9)]
    for pair in ((3, 7), (7, 3), (5, 5), (0, 8)):
        again = Store.open(target, create=False)
        with again.read() as unit:
            for place in pair:
                record = taken[place]
                assert hashlib.sha256(unit.snapshots.canonical(record.content_hash)).hexdigest() == record.content_hash
        again.close()


def test_what_expired_can_be_captured_again(store: Store, target: str) -> None:
    """The same picture seen anew is stored anew, and the old record shows it again."""
    here = scene(store)
    old = here.take(1)
    expire_payloads(target)
    with store.read() as unit, pytest.raises(Gone):
        unit.snapshots.canonical(old.content_hash)
    new = here.take(1)
    assert new.content_hash == old.content_hash
    assert rows(target, "SELECT count(*) FROM contents") == [(1,)]
    again = Store.open(target, create=False)
    with again.read() as unit:
        assert hashlib.sha256(unit.snapshots.canonical(new.content_hash)).hexdigest() == new.content_hash
    again.close()


def test_damage_on_disk_is_an_error_and_never_another_picture(sqlite_path: Path) -> None:
    """Whatever gets past the triggers is caught by the hash, and says what to do."""
    store = Store.open(sqlite_path, create=False)
    here = scene(store)
    first, second = here.take(1), here.take(2)
    store.close()
    foreign = SQLITE.connect(str(sqlite_path))
    foreign.execute("DROP TRIGGER payloads_update")
    foreign.execute("UPDATE payloads SET depth=0")
    foreign.commit()
    foreign.close()
    again = Store.open(sqlite_path, create=False)
    with again.read() as unit:
        assert unit.snapshots.canonical(first.content_hash)
        with pytest.raises(StoreError, match="from a copy"):
            unit.snapshots.canonical(second.content_hash)
    again.close()


def test_a_capture_builds_on_no_frame_that_somebody_else_added(sqlite_path: Path) -> None:
    """What was appended by hand would be taken for a frame of the chain; another chain begins instead."""
    store = Store.open(sqlite_path, create=False)
    here = scene(store)
    here.take(1)
    foreign = SQLITE.connect(str(sqlite_path))
    foreign.execute("UPDATE frames SET bytes=CAST(bytes||x'00' AS BLOB)")
    foreign.commit()
    foreign.close()
    second = here.take(2)
    store.close()
    again = Store.open(sqlite_path, create=False)
    with again.read() as unit:
        assert hashlib.sha256(unit.snapshots.canonical(second.content_hash)).hexdigest() == second.content_hash
    again.close()
    assert rows(str(sqlite_path), "SELECT count(DISTINCT chain) FROM payloads") == [(2,)]

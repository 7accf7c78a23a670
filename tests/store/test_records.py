"""Records: what is remembered of one is what reading it would give, and its words are kept once."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType

import pytest
from sqlalchemy import text

from stillframe.model.snapshot import SnapshotRecord
from stillframe.store import Store
from stillframe.store.connect import open_engine
from stillframe.store.records import INTERNED, PLAIN, as_read
from tests.store.cast import NOON, scene


def test_a_remembered_record_is_the_one_that_is_read(store: Store, target: str) -> None:
    """Finer times are cut, JSON is plain again: nobody can tell whether an answer came from memory."""
    here = scene(store)
    odd = here.take(
        1,
        timestamp=NOON + timedelta(microseconds=1_999),
        as_of=NOON - timedelta(microseconds=1),
        source_bundle=(MappingProxyType({"name": "r.xml", "parts": (1, 2)}),),
        capture=MappingProxyType({"s": MappingProxyType({"rows": 20, "places": ("a", "b")})}),
    )
    with store.read() as unit:
        unit.heads.get(here.dashboard.id)
        remembered = unit.snapshots.record(odd.id)
    another = Store.open(target, create=False)
    with another.read() as unit:
        read = unit.snapshots.record(odd.id)
    another.close()
    assert remembered == read == as_read(odd)
    assert read is not None
    assert (type(read.capture), type(read.capture["s"]["places"])) == (dict, list)


def test_reading_a_record_that_was_read_changes_nothing(store: Store) -> None:
    """What came from the database once is in its form already."""
    here = scene(store)
    taken = here.take(1)
    with store.read() as unit:
        read = unit.snapshots.record(taken.id)
    assert read is not None
    assert as_read(read) == read


def test_every_member_of_a_record_has_its_place() -> None:
    """A member that the rows forget would come back as its default, and evidence would change silently."""
    joined = {"dashboard_id", "parent_snapshot_id", "content_hash", "payload"}
    json = {"source_bundle", "capture"}
    constant = {"lifecycle_state"}
    assert set(SnapshotRecord.__slots__) == {*INTERNED, *PLAIN, *joined, *json, *constant}


@pytest.mark.parametrize("count", [1, 5])
def test_words_that_repeat_are_kept_once(store: Store, target: str, count: int) -> None:
    """A year of captures by one person names that person once."""
    here = scene(store)
    for value in range(count):
        here.take(value, initiator="alice the first", retention_class="release")
    engine = open_engine(target)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT text FROM texts WHERE text LIKE 'alice%' OR text='release'")).scalars()
        assert sorted(found) == ["alice the first", "release"]
    engine.dispose()

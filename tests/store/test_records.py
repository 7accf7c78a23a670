"""Records: what is remembered of one is what reading it would give, and its words are kept once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import text

from stillframe.model.snapshot import SnapshotRecord
from stillframe.store import Store
from stillframe.store.connect import begin_writing, open_engine
from stillframe.store.records import INTERNED, PLAIN, as_read
from stillframe.store.tables import SNAPSHOTS
from stillframe.store.types import pack_id
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
    as_json = {"source_bundle", "capture"}
    renamed = {"member_list"}
    constant = {"lifecycle_state"}
    assert set(SnapshotRecord.__slots__) == {*INTERNED, *PLAIN, *joined, *as_json, *constant, *renamed}


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


@pytest.mark.parametrize(
    "capture",
    [
        {},
        {"s": {"rows": 20, "milliseconds": 3.5}, "t": {"rows": 0, "milliseconds": 0}},
        {"s": {"milliseconds": 3.5, "rows": 20}},
        {"s": {"rows": 20, "milliseconds": 3.5}, "t": {"rows": 1}},
        {"s": {"rows": None, "milliseconds": [1]}, "t": {"rows": 1, "milliseconds": 2, "warnings": ["x"]}},
        {"s": 3},
    ],
)
def test_what_a_capture_took_comes_back_member_by_member(store: Store, capture: dict[str, Any]) -> None:
    """Most say rows and milliseconds and lie short in their row; nobody reading can tell."""
    here = scene(store)
    taken = here.take(1, capture=capture)
    with store.write() as unit:
        found = unit.snapshots.record(taken.id)
    assert found is not None
    assert json.dumps(found.capture) == json.dumps(capture)


def test_a_capture_of_the_first_release_is_still_read(store: Store, target: str) -> None:
    """Records are never rewritten, so their old spelling is read for ever."""
    here = scene(store)
    taken = here.take(1, capture={"s": {"rows": 20}})
    engine = open_engine(target)
    with engine.connect() as connection, begin_writing(connection):
        names = ",".join(column.name for column in SNAPSHOTS.c if column.name not in {"capture", "sequence", "id"})
        old = {
            "id": pack_id("h-2") if engine.dialect.name == "sqlite" else "h-2",
            "capture": '{"s":{"rows":1,"milliseconds":2.5}}',
        }
        connection.execute(
            text(f"INSERT INTO snapshots({names},capture,sequence,id) SELECT {names},:capture,2,:id FROM snapshots"),
            old,
        )
    engine.dispose()
    with store.read() as unit:
        found = unit.snapshots.record("h-2")
    assert found == replace(taken, id="h-2", sequence=2, capture={"s": {"rows": 1, "milliseconds": 2.5}})

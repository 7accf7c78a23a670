"""The store as a whole: opened by many, full, killed, and never half written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from stillframe.errors import NotFound, SchemaAhead, SchemaBehind, StoreError, StoreFull, StoreMissing, StoreUnavailable
from stillframe.store import Store, Unit
from stillframe.store.connect import SQLITE
from tests.store.cast import NOON, Scene, scene, user

SOURCE = str(Path(__file__).resolve().parents[2] / "src")


CAST = str(Path(__file__).parent)


@contextmanager
def child(program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start another Python process that knows the product and the cast, and see it ended."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((SOURCE, CAST))},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_missing_file_is_named_and_not_made(tmp_path: Path) -> None:
    """A command that only reads never creates a database."""
    path = tmp_path / "nothing" / "here.db"
    with pytest.raises(StoreMissing, match=r"here\.db"):
        Store.open(path, create=False)
    assert not path.parent.exists()


def test_a_schema_that_does_not_fit_is_refused(target: str) -> None:
    """Older: run migrate. Newer: upgrade. Neither is touched."""
    from sqlalchemy import text

    from stillframe.store.connect import open_engine

    Store.open(target, create=True).close()
    engine = open_engine(target)
    for version, error in (("9999", SchemaAhead), (None, SchemaBehind)):
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM alembic_version"))
            if version:
                connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})
        with pytest.raises(error):
            Store.open(target, create=False)
    engine.dispose()


def test_processes_that_start_together_make_one_schema(target: str) -> None:
    """Whoever comes second finds the work done."""
    program = """
import sys
from stillframe.store import Store
store = Store.open(sys.argv[1], create=True)
print(store.schema_state())
store.close()
"""
    with ExitStack() as several:
        started = [several.enter_context(child(program, target)) for _ in range(3)]
        assert [process.communicate(timeout=60)[0].strip() for process in started] == ["current"] * 3


def test_a_unit_commits_when_it_is_left_and_not_before(store: Store) -> None:
    """The unit of work commits, nothing else does; an exception takes everything back."""
    with store.write() as unit:
        unit.users.add(user("alice"))
        with store.read() as other:
            assert other.users.list() == []
    with pytest.raises(NotFound), store.write() as unit:
        unit.snapshots.accept(_bob_joins(unit), by="bob", at=NOON)
    with store.read() as unit:
        assert [found.name for found in unit.users.list()] == ["alice"]
    store.check_writable()


def _bob_joins(unit: Unit) -> str:
    bob = user("bob")
    unit.users.add(bob)
    return bob.id


def test_a_reading_unit_writes_nothing(store: Store) -> None:
    """What was done in a reading unit is undone or refused, never kept."""
    try:
        with store.read() as unit:
            unit.users.add(user("alice"))
    except StoreError:
        pass
    with store.read() as unit:
        assert unit.users.list() == []


def test_writers_that_read_first_lose_no_update(store: Store) -> None:
    """Read, decide, write: eight threads, every capture in its place and none missing."""
    here = scene(store)
    wanted = 40

    def work() -> None:
        for value in range(wanted // 8):
            here.take(value)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as unit:
        records = unit.snapshots.list(here.dashboard.id, limit=100).items
    assert [record.sequence for record in records] == list(range(wanted, 0, -1))
    assert [record.parent_snapshot_id for record in records[:-1]] == [record.id for record in records[1:]]


_TAKE = """
import sys
from cast import Scene
from stillframe.store import Store
store = Store.open(sys.argv[1], create=False)
with store.read() as unit:
    found = unit.dashboards.get(sys.argv[2])
    here = Scene(store=store, alice=unit.users.by_name("alice"), dashboard=found)
for value in range(int(sys.argv[3])):
    here.take(value)
store.close()
"""


def test_processes_that_write_at_once_lose_no_update(target: str) -> None:
    """The same law across processes, where no lock of ours reaches."""
    store = Store.open(target, create=True)
    here = scene(store)
    with ExitStack() as several:
        started = [several.enter_context(child(_TAKE, target, here.dashboard.id, "10")) for _ in range(3)]
        assert [process.wait(timeout=60) for process in started] == [0, 0, 0]
    with store.read() as unit:
        assert unit.heads.get(here.dashboard.id).last_sequence == 30
        records = unit.snapshots.list(here.dashboard.id, limit=100).items
        assert [record.sequence for record in records] == list(range(30, 0, -1))
        for record in records:
            assert unit.snapshots.get(record.id) is not None
    store.close()


_DIE = """
import signal, sys
from cast import user
from stillframe.store import Store
store = Store.open(sys.argv[1], create=False)
with store.write() as unit:
    for number in range(500):
        unit.users.add(user(f"user-{number}"))
    print("writing", flush=True)
    signal.pause()
"""


def test_a_process_killed_in_mid_transaction_leaves_a_clean_file(target: str) -> None:
    """Nothing of what was not committed is there, and others write on at once."""
    Store.open(target, create=True).close()
    with child(_DIE, target) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "writing"
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
    store = Store.open(target, create=False)
    with store.write() as unit:
        assert unit.users.list() == []
        unit.users.add(user("alice"))
    store.close()


def test_a_full_disk_stores_nothing_and_is_forgotten_when_there_is_room(sqlite_path: Path) -> None:
    """507, nothing acknowledged is lost, and no restart is needed."""
    store = Store.open(sqlite_path, create=False)
    here = scene(store)
    kept = here.take(1)
    limit = _limit_pages(store, 30)
    with pytest.raises(StoreFull):
        _ = [here.take(1, reason="x" * 2_000) for _ in range(200)]
    with store.read() as unit:
        before = unit.heads.get(here.dashboard.id)
        assert unit.snapshots.record(kept.id) == kept
    limit(1_000_000)
    following = here.take(2)
    assert following.sequence == before.last_sequence + 1
    store.close()


def _limit_pages(store: Store, more: int) -> Callable[[int], None]:
    """Let the file grow by so many pages only, on every connection of this store."""

    def limit(pages: int) -> None:
        with store._engine.connect() as connection:
            now = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={now + pages}")

    limit(more)
    return limit


def test_a_locked_file_says_try_again(sqlite_path: Path) -> None:
    """Somebody else's long transaction is 503, not a crash."""
    store = Store.open(sqlite_path, create=False)
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    foreign = SQLITE.connect(str(sqlite_path), isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable), store.write():
        raise AssertionError("the lock is somebody else's")
    with pytest.raises(StoreUnavailable):
        store.check_writable()
    foreign.execute("ROLLBACK")
    foreign.close()
    store.check_writable()
    store.close()


def test_two_stores_on_one_file_share_one_queue(sqlite_path: Path) -> None:
    """Two open stores of one process do not wait for each other by SQLite's unfair polling."""
    one, other = Store.open(sqlite_path, create=False), Store.open(sqlite_path, create=False)
    assert one._writing is other._writing
    here = scene(one)
    mirror = Scene(store=other, alice=here.alice, dashboard=here.dashboard)
    assert [here.take(1).sequence, mirror.take(2).sequence, here.take(3).sequence] == [1, 2, 3]
    assert here.take(4).timestamp > NOON
    one.close()
    other.close()

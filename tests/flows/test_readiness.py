"""Ready means that the database takes writes, its schema fits, and somebody is there to deliver."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite3  # the library that the store uses: two in one process undo each other's locks

from stillframe.flows.readiness import readiness
from tests.flows.room import Room


def test_ready_is_every_check_and_a_worker_counts_while_it_beats(room: Room) -> None:
    """Without a worker what is promised is not kept, so it is not ready."""
    assert readiness(room.services).checks == {
        "database_writable": True,
        "migrations_current": True,
        "worker_alive": False,
    }
    with room.services.store.write() as unit:
        unit.workers.beat("somebody", kind="worker", now=room.clock())
    assert readiness(room.services).ready
    room.clock.move(seconds=61)
    assert not readiness(room.services).ready


def test_a_store_that_fails_is_an_answer_and_no_error(room: Room, tmp_path: Path) -> None:
    """Whoever asks whether it works is told no."""
    with closing(sqlite3.connect(tmp_path / "stillframe.db")) as other:
        other.execute("DROP TABLE workers")
        other.commit()
    found = readiness(room.services)
    assert (found.ready, found.checks["database_writable"], found.checks["worker_alive"]) == (False, False, False)

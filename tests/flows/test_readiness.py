"""Ready means that the database takes writes, its schema fits, and somebody is there to deliver."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite3  # the library that the store uses: two in one process undo each other's locks

from stillframe.flows.dispatch import claim, start
from stillframe.flows.readiness import readiness
from stillframe.testing import Answer, Hang, WebhookReceiver
from tests.flows.room import ANY, Room, request


def test_ready_is_every_check_and_a_worker_counts_while_it_beats(room: Room) -> None:
    """Without a worker what is promised is not kept, so it is not ready."""
    assert readiness(room.services).checks == {
        "database_writable": True,
        "migrations_current": True,
        "worker_alive": False,
        "sending": True,
    }
    with room.services.store.write() as unit:
        unit.workers.beat("somebody", kind="worker", now=room.clock())
    assert readiness(room.services).ready
    room.clock.move(seconds=4)
    assert not readiness(room.services).ready


def test_what_is_due_and_not_sent_is_seen_and_a_slow_receiver_is_not(room: Room, receiver: WebhookReceiver) -> None:
    """Red means that nothing is sent, whoever claims to be alive; what waits behind a send that runs waits rightly."""
    receiver.behave(Answer(status=500), Hang(seconds=1))
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, receiver, ANY)
    room.take(board, a=2)
    room.settle()

    def sending() -> bool:
        return readiness(room.services).checks["sending"]

    room.clock.move(seconds=20)
    assert not sending(), "due for longer than its patience, and nobody sends"
    start(room.services, claim(room.services), known={})
    assert sending(), "it is being sent"
    room.take_as(room.alice, board, request(a=3))
    room.clock.move(seconds=5)
    assert sending(), "the second waits for its receiver, which is slow"
    room.settle()
    room.clock.move(seconds=20)
    assert not sending()


def test_a_store_that_fails_is_an_answer_and_no_error(room: Room, tmp_path: Path) -> None:
    """Whoever asks whether it works is told no."""
    with closing(sqlite3.connect(tmp_path / "stillframe.db")) as other:
        other.execute("DROP TABLE workers")
        other.commit()
    found = readiness(room.services)
    assert (found.ready, found.checks["database_writable"], found.checks["worker_alive"]) == (False, False, False)

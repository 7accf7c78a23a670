"""The worker's threads deliver and capture, and a fault in one round does not end them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from stillframe.capture import Connection, parse_view_spec
from stillframe.errors import StoreUnavailable
from stillframe.flows.dashboards import create_dashboard
from stillframe.flows.dispatch import AFTERWARDS, AFTERWARDS_AT_ONCE, left_behind
from stillframe.flows.holdings import Holdings
from stillframe.flows.idempotency import begin
from stillframe.flows.readiness import readiness
from stillframe.flows.services import Services
from stillframe.flows.snapshots import take_snapshot
from stillframe.flows.worker import Worker
from stillframe.model.delivery import Letter, Result, Sent
from stillframe.notify import Notifier, Switchboard
from stillframe.testing import Answer, Hang, MemoryChannel, WebhookReceiver
from stillframe.wiring import now
from tests.flows.room import ANY, Room, request


@contextmanager
def working(services: Services) -> Iterator[Worker]:
    """Let a worker work."""
    worker = Worker(services)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop(timeout_seconds=20)


def wait_until(holds: Callable[[], bool], *, seconds: float = 10) -> None:
    """Return as soon as something holds."""
    give_up_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up_at, "it never came"
        time.sleep(0.02)


def test_a_worker_delivers_what_falls_due_and_is_seen_while_it_works(room: Room, receiver: WebhookReceiver) -> None:
    """A retry whose time has come goes out without anybody asking; afterwards nobody is said to be at work."""
    receiver.behave(Answer(status=500), Answer())
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, receiver, ANY)
    room.take(board, a=2)
    room.settle()
    with working(room.services):
        assert left_behind(room.services).worker_alive
        room.clock.move(seconds=30)
        receiver.wait_for(2)
        wait_until(lambda: left_behind(room.services).pending == 0)
    assert not left_behind(room.services).worker_alive


def test_what_waits_for_a_slow_receiver_goes_out_when_that_is_free(room: Room, receiver: WebhookReceiver) -> None:
    """No poll is waited for: the end of one send wakes the worker for the next."""
    receiver.behave(Hang(seconds=0.3), Answer())
    board = room.board()
    room.take(board, a=0)
    room.subscribe(board, receiver, ANY)
    with working(room.services):
        queued = [room.dispatch(board, a=score).queued for score in (1, 2, 3)]
        receiver.wait_for(3, seconds=5)
    assert queued[0] == 1
    assert len({entry.delivery_id for entry in receiver.ledger}) == 3


def test_a_worker_runs_the_timer(room: Room, tmp_path: Path) -> None:
    """A slot that is due when it starts is taken at once."""
    (tmp_path / "rows.json").write_text(json.dumps([{"id": "a", "score": 1}]), encoding="utf8")
    room.services.connections["files"] = Connection(name="files", url=str(tmp_path))  # type: ignore[index]  # because the map that wiring made is a dict
    document = {
        "title": "Timed",
        "sources": {"rows": {"type": "file", "connection": "files", "path": "rows.json"}},
        "panels": {"board": {"source": "rows", "kind": "table"}},
        "metadata": {"snapshot_policy": "hourly"},
    }
    board = create_dashboard(room.services, room.root, view_spec=parse_view_spec(document))
    room.clock.move(hours=1)

    def taken() -> bool:
        with room.services.store.read() as unit:
            return unit.heads.get(board.id).last_sequence == 1

    with working(room.services):
        wait_until(taken)
    with room.services.store.read() as unit:
        assert [record.trigger_source for record in unit.snapshots.list(board.id, limit=5).items] == ["schedule"]


class StuckChannel:
    """A channel with a defect: it blocks the loop that everything is sent on, until it is released."""

    def __init__(self) -> None:
        self.released = threading.Event()

    async def send(self, letter: Letter) -> Result:
        """Block."""
        self.released.wait(20)
        return Sent(status=204)

    async def close(self) -> None:
        """Nothing is open."""


def test_a_worker_whose_sending_is_stuck_beats_no_more(room: Room, receiver: WebhookReceiver) -> None:
    """Its threads all run, and it would claim more if there were more: only what it sends shows that it does not."""
    channel = StuckChannel()
    stuck = replace(room.services, notifier=Notifier(channel=channel, clock=now), clock=now)
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, receiver, ANY)
    room.clock.set(now())

    def alive() -> bool:
        return readiness(stuck).checks["worker_alive"]

    with working(stuck):
        time.sleep(2.0)
        wait_until(alive)
        idle = replace(stuck, limits=replace(stuck.limits, dispatch_timeout_ms=0))
        take_snapshot(idle, room.alice, dashboard_ref=board.id, request=request(a=2))
        began = time.monotonic()
        wait_until(lambda: not alive(), seconds=20)
        assert time.monotonic() - began < 10
        wait_until(lambda: not stuck.holdings.count({"webhook"}), seconds=20)
        channel.released.set()
        wait_until(alive)
    stuck.notifier.close(timeout_seconds=5)


def test_mail_that_takes_its_time_holds_up_no_webhook(room: Room, receiver: WebhookReceiver) -> None:
    """Each kind has its round; of mail only so much is on its way that webhooks keep their room."""
    slow = MemoryChannel(seconds=2.0)
    switchboard = Switchboard({"webhook": MemoryChannel(), "email": slow})
    mailing = replace(
        room.services,
        notifier=Notifier(channel=switchboard, clock=room.clock, in_flight=AFTERWARDS_AT_ONCE + 4),
        sendable=frozenset({"webhook", "email"}),
        limits=replace(room.services.limits, mail_sender="stillframe@example.org"),
        holdings=Holdings(),
    )
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY).subscription
    for number in range(AFTERWARDS_AT_ONCE + 20):
        room.subscribe(board, f"a{number}@example.org", ANY, subscriber_kind="email", caller=room.root)
    idle = replace(mailing, limits=replace(mailing.limits, dispatch_timeout_ms=0))
    with working(mailing):
        take_snapshot(idle, room.alice, dashboard_ref=board.id, request=request(a=2))
        wait_until(lambda: bool(slow.letters))
        assert mailing.holdings.count(AFTERWARDS) <= AFTERWARDS_AT_ONCE
        take_snapshot(idle, room.alice, dashboard_ref=board.id, request=request(a=3))
        began = time.monotonic()

        def webhooks_sent() -> bool:
            with room.services.store.read() as unit:
                found = unit.outbox.deliveries(made.id, limit=9).items
            return [entry.state for entry in found] == ["sent", "sent"]

        wait_until(webhooks_sent)
        assert time.monotonic() - began < 1.9, "it waited for mail"
    mailing.notifier.close(timeout_seconds=5)
    mailing.holdings.close()


class StumblingClock:
    """A clock whose store-shaped trouble comes and goes: it raises while `trouble` is on."""

    def __init__(self, inner: Callable[[], datetime]) -> None:
        self.inner = inner
        self.trouble = False
        self.stumbled = 0

    def __call__(self) -> datetime:
        if self.trouble:
            self.stumbled += 1
            raise StoreUnavailable
        return self.inner()


def test_a_fault_in_a_round_or_between_two_does_not_end_the_worker(room: Room, receiver: WebhookReceiver) -> None:
    """A database that was away for a moment finds its worker still there, wherever the fault struck."""
    receiver.behave(Answer(status=500), Answer())
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, receiver, ANY)
    room.take(board, a=2)
    room.settle()
    clock = StumblingClock(room.clock)
    with working(replace(room.services, clock=clock)):
        for _ in range(2):
            before = clock.stumbled
            clock.trouble = True
            wait_until(lambda before=before: clock.stumbled > before)  # type: ignore[misc]  # because of the bound loop name
            clock.trouble = False
            time.sleep(0.1)
        room.clock.move(minutes=1)
        assert len({entry.delivery_id for entry in receiver.wait_for(2)}) == 1


def test_a_worker_lets_old_idempotency_keys_go(room: Room) -> None:
    """A key is kept for 48 hours; a table that only grows would be its own kind of leak."""
    begun = {"route": "POST /x", "key": "k", "body": b"{}"}
    begin(room.services, room.alice, **begun)
    room.clock.move(hours=47)
    begin(room.services, room.alice, **{**begun, "key": "younger"})
    room.clock.move(hours=2)

    def kept() -> list[str]:
        # Not by the standard sqlite3: two SQLite libraries in one process undo each other's locks on a file.
        with room.services.store._engine.connect() as connection:
            return list(connection.exec_driver_sql("select key from idempotency").scalars())

    assert sorted(kept()) == ["k", "younger"]
    with working(room.services):
        wait_until(lambda: kept() == ["younger"])
    assert kept() == ["younger"]


def test_a_worker_cleans_up_what_had_had_its_time_when_the_day_began(room: Room) -> None:
    """Nobody has to run a command for retention to be kept."""
    board = room.board()
    first = room.take(board, a=1).record
    room.take(board, a=2)
    room.clock.move(days=92)
    with working(room.services):
        wait_until(lambda: _payload_of(room, first.id) == "expired")


def _payload_of(room: Room, snapshot_id: str) -> str:
    with room.services.store.read() as unit:
        found = unit.snapshots.record(snapshot_id)
    assert found is not None
    return found.payload

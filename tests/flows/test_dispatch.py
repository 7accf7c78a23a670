"""Sending: counted as it ended, settled once, tried again when it is due, and never waited for too long."""

from __future__ import annotations

import time
from datetime import timedelta

from stillframe.flows.dispatch import claim, deliver_due, left_behind, send
from stillframe.testing import Answer, Hang, Reset, WebhookReceiver
from tests.flows.room import ANY, Room


def test_a_failed_send_is_due_again_and_not_before(room: Room, receiver: WebhookReceiver) -> None:
    """Draining ends while the next try lies ahead, and goes on when its time has come."""
    receiver.behave(Answer(status=500), Answer(status=500), Answer())
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY).subscription
    assert room.dispatch(board, a=2).failed == 1
    room.settle()
    assert deliver_due(room.services, seconds=5) == {}
    room.clock.move(minutes=1)
    assert deliver_due(room.services, seconds=5) == {"failed": 1}
    room.clock.move(minutes=1)
    assert deliver_due(room.services, seconds=5) == {"delivered": 1}
    with room.services.store.read() as unit:
        (entry,) = unit.outbox.deliveries(made.id, limit=10).items
    assert [(found["attempt"], found["outcome"]) for found in entry.tries] == [
        (1, "failed"),
        (2, "failed"),
        (3, "sent"),
    ]


def test_an_answer_that_never_came_is_unknown_and_not_failed(room: Room, receiver: WebhookReceiver) -> None:
    """The receiver may have taken it: the log of tries says so."""
    receiver.behave(Reset())
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY).subscription
    room.take(board, a=2)
    room.settle()
    with room.services.store.read() as unit:
        (entry,) = unit.outbox.deliveries(made.id, limit=10).items
    assert [found["outcome"] for found in entry.tries] == ["unknown"]
    assert entry.state == "pending"


def test_what_still_runs_at_the_end_of_the_wait_is_queued_and_settles_itself(
    room: Room, receiver: WebhookReceiver
) -> None:
    """Detached, not cancelled: one request reaches the receiver and its answer counts."""
    receiver.behave(Answer(status=500), Hang(seconds=0.4))
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY).subscription
    room.take(board, a=2)
    room.settle()
    room.clock.move(minutes=1)
    started = time.monotonic()
    assert send(room.services, claim(room.services), until=time.monotonic() + 0.05) == {"queued": 1}
    assert time.monotonic() - started < 0.35
    assert claim(room.services) == []
    room.settle()
    with room.services.store.read() as unit:
        (entry,) = unit.outbox.deliveries(made.id, limit=10).items
    assert (entry.state, len(receiver.ledger)) == ("sent", 2)


def test_a_claim_that_was_never_settled_comes_back_when_its_lease_ends(room: Room, receiver: WebhookReceiver) -> None:
    """As if its process had died: not while the lease lasts, and then once."""
    receiver.behave(Answer(status=500), Answer())
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, receiver, ANY)
    room.take(board, a=2)
    room.settle()
    room.clock.move(minutes=1)
    (lost,) = claim(room.services)
    room.clock.move(seconds=room.services.limits.lease_seconds - 1)
    assert deliver_due(room.services, seconds=5) == {}
    room.clock.move(seconds=1)
    assert deliver_due(room.services, seconds=5) == {"delivered": 1}
    assert send(room.services, [lost], until=None)["delivered"] == 1, "the dead one wakes"
    with room.services.store.read() as unit:
        entry = unit.outbox.get(lost.delivery_id)
    assert entry is not None
    assert [found["attempt"] for found in entry.tries] == [1, 3], "a stale lease settles nothing"


def test_nothing_claimed_is_nothing_sent(room: Room) -> None:
    """No letter, no thread, no count."""
    assert send(room.services, [], until=None) == {}
    assert deliver_due(room.services, seconds=1) == {}


def test_what_is_left_behind_is_counted_and_a_worker_counts_for_a_minute(room: Room, receiver: WebhookReceiver) -> None:
    """A command that leaves work says so unless somebody was seen who does it."""
    receiver.behave(Answer(status=503))
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, receiver, ANY)
    room.take(board, a=2)
    room.settle()
    left = left_behind(room.services)
    assert (left.pending, left.worker_alive) == (1, False)
    with room.services.store.write() as unit:
        unit.workers.beat("somebody", kind="worker", now=room.clock() - timedelta(seconds=60))
    assert left_behind(room.services).worker_alive
    room.clock.move(seconds=1)
    assert not left_behind(room.services).worker_alive

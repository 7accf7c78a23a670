"""Sending: counted as it ended, settled once, tried again when it is due, and never waited for too long."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

from stillframe.flows.dispatch import (
    AFTERWARDS,
    AT_ONCE,
    claim,
    deliver_due,
    left_behind,
    release_deferred,
    send,
    start,
)
from stillframe.flows.holdings import Holdings
from stillframe.flows.snapshots import take_snapshot
from stillframe.flows.subscriptions import remove_subscription
from stillframe.model.subscription import OutboxEntry
from stillframe.store import Claimed
from stillframe.testing import Answer, Hang, Reset, WebhookReceiver
from stillframe.wiring import now
from tests.flows.room import ANY, Room, request


def deliveries_of(room: Room, subscription_id: str) -> list[OutboxEntry]:
    """Return what a subscription was promised, newest first."""
    with room.services.store.read() as unit:
        return unit.outbox.deliveries(subscription_id, limit=10).items


def claim_all(room: Room) -> list[Claimed]:
    """Claim whatever is due, also for receivers that are busy."""
    with room.services.store.write() as unit:
        return unit.outbox.claim_due(now=room.clock(), lease_seconds=10, limit=99)


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
    assert send(room.services, [lost], until=None) == {"queued": 1}, "the dead one wakes, and sends nothing"
    room.settle()
    with room.services.store.read() as unit:
        entry = unit.outbox.get(lost.delivery_id)
    assert entry is not None
    assert (entry.state, entry.attempts, len(receiver.ledger)) == ("sent", 3, 2)
    assert [found["attempt"] for found in entry.tries] == [1, 3], "a stale lease settles nothing"


def test_a_lease_is_renewed_while_its_send_runs(room: Room, receiver: WebhookReceiver) -> None:
    """Short leases hold for long sends: nobody else claims what is on its way, however long its receiver takes."""
    room.services = replace(room.services, limits=replace(room.services.limits, lease_seconds=0.6), clock=now)
    receiver.behave(Hang(seconds=2.0))
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY).subscription
    hurried = Holdings(renew_every_seconds=0.2)
    room.services = replace(room.services, holdings=hurried)
    room.take(board, a=2)
    receiver.wait_for(1)
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        with room.services.store.write() as unit:
            assert unit.outbox.claim_due(now=now(), lease_seconds=10, limit=9) == []
        time.sleep(0.05)
    room.settle()
    (entry,) = deliveries_of(room, made.id)
    assert (entry.state, entry.attempts, len(receiver.ledger)) == ("sent", 1, 1)
    assert hurried.count({"webhook"}) == 0


def test_what_has_not_begun_when_the_process_ends_is_due_at_once(room: Room, receiver: WebhookReceiver) -> None:
    """It goes back as if it had not been claimed; what runs is waited for and settled."""
    receiver.behave(Hang(seconds=0.5))
    boards = [room.board(f"Board {number}") for number in range(6)]
    made = []
    for board in boards:
        room.take(board, a=1)
        made.append(room.subscribe(board, receiver, ANY).subscription.id)
    idle = replace(room.services.limits, dispatch_timeout_ms=0)
    room.services = replace(room.services, limits=idle)
    room.take(boards[0], a=2)
    with room.services.store.write() as unit:
        for board in boards[1:]:
            head = unit.heads.get(board.id).head_snapshot_id
            assert head is not None
    for board in boards[1:]:
        room.take(board, a=2)
    start(room.services, claim_all(room), known={})
    room.services.notifier.close(timeout_seconds=10)
    ended = {entry.state: entry for found in made for entry in deliveries_of(room, found)}
    assert set(ended) == {"sent", "pending"}
    assert (ended["pending"].attempts, ended["pending"].tries) == (0, ())
    assert ended["pending"].due_at == room.clock()
    assert {len(found.delivery_id) for found in receiver.ledger} == {73}


def test_mail_and_channels_are_not_claimed_where_they_cannot_be_sent(room: Room) -> None:
    """A process without a mail server burns no tries of what another one can send."""
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, "ana@example.org", ANY, subscriber_kind="email", caller=room.root)
    mailing = replace(room.services, sendable=frozenset({"webhook", "email"}))
    take_snapshot(mailing, room.alice, dashboard_ref=board.id, request=request(a=2))
    assert claim(room.services) == []
    assert claim(mailing, AT_ONCE) == []
    assert [found.channel for found in claim(mailing, AFTERWARDS)] == ["email"]


def test_what_was_deferred_is_sent_once_there_is_a_way_unless_it_is_old(room: Room) -> None:
    """Two days are kept; older mail is listed as expired, and that of whoever left is cancelled."""
    board = room.board()
    room.take(board, a=1)
    kept, gone = (
        room.subscribe(board, f"{name}@example.org", ANY, subscriber_kind="email", caller=room.root).subscription
        for name in ("ana", "bo")
    )
    assert room.dispatch(board, a=2).deferred == 2
    room.clock.move(hours=47)
    assert room.dispatch(board, a=3).deferred == 2
    room.clock.move(hours=2)
    remove_subscription(room.services, room.root, dashboard_ref=board.id, subscription_id=gone.id)
    assert release_deferred(room.services) == 0, "there is still no way"
    mailing = replace(room.services, sendable=frozenset({"webhook", "email"}))
    assert release_deferred(mailing) == 1
    assert [entry.state for entry in deliveries_of(room, kept.id)] == ["pending", "expired"]
    assert [entry.state for entry in deliveries_of(room, gone.id)] == ["cancelled", "expired"]
    assert release_deferred(mailing) == 0


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


def test_a_channel_that_is_being_sent_to_is_passed_over_and_takes_no_room_from_mail(room: Room) -> None:
    """A chat that hangs, with more waiting for it than is sent at once, holds up no mail."""
    room.services = replace(
        room.services, sendable=frozenset({"email", "channel"}), channels={"chat": frozenset()}, holdings=Holdings()
    )
    board = room.board()
    room.take(board, a=1)
    for number in range(40):
        rule = {"value_delta_abs": number + 1, "on_field": "score"}
        room.subscribe(board, "chat", rule, subscriber_kind="channel", caller=room.root)
    room.subscribe(board, "ana@example.org", ANY, subscriber_kind="email", caller=room.root)
    room.take(board, a=100)
    first = claim(room.services, AFTERWARDS)
    room.services.holdings.take(first, now=room.clock(), lease_seconds=10, renew=lambda leases: set())
    assert {found.receiver for found in first if found.channel == "channel"} == {"channel:chat"}
    with room.services.store.write() as unit:
        rest = unit.outbox.claim_due(now=room.clock(), lease_seconds=10, limit=40, busy=frozenset({"channel:chat"}))
    room.services.holdings.close()
    assert room.services.holdings.count(AFTERWARDS, share=8) <= 9
    assert [found.channel for found in (*first, *rest) if found.channel == "email"] == ["email"]
    assert {found.channel for found in rest} <= {"email"}

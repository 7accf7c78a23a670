"""A receiver that is gone, or takes nothing for five days, is paused; what waits is kept, and its owners hear once."""

from __future__ import annotations

from datetime import timedelta

from stillframe.flows.dispatch import deliver_due
from stillframe.model.discussion import Notification
from stillframe.model.identity import Caller
from stillframe.model.subscription import OutboxEntry, Subscription
from stillframe.testing import Answer, WebhookReceiver
from tests.flows.room import ANY, Room


def now_is(room: Room, subscription_id: str) -> Subscription:
    """Return a subscription as it is now."""
    with room.services.store.read() as unit:
        found = unit.subscriptions.get(subscription_id)
    assert found is not None
    return found


def entries(room: Room, subscription_id: str) -> list[OutboxEntry]:
    """Return what a subscription was promised, newest first."""
    with room.services.store.read() as unit:
        return unit.outbox.deliveries(subscription_id, limit=50).items


def inbox(room: Room, who: Caller) -> list[Notification]:
    """Return somebody's notices, newest first."""
    with room.services.store.read() as unit:
        return [found for found in unit.notifications.list(who.user_id, limit=50).items if found.kind == "notice"]


def test_410_pauses_every_subscription_of_the_receiver_at_once(room: Room, receiver: WebhookReceiver) -> None:
    """Also those on other dashboards; what was answered so and what waits is parked, and nothing is sent any more."""
    first, other = room.board(), room.board("Other")
    for board in (first, other):
        room.take(board, a=1)
    made = [room.subscribe(board, receiver, ANY).subscription.id for board in (first, other)]
    receiver.behave(Answer(status=500), Answer(status=410))
    room.take(other, a=2)
    room.settle()
    room.take(first, a=2)
    room.settle()
    paused = [now_is(room, found) for found in made]
    assert [(found.state, found.paused_reason) for found in paused] == [
        ("paused", "its receiver answered 410 Gone")
    ] * 2
    assert [entries(room, found)[0].state for found in made] == ["parked", "parked"]
    assert entries(room, made[0])[0].tries[0]["status"] == 410
    room.clock.move(hours=1)
    assert deliver_due(room.services, seconds=5) == {}
    assert room.dispatch(first, a=3).matched == 0
    assert len(receiver.ledger) == 2


def test_the_owners_hear_of_it_once_each(room: Room, receiver: WebhookReceiver) -> None:
    """One line for all that was paused, which names the receiver as lists do, and no second one."""
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, receiver, ANY)
    room.subscribe(board, receiver, {"set_added_min": 1})
    room.subscribe(board, receiver, {"set_removed_min": 1}, caller=room.root)
    receiver.behave(Answer(status=410))
    room.take(board, b=2)
    room.settle()
    (hers,), (roots,) = inbox(room, room.alice), inbox(room, room.root)
    assert "410 Gone: 2." in hers.text
    assert "410 Gone: 1." in roots.text
    assert hers.dashboard_id == board.id
    assert receiver.url() not in hers.text
    assert inbox(room, room.bob) == []


def test_five_days_of_nothing_but_failures_pause_the_receiver(room: Room, receiver: WebhookReceiver) -> None:
    """The notice whose last try tells is kept with the others, though it was tried thirteen times."""
    receiver.behave(Answer(status=500))
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY).subscription
    room.take(board, a=2)
    room.settle()
    began, tries = room.clock(), 1
    while now_is(room, made.id).state == "active":
        due = entries(room, made.id)[0].due_at
        assert due is not None
        room.clock.move(seconds=(due - room.clock()).total_seconds())
        assert deliver_due(room.services, seconds=5) == {"failed": 1}
        tries += 1
    assert timedelta(hours=120) <= room.clock() - began <= timedelta(hours=149)
    assert (tries, entries(room, made.id)[0].state) == (13, "parked")
    assert now_is(room, made.id).paused_reason == "nothing has reached its receiver since 2026-11-21T12:32:00.000Z"
    (notice,) = inbox(room, room.alice)
    assert "nothing has reached its receiver since" in notice.text


def test_one_success_in_between_begins_the_five_days_anew(room: Room, receiver: WebhookReceiver) -> None:
    """It is the receiver that counts, not the notice: another one that arrives is a sign of life."""
    receiver.behave(Answer(status=500), Answer(), Answer(status=500))
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY).subscription
    room.take(board, a=2)
    room.settle()
    room.clock.move(hours=100)
    assert deliver_due(room.services, seconds=5) == {"delivered": 1}
    room.take(board, a=3)
    room.settle()
    room.clock.move(hours=21)
    assert deliver_due(room.services, seconds=5) == {"failed": 1}
    assert now_is(room, made.id).state == "active"
    room.clock.move(hours=100)
    assert deliver_due(room.services, seconds=5) == {"failed": 1}
    assert now_is(room, made.id).state == "paused"

"""An address is told nothing before it agrees, and is asked no more often than it can bear."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from stillframe.errors import Conflict, TooManyRequests
from stillframe.flows.confirming import ASKED_BY_ONE_MOST, ASKED_MOST, CONFIRM_WITHIN, TRIES_MOST, refuse_asking_again
from stillframe.flows.deliveries import list_deliveries, replay_delivery
from stillframe.flows.resuming import resume_subscription
from stillframe.flows.signed_links import act, confirm_link, unsubscribe_link
from stillframe.flows.subscriptions import SubscriptionChange, SubscriptionRequest, change_subscription, subscribe
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from stillframe.model.subscription import OutboxEntry, Subscription
from tests.flows.room import ANY, Room, request

ANA = "ana@example.org"


def by_mail(
    room: Room, board: Dashboard, address: str = ANA, *, caller: Caller | None = None, rule: object = ANY
) -> Subscription:
    asked = SubscriptionRequest(subscriber_kind="email", subscriber_id=address, threshold=rule)
    return subscribe(room.services, caller or room.alice, dashboard_ref=board.id, request=asked).subscription


def deliveries(room: Room, made: Subscription) -> list[OutboxEntry]:
    return list_deliveries(
        room.services, room.root, dashboard_ref=made.dashboard_id, subscription_id=made.id, limit=10
    ).items


def agree(room: Room, made: Subscription) -> None:
    act(room.services, confirm_link(room.services, made.id, asked_at=made.created_at).rpartition("/")[2])


def test_what_an_owner_typed_waits_and_what_an_administrator_typed_does_not(room: Room) -> None:
    """Who runs the installation answers for an address; who only uses it could type anybody's."""
    board = room.board()
    room.take(board, a=1)
    waiting = by_mail(room, board)
    assert waiting.state == "unconfirmed"
    assert by_mail(room, board, "ops@example.org", caller=room.root).state == "active"
    assert [(entry.kind, entry.cause) for entry in deliveries(room, waiting)] == [("confirm", waiting.id)]
    assert room.dispatch(board, a=2).matched == 1


def test_an_address_that_agreed_is_not_asked_again_by_the_same_owner(room: Room) -> None:
    """A second rule for one's own address; somebody else who types it has to ask."""
    room.team(alice="editor", bob="editor")
    alice, bob = room.standing("alice"), room.standing("bob")
    board = room.board(owner=alice, scope={"group": "team-a"})
    room.take_as(alice, board, request(a=1))
    agree(room, by_mail(room, board, caller=alice))
    second = by_mail(room, board, caller=alice, rule={"set_added_min": 1})
    assert second.state == "active"
    assert by_mail(room, board, caller=bob, rule={"set_removed_min": 1}).state == "unconfirmed"


def test_one_address_is_asked_three_times_a_day_at_most(room: Room) -> None:
    """Whoever makes subscriptions and removes them cannot fill somebody's mailbox with questions."""
    boards = [room.board(f"Board {number}") for number in range(ASKED_MOST + 1)]
    for board, spelt in zip(boards[:ASKED_MOST], (ANA, "Ana@example.org", "aNA@EXAMPLE.org"), strict=True):
        by_mail(room, board, spelt)
    with pytest.raises(TooManyRequests, match="asked 3 times in a day") as refusal:
        by_mail(room, boards[-1])
    assert refusal.value.retry_after_seconds == 86_400
    assert by_mail(room, boards[-1], "bob@example.org").state == "unconfirmed"
    room.clock.move(days=1, seconds=1)
    assert by_mail(room, boards[-1]).state == "unconfirmed"


def test_one_person_has_only_so_many_addresses_asked_in_a_day(room: Room) -> None:
    """The product writes to no list of strangers; what an administrator typed is not asked."""
    board = room.board()
    for number in range(ASKED_BY_ONE_MOST):
        by_mail(room, board, f"ana{number}@example.org")
    with pytest.raises(TooManyRequests, match="you had 20 addresses asked"):
        by_mail(room, board)
    assert by_mail(room, board, caller=room.root).state == "active"
    room.clock.move(days=1, seconds=1)
    assert by_mail(room, board, "other@example.org").state == "unconfirmed"


def test_whoever_changes_anothers_subscription_does_not_learn_the_address(room: Room) -> None:
    """As in the list: an administrator sees where it goes to, and not to whom."""
    made = by_mail(room, room.board())
    change = SubscriptionChange(more={"max_items": 3})
    shown = change_subscription(
        room.services, room.root, dashboard_ref=made.dashboard_id, subscription_id=made.id, change=change
    )
    assert (shown.max_items, shown.subscriber_id) == (3, "a…@example.org")


def test_nothing_but_the_address_itself_makes_it_active(room: Room) -> None:
    """Neither its owner nor an administrator agrees in its place: by a change, or by resuming it."""
    board = room.board()
    taken = room.take(board, a=1)
    made = by_mail(room, board)
    pinned = SubscriptionChange(baseline="pinned", baseline_snapshot_id=taken.record.id)
    for caller in (room.alice, room.root):
        changed = change_subscription(
            room.services, caller, dashboard_ref=board.id, subscription_id=made.id, change=pinned
        )
        assert changed.state == "unconfirmed"
        with pytest.raises(Conflict, match="confirm"):
            resume_subscription(room.services, caller, dashboard_ref=board.id, subscription_id=made.id, replay=True)
    assert room.dispatch(board, a=2).matched == 0


def test_a_question_that_was_lost_can_be_sent_again_a_few_times(room: Room) -> None:
    """By its owner, while it needs an answer and its link is good."""
    room.services = replace(room.services, sendable=frozenset({"webhook", "email"}))
    made = by_mail(room, room.board())
    (entry,) = deliveries(room, made)
    now = room.clock()
    sent = replace(entry, attempts=1)
    refuse_asking_again(made, sent, now=now)
    with pytest.raises(Conflict, match="it knows"):
        refuse_asking_again(made, replace(sent, attempts=TRIES_MOST), now=now)
    with pytest.raises(Conflict, match="no longer good"):
        refuse_asking_again(made, sent, now=now + CONFIRM_WITHIN)
    with pytest.raises(Conflict, match="need not confirm"):
        refuse_asking_again(replace(made, state="active"), sent, now=now)
    with pytest.raises(Conflict, match="pending"):
        replay_delivery(room.services, room.alice, delivery_id=entry.id)
    act(room.services, unsubscribe_link(room.services, made.id).rpartition("/")[2])
    with pytest.raises(Conflict):
        replay_delivery(room.services, room.alice, delivery_id=entry.id)


def test_without_a_mail_server_the_question_is_deferred(room: Room) -> None:
    """It goes out when there is one, if that is soon."""
    (entry,) = deliveries(room, by_mail(room, room.board()))
    assert entry.state == "deferred"
    assert timedelta(days=7) == CONFIRM_WITHIN

"""Deliveries as people see them: every try, and sending one again under the same id."""

from __future__ import annotations

import pytest

from stillframe.errors import Conflict, Forbidden, NotFound
from stillframe.flows.deliveries import list_deliveries, replay_delivery
from stillframe.flows.dispatch import deliver_due
from stillframe.flows.identity import authenticate, create_token
from stillframe.flows.projects import change_project
from stillframe.flows.subscriptions import remove_subscription
from stillframe.model.dashboard import Dashboard
from stillframe.model.subscription import OutboxEntry
from stillframe.testing import WebhookReceiver
from tests.flows import scoped
from tests.flows.room import ANY, Room


def delivered(room: Room, receiver: WebhookReceiver | str) -> tuple[Dashboard, OutboxEntry]:
    """Send one alert, and return its delivery."""
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY).subscription
    room.take(board, a=2)
    room.settle()
    return board, deliveries(room, board, made.id)[0]


def deliveries(room: Room, board: Dashboard, subscription_id: str) -> list[OutboxEntry]:
    """Return a subscription's deliveries, as Alice."""
    return list_deliveries(
        room.services, room.alice, dashboard_ref=board.id, subscription_id=subscription_id, limit=10
    ).items


def test_a_replay_is_another_try_of_the_same_delivery(room: Room, receiver: WebhookReceiver) -> None:
    """The same id and the same body, though it had arrived; and a worker is woken."""
    board, entry = delivered(room, receiver)
    assert (entry.state, entry.due_at) == ("sent", None)
    room.services.work_waiting.clear()
    for expected in (2, 3):
        assert replay_delivery(room.services, room.alice, delivery_id=entry.id).state == "pending"
        assert room.services.work_waiting.is_set()
        assert deliver_due(room.services, seconds=5) == {"delivered": 1}
        (entry,) = deliveries(room, board, entry.subscription_id)
        assert (entry.state, len(entry.tries)) == ("sent", expected)
    assert len({(found.delivery_id, found.body) for found in receiver.ledger}) == 1
    assert len(receiver.ledger) == 3


def test_what_is_pending_is_not_replayed(room: Room, receiver: WebhookReceiver) -> None:
    """It is on its way; twice asked is once sent."""
    _, entry = delivered(room, receiver)
    replay_delivery(room.services, room.alice, delivery_id=entry.id)
    with pytest.raises(Conflict, match="pending"):
        replay_delivery(room.services, room.alice, delivery_id=entry.id)
    deliver_due(room.services, seconds=5)
    assert len(receiver.ledger) == 2


def test_a_comment_was_never_a_send(room: Room) -> None:
    """A persona's alert stands in the thread exactly once."""
    _, entry = delivered(room, "alice")
    with pytest.raises(Conflict, match="persona"):
        replay_delivery(room.services, room.alice, delivery_id=entry.id)


def test_whoever_unsubscribed_gets_no_replay(room: Room, receiver: WebhookReceiver) -> None:
    """The address may be somebody else's by now."""
    board, entry = delivered(room, receiver)
    remove_subscription(room.services, room.alice, dashboard_ref=board.id, subscription_id=entry.subscription_id)
    with pytest.raises(Conflict, match="removed"):
        replay_delivery(room.services, room.alice, delivery_id=entry.id)


def test_deliveries_are_their_owners_and_the_dashboards(room: Room, receiver: WebhookReceiver) -> None:
    """A stranger finds none, and a token that may only read sends nothing again."""
    board, entry = delivered(room, receiver)
    for look in (
        lambda: replay_delivery(room.services, room.charlie, delivery_id=entry.id),
        lambda: replay_delivery(room.services, room.alice, delivery_id="absent"),
        lambda: list_deliveries(
            room.services, room.charlie, dashboard_ref=board.id, subscription_id=entry.subscription_id, limit=1
        ),
        lambda: deliveries(room, board, "absent"),
    ):
        with pytest.raises(NotFound):
            look()
    text = create_token(room.services, room.alice, user_name="alice", scopes=["read"]).text
    with pytest.raises(Forbidden):
        replay_delivery(room.services, authenticate(room.services, text), delivery_id=entry.id)


def test_an_editor_does_not_read_what_a_colleague_who_sees_more_was_told(room: Room, receiver: WebhookReceiver) -> None:
    """When, by which try and with which answer; not the names of projects that are hidden from the editor."""
    scoped.settle_in(room)
    room.team("team-c")
    room.project("third")
    room.join("team-a", bob="editor")
    room.join("team-b", bob="viewer")
    for name in ("my-service", "a/b", "third"):
        scoped.score(room, name, 90)
    scoped.take(room, "group", "team-a")
    board = "group:team-a"
    with room.services.store.read() as unit:
        dashboard = unit.dashboards.get(board)
    assert dashboard is not None
    made = room.subscribe(dashboard, receiver, ANY, caller=room.standing("bob")).subscription
    change_project(room.services, room.root, name="a/b", group_id="team-b")
    change_project(room.services, room.root, name="third", group_id="team-c")
    scoped.refresh(room)
    scoped.score(room, "my-service", 10)
    scoped.take(room, "group", "team-a")
    room.settle()
    for caller, is_told in ((room.bob, True), (room.alice, False)):
        page = list_deliveries(room.services, caller, dashboard_ref=board, subscription_id=made.id, limit=10)
        (entry,) = page.items
        assert entry.state == "sent"
        assert ("a/b" in str(entry.said)) is is_told
    assert replay_delivery(room.services, room.alice, delivery_id=entry.id).said is None

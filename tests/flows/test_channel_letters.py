"""What a channel is told, from a capture to a chat service and to an Alertmanager, and the same on every try."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from stillframe.capture import parse_view_spec
from stillframe.errors import Forbidden, InvalidInput
from stillframe.flows.channel_letters import row_names
from stillframe.flows.dashboards import create_dashboard
from stillframe.flows.dispatch import deliver_due
from stillframe.flows.letters import link
from stillframe.flows.snapshots import SnapshotRequest
from stillframe.flows.subscriptions import SubscriptionRequest, subscribe
from stillframe.flows.trial import send_test
from stillframe.model.dashboard import Dashboard
from stillframe.notify import AlertmanagerChannel, AppriseChannel, NamedChannels, Notifier, Switchboard
from stillframe.testing import Answer, WebhookReceiver
from stillframe.wiring import now
from tests.flows.room import ANY, Room, board_spec, request
from tests.report.messages import a_message


@pytest.fixture
def wired(room: Room, receiver: WebhookReceiver) -> Iterator[Room]:
    """A room with two channels, `chat` and `alerts`, that both lead to one server of ours."""
    channels = NamedChannels(
        {
            "chat": AppriseChannel(name="chat", url=f"json://127.0.0.1:{receiver.port}/chat?format=markdown"),
            "alerts": AlertmanagerChannel(name="alerts", url=receiver.url("/am"), clock=now, version="test"),
        }
    )
    notifier = Notifier(channel=Switchboard({"channel": channels}), clock=room.clock, turn_seconds=10)
    room.services = replace(
        room.services,
        notifier=notifier,
        sendable=frozenset({"channel"}),
        channels={"chat": frozenset(), "alerts": frozenset()},
        limits=replace(room.services.limits, public_url="https://frames.example"),
    )
    yield room
    notifier.close(timeout_seconds=10)


def tell(room: Room, board: Dashboard, channel: str, **more: Any) -> str:
    """Subscribe a channel to any change of a board, as an administrator; return the subscription's id."""
    asked = SubscriptionRequest(subscriber_kind="channel", subscriber_id=channel, threshold=ANY, **more)
    return subscribe(room.services, room.root, dashboard_ref=board.id, request=asked).subscription.id


def push(room: Room, board: Dashboard, *rows: dict[str, Any]) -> None:
    room.clock.move(minutes=1)
    room.take_as(room.alice, board, SnapshotRequest(data={"board": list(rows), "total": 1}))


def received(receiver: WebhookReceiver, path: str) -> list[Any]:
    return [json.loads(found.body) for found in receiver.ledger if found.path.startswith(path)]


def test_a_chat_is_told_with_the_names_of_the_rows(wired: Room, receiver: WebhookReceiver) -> None:
    """People know rows by their titles, also one that has gone."""
    board = wired.board("Carriers")
    push(wired, board, {"id": "UA", "title": "United", "score": 2}, {"id": "HA", "title": "Hawaiian", "score": 1})
    tell(wired, board, "chat")
    push(wired, board, {"id": "UA", "title": "United Airlines", "score": 2})
    deliver_due(wired.services, seconds=10)
    (message,) = received(receiver, "/chat")
    assert message["title"].startswith("Carriers: Hawaiian is gone (was 2nd)")
    assert "United Airlines" in message["message"]
    assert f"https://frames.example/api/dashboard/{board.id}/diff" in message["message"]


def test_an_alertmanager_is_told_of_the_same_change(wired: Room, receiver: WebhookReceiver) -> None:
    """By the ids that the API knows, so that a route or a silence can name them."""
    board = wired.board("Carriers")
    push(wired, board, {"id": "UA", "score": 2})
    subscription = tell(wired, board, "alerts", importance="high")
    push(wired, board, {"id": "UA", "score": 3})
    deliver_due(wired.services, seconds=10)
    ((alert,),) = received(receiver, "/am")
    assert alert["labels"]["dashboard"] == board.id
    assert alert["labels"]["subscription"] == subscription
    assert alert["labels"]["severity"] == "critical"


def test_another_try_says_the_same(wired: Room, receiver: WebhookReceiver) -> None:
    """Though the dashboard went on meanwhile."""
    receiver.behave(Answer(status=500), Answer())
    board = wired.board("Carriers")
    push(wired, board, {"id": "UA", "title": "United", "score": 2})
    tell(wired, board, "chat", max_items=1)
    push(wired, board, {"id": "UA", "title": "United", "score": 3})
    deliver_due(wired.services, seconds=10)
    wired.clock.move(minutes=1)
    deliver_due(wired.services, seconds=10)
    first, again = received(receiver, "/chat")
    assert first == again


@pytest.mark.parametrize("name", ["chat", "alerts"])
def test_a_test_send_is_marked_as_one(wired: Room, receiver: WebhookReceiver, name: str) -> None:
    """Whoever reads it in a chat, or is paged, sees that nothing happened; and its alert is none of the real ones."""
    board = wired.board("Carriers")
    push(wired, board, {"id": "UA", "score": 2})
    made = tell(wired, board, name)
    push(wired, board, {"id": "UA", "score": 3})
    assert send_test(wired.services, wired.root, dashboard_ref=board.id, subscription_id=made).as_dict()
    (request,) = receiver.wait_for(1)
    said = json.loads(request.body)
    if name == "chat":
        assert said["title"].startswith("Test: Carriers: ")
    else:
        assert said[0]["labels"]["test"] == "true"


def test_a_channel_is_for_those_whom_the_operator_gave_it(wired: Room, receiver: WebhookReceiver) -> None:
    """A subscription names one that exists, and that its dashboard's group, or an administrator, may use."""
    board = wired.board("Carriers")
    asked = SubscriptionRequest(subscriber_kind="channel", subscriber_id="chat", threshold=ANY)
    with pytest.raises(Forbidden, match=r"channel\.use"):
        subscribe(wired.services, wired.alice, dashboard_ref=board.id, request=asked)
    with pytest.raises(InvalidInput, match="did you mean 'chat'"):
        tell(wired, board, "chats")


def test_a_channel_that_was_taken_from_a_group_is_told_nothing_more(wired: Room, receiver: WebhookReceiver) -> None:
    """The operator's word holds for what was promised before it, too; the owner hears of it once."""
    wired.team("team", alice="editor")
    wired.services = replace(wired.services, channels={"chat": frozenset({"team"})})
    alice = wired.standing("alice")
    spec = parse_view_spec(board_spec("Carriers", scope={"group": "team"}))
    board = create_dashboard(wired.services, alice, view_spec=spec)
    asked = SubscriptionRequest(subscriber_kind="channel", subscriber_id="chat", threshold=ANY)
    made = subscribe(wired.services, alice, dashboard_ref=board.id, request=asked).subscription
    for score in (1, 2):
        wired.take_as(alice, board, request(a=score))
    wired.services = replace(wired.services, channels={"chat": frozenset()})
    deliver_due(wired.services, seconds=10)
    assert receiver.ledger == ()
    with wired.services.store.read() as unit:
        (entry,) = unit.outbox.deliveries(made.id, limit=10).items
        found = unit.subscriptions.get(made.id)
    assert entry.state == "withheld"
    assert found is not None
    assert (found.state, found.paused_reason) == ("paused", "its owner may no longer use this channel")


def test_rows_of_a_snapshot_that_is_not_there_have_no_names(room: Room) -> None:
    """The letter is written all the same, with the keys."""
    assert row_names(room.services, a_message()) == {}
    board = room.board()
    push(room, board, {"id": "UA", "title": "United", "score": 2})
    with room.services.store.read() as unit:
        head = unit.heads.get(board.id).head_snapshot_id
        record = unit.snapshots.record(head or "")
    assert record is not None
    message = a_message(snapshot_b=link(room.services, record))
    assert row_names(room.services, message) == {"UA": "United"}

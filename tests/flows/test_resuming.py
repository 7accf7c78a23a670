"""A paused subscription is told again by one action, which also sends what was kept; never what nobody may see."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from stillframe.capture import parse_view_spec
from stillframe.errors import Conflict, Forbidden, NotFound
from stillframe.flows.dashboards import replace_dashboard
from stillframe.flows.deliveries import replay_delivery
from stillframe.flows.dispatch import deliver_due
from stillframe.flows.identity import authenticate, create_token
from stillframe.flows.resuming import Resumed, resume_subscription
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from stillframe.store import KEY_LOST
from stillframe.testing import Answer, WebhookReceiver
from tests.flows.room import ANY, Room, board_spec, request
from tests.flows.test_endpoints import entries, now_is
from tests.store.cast import settlement


def resume(
    room: Room, board: Dashboard, subscription_id: str, *, replay: bool, caller: Caller | None = None
) -> Resumed:
    """Resume as Alice."""
    return resume_subscription(
        room.services, caller or room.alice, dashboard_ref=board.id, subscription_id=subscription_id, replay=replay
    )


def gone(room: Room, receiver: WebhookReceiver) -> tuple[Dashboard, str]:
    """Return a board with a subscription whose receiver answered 410, with one delivery kept."""
    receiver.behave(Answer(status=410), Answer())
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY).subscription
    room.take(board, a=2)
    room.settle()
    assert now_is(room, made.id).state == "paused"
    return board, made.id


def test_resuming_sends_what_was_kept_under_the_same_id(room: Room, receiver: WebhookReceiver) -> None:
    """One action: active again, and due at once."""
    board, made = gone(room, receiver)
    room.services.work_waiting.clear()
    found = resume(room, board, made, replay=True)
    assert (found.subscription.state, found.subscription.paused_reason, found.replayed) == ("active", None, 1)
    assert room.services.work_waiting.is_set()
    assert deliver_due(room.services, seconds=5) == {"delivered": 1}
    assert len({entry.delivery_id for entry in receiver.ledger}) == 1
    assert room.dispatch(board, a=3).delivered == 1
    assert resume(room, board, made, replay=True).replayed == 0, "nothing is left"
    assert resume(room, board, made, replay=True).as_dict()["subscription"]["state"] == "active"


def test_without_replay_what_was_kept_stays_until_it_is_asked_for(room: Room, receiver: WebhookReceiver) -> None:
    """Old news may be no news; nothing is thrown away for that."""
    board, made = gone(room, receiver)
    assert resume(room, board, made, replay=False).replayed == 0
    assert deliver_due(room.services, seconds=5) == {}
    assert [entry.state for entry in entries(room, made)] == ["parked"]
    assert resume(room, board, made, replay=True).replayed == 1


def test_a_receiver_that_is_resumed_begins_anew(room: Room, receiver: WebhookReceiver) -> None:
    """Its five days of failures are forgotten: the next failure pauses nothing."""
    board, made = gone(room, receiver)
    room.clock.move(hours=130)
    resume(room, board, made, replay=False)
    receiver.behave(Answer(status=500))
    room.take(board, a=3)
    room.settle()
    assert now_is(room, made).state == "active"


def test_a_reason_that_still_holds_keeps_it_paused(room: Room, receiver: WebhookReceiver) -> None:
    """A pin of another kind of picture, an address that nobody has confirmed, a key that is lost."""
    board = room.board()
    room.take(board, a=1)
    pin = room.take(board, a=2).record
    pinned = room.subscribe(board, receiver, ANY, baseline="pinned", baseline_snapshot_id=pin.id).subscription
    spec = parse_view_spec(
        board_spec(
            panels={
                "board": {"source": "pushed", "kind": "table", "key": "id", "rank_by": "score", "order": "asc"},
                "total": {"source": "pushed", "kind": "metric"},
            }
        )
    )
    replace_dashboard(room.services, room.alice, dashboard_ref=board.id, view_spec=spec)
    room.take(board, a=3)
    assert now_is(room, pinned.id).state == "paused"
    with pytest.raises(Conflict, match="pin one that was taken since"):
        resume(room, board, pinned.id, replay=True)
    mail = room.subscribe(board, "ana@example.org", ANY, subscriber_kind="email", caller=room.root).subscription
    for change, why in (
        ({"state": "unconfirmed"}, "not confirmed"),
        ({"state": "paused", "paused_reason": KEY_LOST}, "subscribe again"),
    ):
        with room.services.store.write() as unit:
            unit.subscriptions.update(replace(mail, **change))  # type: ignore[arg-type]  # because the members differ in type
        with pytest.raises(Conflict, match=why):
            resume(room, board, mail.id, replay=True, caller=room.root)


def test_nobody_resumes_for_an_owner_who_may_not_look(room: Room, receiver: WebhookReceiver) -> None:
    """An editor may resume a colleague's; not one whose owner has left the group since."""
    room.team(alice="editor", bob="editor")
    alice, bob = room.standing("alice"), room.standing("bob")
    board = room.board(owner=alice, scope={"group": "team-a"})
    room.take_as(alice, board, request(a=1))
    made = room.subscribe(board, receiver, ANY, caller=bob).subscription
    with room.services.store.write() as unit:
        unit.subscriptions.pause([made.id], reason="for a while", at=room.clock())
    assert resume(room, board, made.id, replay=False, caller=alice).subscription.state == "active"
    room.leave("team-a", "bob")
    assert now_is(room, made.id).state == "paused"
    with pytest.raises(Conflict, match="owner may not see"):
        resume(room, board, made.id, replay=False, caller=room.standing("alice"))


def test_whoever_resumes_a_colleagues_mail_does_not_learn_the_address(room: Room) -> None:
    """It is shown as in the list: who knows it already knows it again."""
    room.team(alice="editor", bob="editor")
    alice, bob = room.standing("alice"), room.standing("bob")
    board = room.board(owner=alice, scope={"group": "team-a"})
    made = room.subscribe(board, "bob@example.org", ANY, subscriber_kind="email", caller=bob).subscription
    with room.services.store.write() as unit:
        unit.subscriptions.update(replace(made, state="paused"))
    shown = [resume(room, board, made.id, replay=False, caller=who).subscription for who in (alice, bob)]
    assert [found.subscriber_id for found in shown] == ["b…@example.org", "bob@example.org"]
    assert now_is(room, made.id).subscriber_id == "bob@example.org"


def test_a_stranger_resumes_nothing(room: Room, receiver: WebhookReceiver) -> None:
    """What is not there for their eyes is not there; a token that only reads changes nothing."""
    board, made = gone(room, receiver)
    for caller, wanted in ((room.charlie, made), (room.alice, "absent")):
        with pytest.raises(NotFound):
            resume(room, board, wanted, replay=True, caller=caller)
    text = create_token(room.services, room.alice, user_name="alice", scopes=["read"]).text
    with pytest.raises(Forbidden):
        resume(room, board, made, replay=True, caller=authenticate(room.services, text))


@pytest.mark.postgres
def test_resuming_and_settling_take_their_locks_in_one_order(shared_room: Room, receiver: WebhookReceiver) -> None:
    """First deliveries, then receivers: else each could wait for the other, and the database would refuse one."""
    room = shared_room
    receiver.behave(Answer(status=500))
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY).subscription
    room.take(board, a=2)
    room.settle()
    room.clock.move(minutes=1)
    with room.services.store.write() as unit:
        (claimed,) = unit.outbox.claim_due(now=room.clock(), lease_seconds=10, limit=9)
        unit.subscriptions.pause([made.id], reason="for the test", at=room.clock())
    resumed: list[Resumed] = []
    resuming = threading.Thread(target=lambda: resumed.append(resume(room, board, made.id, replay=True)))
    with room.services.store.write() as unit:
        assert unit.outbox.settle([settlement(claimed, state="pending", due_at=room.clock())])
        resuming.start()
        time.sleep(0.4)  # until it waits for the delivery
        unit.endpoints.note(succeeded={}, failed={claimed.receiver: room.clock()}, before=room.clock())
        unit.endpoints.note(succeeded={claimed.receiver: room.clock()}, failed={}, before=room.clock())
    resuming.join(10)
    assert [found.replayed for found in resumed] == [1]


@pytest.mark.postgres
def test_a_subscription_that_is_paused_during_a_replay_is_sent_nothing(
    shared_room: Room, receiver: WebhookReceiver
) -> None:
    """Who replays waits for who pauses, and then finds that it may not."""
    room = shared_room
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY).subscription
    room.take(board, a=2)
    room.settle()
    (entry,) = entries(room, made.id)
    refused: list[str] = []

    def replay() -> None:
        try:
            replay_delivery(room.services, room.alice, delivery_id=entry.id)
        except Conflict as error:
            refused.append(error.message)

    replaying = threading.Thread(target=replay)
    with room.services.store.write() as unit:
        unit.heads.lock(board.id)
        unit.subscriptions.pause([made.id], reason="for the test", at=room.clock())
        replaying.start()
        time.sleep(0.4)  # until it waits, or does not
    replaying.join(10)
    assert refused == ["its subscription is paused"]
    assert [found.state for found in entries(room, made.id)] == ["sent"]

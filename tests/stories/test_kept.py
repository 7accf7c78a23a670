"""The promise: what could not be delivered is kept and sent by one action; nobody is told what they may not see."""

from __future__ import annotations

from stillframe.flows.dispatch import deliver_due
from stillframe.flows.identity import authenticate
from stillframe.flows.resuming import resume_subscription
from stillframe.flows.rotation import rotate_secret
from stillframe.flows.trial import send_test
from stillframe.model.identity import Caller
from stillframe.testing import Answer, WebhookReceiver
from tests.stories.house import House, said

ANY = {"any_change": True}


def alice(house: House) -> Caller:
    """Return Alice as her token proves her."""
    return authenticate(house.services, house.alice.token)


def states(house: House, board: str, subscription_id: str) -> list[str]:
    """Return the states of a subscription's deliveries, newest first."""
    path = f"/api/dashboard/{board}/subscriptions/{subscription_id}/deliveries"
    return [entry["state"] for entry in house.alice.get(path)["items"]]


def test_a_receiver_that_is_gone_is_paused_and_resumed_with_all_that_was_kept(house: House) -> None:
    """One was answered 410, one was on its way to a second board, one waited for its next try: all three arrive."""
    boards = [house.board(f"Board {number}") for number in range(3)]
    with WebhookReceiver() as receiver:
        made = []
        for board in boards:
            house.push(board, a=1)
            made.append(house.subscribe(board, receiver, ANY))
        receiver.trust(*(found["secret"] for found in made))
        receiver.behave(Answer(status=500), Answer(status=500), Answer(status=410))
        for board in boards:
            house.push(board, a=2)
            house.settle()
        assert [states(house, *pair) for pair in zip(boards, (found["id"] for found in made), strict=True)] == [
            ["parked"]
        ] * 3
        assert house.push(boards[0], a=3)["dispatch"]["matched"] == 0
        notices = [entry for entry in house.alice.get("/api/notifications")["items"] if entry["kind"] == "notice"]
        assert [entry["text"].count("410 Gone: 3") for entry in notices] == [1]
        receiver.behave(Answer())
        kept = {entry.delivery_id for entry in receiver.ledger}
        for board, found in zip(boards, made, strict=True):
            resumed = resume_subscription(
                house.services, alice(house), dashboard_ref=board, subscription_id=found["id"], replay=True
            )
            assert resumed.replayed == 1
        assert house.deliver() == {"delivered": 3}
        assert {entry.delivery_id for entry in receiver.ledger[3:]} == kept
        assert all(entry.verified for entry in receiver.ledger)
        assert house.push(boards[0], a=4)["dispatch"]["delivered"] == 1


def test_a_secret_is_changed_without_a_notice_that_does_not_verify(house: House) -> None:
    """The receiver changes over in the middle; before, between and after, every notice verifies with what it has."""
    board = house.board()
    house.push(board, a=1)
    with WebhookReceiver() as receiver:
        made = house.subscribe(board, receiver, ANY)
        house.push(board, a=2)
        new = rotate_secret(house.services, alice(house), dashboard_ref=board, subscription_id=made["id"])
        house.push(board, a=3)
        receiver.trust(new.secret)
        house.push(board, a=4)
        house.clock.move(hours=25)
        house.push(board, a=5)
        house.settle()
        assert [entry.verified for entry in receiver.wait_for(4)] == [True] * 4


def test_a_test_arrives_and_is_no_delivery(house: House) -> None:
    """Marked, signed, of the newest change; the list of deliveries does not know of it."""
    board = house.board()
    house.push(board, a=1)
    newest = house.push(board, a=2)
    with WebhookReceiver() as receiver:
        made = house.subscribe(board, receiver, {"value_delta_abs": 100, "on_field": "score"})
        found = send_test(house.services, alice(house), dashboard_ref=board, subscription_id=made["id"])
        (received,) = receiver.wait_for(1)
        assert (found.outcome, received.verified, said(received)["test"]) == ("sent", True, True)
        assert said(received)["snapshot_b"]["id"] == newest["id"]
        house.settle()
        assert states(house, board, made["id"]) == []


def test_what_waits_when_its_owner_loses_sight_is_not_sent(house: House) -> None:
    """Alice's access ends between the first try and the second: her notice is withheld, and never arrives."""
    with WebhookReceiver(Answer(status=500), Answer()) as receiver:
        board = house.board()
        house.push(board, a=1)
        made = house.subscribe(board, receiver, ANY)
        house.push(board, a=2)
        house.settle()
        with house.services.store.write() as unit:
            user = unit.users.by_name("alice")
            assert user is not None
            unit.users.disable(user.id, house.clock())
        house.clock.move(hours=1)
        deliver_due(house.services, seconds=5)
        assert len(receiver.ledger) == 1
        with house.services.store.read() as unit:
            (entry,) = unit.outbox.deliveries(made["id"], limit=9).items
            subscription = unit.subscriptions.get(made["id"])
        assert (entry.state, subscription and subscription.state) == ("withheld", "paused")

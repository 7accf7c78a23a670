"""A letter says the same on every try, and one that cannot be written holds up no other."""

from __future__ import annotations

import json
from dataclasses import replace

from stillframe.flows.dispatch import claim, deliver_due
from stillframe.flows.letters import address_row, letters_for, secret_row
from stillframe.flows.services import Limits
from stillframe.testing import Answer, WebhookReceiver
from tests.flows.room import ANY, Room


def test_a_letter_is_the_same_from_memory_and_from_the_store(room: Room, receiver: WebhookReceiver) -> None:
    """The first try is built from what the request knows, later ones from what it stored: byte for byte equal."""
    receiver.behave(Answer(status=500), Answer())
    board = room.board("Größe")
    room.take(board, a=1, b=2)
    room.subscribe(board, receiver, {"OR": [{"top_n_reordering": 1}, ANY]})
    room.take(board, a=3, b=2)
    room.settle()
    room.clock.move(minutes=1)
    deliver_due(room.services, seconds=10)
    first, again = receiver.wait_for(2)
    assert first.body == again.body
    assert first.verified
    assert again.verified
    assert first.delivery_id == again.delivery_id


def test_a_letter_that_cannot_be_written_holds_up_no_other_and_is_parked(room: Room, receiver: WebhookReceiver) -> None:
    """A damaged secret is one subscriber's trouble; after three claims nobody tries it any more."""
    board = room.board()
    room.take(board, a=1)
    with WebhookReceiver() as poisoned:
        broken = room.subscribe(board, poisoned, ANY).subscription
        room.subscribe(board, receiver, ANY)
        with room.services.store.write() as unit:
            unit.subscriptions.set_sealed_secret(broken.id, b"damaged")
        report = room.dispatch(board, a=2)
        assert (report.matched, report.delivered, report.queued) == (2, 1, 1)
        room.settle()
        for _ in range(4):
            room.clock.move(minutes=1)
            deliver_due(room.services, seconds=5)
        with room.services.store.read() as unit:
            (entry,) = unit.outbox.deliveries(broken.id, limit=10).items
        assert (entry.state, entry.attempts, poisoned.ledger) == ("parked", 3, ())
    assert len(receiver.ledger) == 1


def test_a_letter_among_many_is_what_it_would_be_alone(room: Room) -> None:
    """Those who are told the same share what is written; a picture that shows their own ids is told as it is."""
    with WebhookReceiver(Answer(status=500)) as first, WebhookReceiver(Answer(status=500)) as second:
        board = room.board()
        room.take(board, a=1)
        ids = [room.subscribe(board, receiver, ANY).subscription.id for receiver in (first, second)]
        room.dispatch(board, **{"a": 2, ids[0]: 3, ids[1]: 4})
        room.settle()
        room.clock.move(minutes=1)
        claimed = claim(room.services)
        together = letters_for(room.services, claimed, {})
        alone = [letter for entry in claimed for letter in letters_for(room.services, [entry], {})]
    assert [letter.body for letter in together] == [letter.body for letter in alone]
    bodies = {json.loads(letter.body)["subscription_id"]: json.loads(letter.body) for letter in together}
    assert set(bodies) == set(ids)
    for subscription_id, body in bodies.items():
        assert sorted(body["diff"]["id_set_added"]) == sorted(ids)
        assert body["links"]["subscription"].endswith(subscription_id)


def test_links_begin_with_the_public_url(room: Room, receiver: WebhookReceiver) -> None:
    """Whoever reads a notice elsewhere gets to the evidence."""
    limits = replace(room.services.limits, public_url="https://frames.example.org", dispatch_timeout_ms=0)
    room.services = replace(room.services, limits=limits)
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY).subscription
    room.take(board, a=2)
    body = json.loads(receiver.wait_for(1)[0].body)
    start = f"https://frames.example.org/api/dashboard/{board.id}"
    assert body["links"]["dashboard"] == start
    assert body["links"]["subscription"] == f"{start}/subscriptions/{made.id}"
    assert body["snapshot_b"]["url"].startswith("https://frames.example.org/api/snapshot/")
    assert Limits().public_url == ""


def test_what_is_sealed_for_one_row_opens_for_no_other(room: Room, receiver: WebhookReceiver) -> None:
    """An address is not a secret and one subscription is not another."""
    assert len({address_row("a"), secret_row("a"), address_row("b"), secret_row("b")}) == 4
    receiver.behave(Answer(status=500))
    board = room.board()
    room.take(board, a=1)
    one = room.subscribe(board, receiver, ANY).subscription
    other = room.subscribe(board, receiver, {"set_removed_min": 1}).subscription
    with room.services.store.write() as unit:
        _, foreign = unit.subscriptions.sealed(other.id)
        unit.subscriptions.set_sealed_secret(one.id, foreign or b"")
    room.take(board, a=2)
    room.clock.move(minutes=1)
    claimed = claim(room.services)
    assert [entry.subscription_id for entry in claimed] == [one.id]
    assert letters_for(room.services, claimed, {}) == []
    assert receiver.ledger == ()

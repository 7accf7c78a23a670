"""The question to an address is one delivery of its own subscription, and is counted by the address."""

from __future__ import annotations

from datetime import timedelta

from stillframe.model.subscription import Subscription
from stillframe.store import Store
from tests.store.cast import NOON, Scene, new_id, scene

DIGEST = "digest-of-ana"


def subscribed(here: Scene, *, receiver: str = DIGEST, **over: object) -> Subscription:
    """Return a subscription of an address that waits for its answer."""
    given = {
        "id": new_id(),
        "dashboard_id": here.dashboard.id,
        "subscriber_kind": "email",
        "subscriber_id": f"{receiver}@example.org",
        "threshold": {"any_change": True},
        "owner_id": here.alice.id,
        "created_at": NOON,
        "state": "unconfirmed",
    }
    with here.store.write() as unit:
        rule_id = unit.subscriptions.intern_rule('{"any_change":true}')
        made = Subscription(**{**given, "rule_id": rule_id, **over})  # type: ignore[arg-type]  # because the members are of many types
        return unit.subscriptions.add(made, receiver=receiver)


def ask(here: Scene, made: Subscription, *, receiver: str = DIGEST, sendable: bool = True, hours: float = 0) -> None:
    with here.store.write() as unit:
        unit.confirmations.ask(made, receiver=receiver, sendable=sendable, now=NOON + timedelta(hours=hours))


def test_a_question_is_due_at_once_and_there_is_one(store: Store) -> None:
    """Asked twice in one transaction or two, it is promised once; its cause is the subscription itself."""
    here = scene(store)
    made = subscribed(here)
    ask(here, made)
    ask(here, made)
    with store.write() as unit:
        (claimed,) = unit.outbox.claim_due(now=NOON, lease_seconds=15, limit=9)
    assert (claimed.kind, claimed.channel, claimed.snapshot_id) == ("confirm", "email", made.id)
    assert claimed.delivery_id == f"{made.id}_{made.id}_confirm"
    assert claimed.subscriber_id == made.subscriber_id


def test_without_a_way_to_send_it_is_deferred(store: Store) -> None:
    """It waits as every other mail does."""
    here = scene(store)
    made = subscribed(here)
    ask(here, made, sendable=False)
    with store.read() as unit:
        (entry,) = unit.outbox.deliveries(made.id, limit=9).items
    assert (entry.state, entry.kind, entry.due_at) == ("deferred", "confirm", None)


def test_questions_are_counted_by_address_over_all_dashboards_and_owners(store: Store) -> None:
    """A subscription that was removed had its address asked all the same."""
    here = scene(store)
    for number in range(3):
        made = subscribed(here, subscriber_id=f"ana+{number}@example.org")
        ask(here, made, hours=number)
        with store.write() as unit:
            unit.subscriptions.remove(made.id, NOON + timedelta(hours=number))
    ask(here, subscribed(here, receiver="digest-of-bob"), receiver="digest-of-bob")
    with store.read() as unit:
        counts = [unit.confirmations.asked_since(DIGEST, NOON + timedelta(hours=hour)) for hour in (0, 1, 3)]
        assert counts == [3, 2, 0]
        assert unit.confirmations.asked_since("digest-of-bob", NOON) == 1

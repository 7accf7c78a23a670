"""What waits for more than its time: a mail server, a resumed subscription, a worker."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from stillframe.store import Claimed, Store
from tests.store.cast import NOON, Scene, scene, settlement

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
MAIL = frozenset({"email"})
PATIENCE = timedelta(seconds=4)


def states(store: Store, subscription_id: str) -> list[str]:
    """Return the states of a subscription's deliveries, newest first."""
    with store.read() as unit:
        return [entry.state for entry in unit.outbox.deliveries(subscription_id, limit=9).items]


def test_deferred_mail_is_due_when_it_can_be_sent_and_expires_when_it_is_old(store: Store) -> None:
    """What its subscription became holds too: nobody who left is written to."""
    here = scene(store)
    subscriptions = [
        here.subscribe(subscriber_kind="email", subscriber_id=f"{name}@example.org", receiver=None).id
        for name in ("active", "paused", "removed", "asked")
    ]
    active, paused, removed, asked = subscriptions
    first, second, third = here.take(1), here.take(2), here.take(3)
    assert here.promise(second, here.matches(first)).deferred == 4
    assert here.promise(third, here.matches(second)).deferred == 4
    now = third.timestamp + HOUR
    with store.write() as unit:
        unit.subscriptions.pause([paused], reason="x", at=now)
        unit.subscriptions.remove(removed, now)
        mail = unit.subscriptions.get(asked)
        assert mail is not None
        unit.subscriptions.update(replace(mail, state="unconfirmed"))
        assert unit.waiting.release_deferred(frozenset({"channel"}), now=now, oldest=2 * HOUR) == (0, 0)
        assert unit.waiting.release_deferred(MAIL, now=now, oldest=2 * HOUR) == (2, 6)
    assert [states(store, found) for found in subscriptions] == [
        ["pending", "expired"],
        ["parked", "expired"],
        ["cancelled", "expired"],
        ["pending", "expired"],
    ]
    with store.write() as unit:
        assert unit.waiting.release_deferred(MAIL, now=now, oldest=2 * HOUR) == (0, 0)
        found = unit.outbox.claim_due(now=now, lease_seconds=9, limit=9, channels=MAIL)
    assert {(entry.subscription_id, entry.channel) for entry in found} == {(active, "email"), (asked, "email")}


def test_parked_deliveries_of_one_subscription_are_replayed_together(store: Store) -> None:
    """One action, each under its id, and nobody else's."""
    here = scene(store)
    mine, other = here.subscribe(subscriber_id="a").id, here.subscribe(subscriber_id="b").id
    first, second, third = here.take(1), here.take(2), here.take(3)
    here.promise(second, here.matches(first))
    here.promise(third, here.matches(second))
    with store.write() as unit:
        unit.subscriptions.pause([mine, other], reason="x", at=NOON)
        assert unit.waiting.replay_parked(mine, now=NOON) == 2
        assert unit.waiting.replay_parked(mine, now=NOON) == 0
    assert (states(store, mine), states(store, other)) == (["pending"] * 2, ["parked"] * 2)


def test_what_was_parked_in_the_middle_of_a_send_is_not_sent_beside_itself(store: Store) -> None:
    """Resumed at once, it waits for the outcome of the send that runs, as long as that one's lease would have held."""
    here = scene(store)
    (mine,) = _claimed(here, 1)
    now = NOON + 9 * HOUR
    with store.write() as unit:
        unit.subscriptions.pause([mine.subscription_id], reason="x", at=now)
        assert unit.waiting.replay_parked(mine.subscription_id, now=now) == 1
        assert unit.outbox.claim_due(now=now + 9 * SECOND, lease_seconds=10, limit=9) == []
        assert unit.outbox.settle([settlement(mine)]) == {mine.delivery_id}
    assert states(store, mine.subscription_id) == ["sent"]
    with store.write() as unit:
        unit.outbox.replay(mine.delivery_id, now)
        (again,) = unit.outbox.claim_due(now=now, lease_seconds=10, limit=9)
    assert again.lease_token == mine.lease_token + 1


def test_only_what_was_given_up_is_parked_with_its_subscription(store: Store) -> None:
    """The last try of a notice may be the one that pauses its receiver: the notice is kept with the others."""
    here = scene(store)
    lost, sent = (found.delivery_id for found in _claimed(here, 2, state=("gave_up", "sent")))
    with store.write() as unit:
        unit.waiting.park([lost, sent])
        entries = [unit.outbox.get(found) for found in (lost, sent)]
    assert [entry and entry.state for entry in entries] == ["parked", "sent"]


def _claimed(here: Scene, count: int, *, state: tuple[str, ...] = ()) -> list[Claimed]:
    """Return deliveries to as many receivers, claimed, and settled if states are given."""
    for number in range(count):
        here.subscribe(subscriber_id=f"w{number}", receiver=f"r{number}")
    before, cause = here.take(1), here.take(2)
    claimed = list(here.promise(cause, here.matches(before), claim_limit=count).claimed)
    with here.store.write() as unit:
        unit.outbox.settle([settlement(found, state=end) for found, end in zip(claimed, state, strict=False)])
    return claimed


def is_stuck(store: Store, now: datetime) -> bool:
    """Ask with the usual patience."""
    with store.read() as unit:
        return unit.waiting.is_stuck(now=now, patience=PATIENCE)


def test_nothing_waits_too_long_where_nothing_waits(store: Store) -> None:
    """An empty outbox is no trouble, and neither is one whose deliveries have arrived."""
    here = scene(store)
    assert not is_stuck(store, NOON)
    _claimed(here, 1, state=("sent",))
    assert not is_stuck(store, NOON + HOUR * 99)


def test_a_webhook_that_nobody_sends_is_seen(store: Store) -> None:
    """Due for longer than the patience, and no try of anything has ended since."""
    here = scene(store)
    here.subscribe()
    before, cause = here.take(1), here.take(2)
    here.promise(cause, here.matches(before))
    due = cause.timestamp
    assert not is_stuck(store, due + PATIENCE - SECOND)
    assert is_stuck(store, due + PATIENCE)


def test_while_tries_end_a_long_queue_is_no_trouble(store: Store) -> None:
    """Full speed with a backlog is sending."""
    here = scene(store)
    mine = _claimed(here, 2)
    now = NOON + 20 * HOUR
    with store.write() as unit:
        unit.outbox.settle([settlement(mine[0], finished_at=now - SECOND)])
    assert not is_stuck(store, now)
    assert is_stuck(store, now + PATIENCE), "the second has waited long since, and nothing moves"


def test_what_waits_behind_a_send_that_runs_is_no_trouble(store: Store) -> None:
    """A slow receiver never turns anything red; another receiver's notice that nobody sends does."""
    here = scene(store)
    here.subscribe(subscriber_id="slow", receiver="slow")
    first, second, third = here.take(1), here.take(2), here.take(3)
    (running,) = here.promise(second, here.matches(first), claim_limit=1).claimed
    here.promise(third, here.matches(second))
    now = third.timestamp + HOUR
    with store.write() as unit:
        unit.claims.renew([running.lease], until=now + SECOND)
    assert not is_stuck(store, now)
    assert is_stuck(store, now + 2 * SECOND), "its lease has ended, so nobody sends"

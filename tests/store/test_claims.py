"""Claims are kept by renewing them, and given back as if they had not been made; a stale token does neither."""

from __future__ import annotations

import threading
from datetime import timedelta

from stillframe.model.subscription import OutboxEntry
from stillframe.store import Claimed, Store
from tests.store.cast import NOON, Scene, scene, settlement

LATER = NOON + timedelta(days=10)


def claimed(here: Scene, count: int = 1) -> list[Claimed]:
    """Return as many deliveries, promised and claimed."""
    for number in range(count):
        here.subscribe(subscriber_id=f"w{number}", receiver=f"r{number}")
    before, cause = here.take(1), here.take(2)
    return list(here.promise(cause, here.matches(before), claim_limit=count).claimed)


def entry_of(store: Store, delivery_id: str) -> OutboxEntry:
    """Return a delivery as people see it."""
    with store.read() as unit:
        found = unit.outbox.get(delivery_id)
    assert found is not None
    return found


def test_a_renewed_claim_is_nobody_elses_until_its_new_end(store: Store) -> None:
    """So a lease can be shorter than a send."""
    (mine,) = claimed(scene(store))
    assert mine.leased_until is not None
    end = mine.leased_until + timedelta(seconds=7)
    with store.write() as unit:
        assert unit.claims.renew([mine.lease], until=end) == {mine.delivery_id}
    with store.write() as unit:
        assert unit.outbox.claim_due(now=end - timedelta(milliseconds=1), lease_seconds=15, limit=9) == []
        (other,) = unit.outbox.claim_due(now=end, lease_seconds=15, limit=9)
    assert other.lease_token == mine.lease_token + 1


def test_what_is_settled_taken_over_or_ended_is_renewed_no_more(store: Store) -> None:
    """Its holder learns that it lost it, before it begins to send."""
    here = scene(store)
    settled, taken, removed, kept = claimed(here, 4)
    with store.write() as unit:
        unit.outbox.settle([settlement(settled, state="pending", due_at=LATER)])
        unit.subscriptions.remove(removed.subscription_id, NOON)
        unit.claims.renew([kept.lease], until=LATER + timedelta(days=1))
    with store.write() as unit:
        found = unit.outbox.claim_due(now=LATER - timedelta(days=1), lease_seconds=15, limit=9)
        assert [entry.delivery_id for entry in found] == [taken.delivery_id]
    leases = [entry.lease for entry in (settled, taken, removed, kept)]
    with store.write() as unit:
        assert unit.claims.renew(leases, until=LATER + timedelta(days=2)) == {kept.delivery_id}
        assert unit.claims.renew([], until=LATER) == set()


def test_what_is_given_back_is_due_and_was_no_attempt(store: Store) -> None:
    """Nothing was begun, so no try is used up; the token has risen all the same."""
    (mine,) = claimed(scene(store))
    with store.write() as unit:
        assert unit.claims.give_back([mine.lease], at=NOON) == 1
        assert unit.claims.give_back([mine.lease], at=NOON) == 0, "once a claim"
    found = entry_of(store, mine.delivery_id)
    assert (found.state, found.attempts, found.due_at, found.tries) == ("pending", 0, NOON, ())
    with store.write() as unit:
        (again,) = unit.outbox.claim_due(now=NOON, lease_seconds=15, limit=9)
        assert (again.attempt, again.lease_token) == (1, mine.lease_token + 1)
        assert unit.claims.give_back([mine.lease], at=NOON) == 0, "a stale token gives nothing away"
        assert unit.outbox.settle([settlement(mine)]) == set()


def test_giving_back_again_and_again_parks_nothing(store: Store) -> None:
    """Only what was begun and never settled is poison."""
    (mine,) = claimed(scene(store))
    for _ in range(10):
        with store.write() as unit:
            unit.claims.give_back([mine.lease], at=NOON)
        with store.write() as unit:
            (mine,) = unit.outbox.claim_due(now=NOON, lease_seconds=15, limit=9)
    assert (mine.attempt, entry_of(store, mine.delivery_id).state) == (1, "pending")


def test_many_claims_are_renewed_and_settled_at_once_by_several_threads(store: Store) -> None:
    """Rows are locked in one order, so that renewing and settling never wait for each other in a circle."""
    here = scene(store)
    mine = claimed(here, 120)
    until = LATER
    begin = threading.Barrier(3)
    problems: list[Exception] = []

    def renew(leases: list[Claimed]) -> None:
        begin.wait()
        try:
            for _ in range(8):
                with store.write() as unit:
                    unit.claims.renew([entry.lease for entry in leases], until=until)
        except Exception as error:  # noqa: BLE001  # because a thread's error would be lost
            problems.append(error)

    def settle() -> None:
        begin.wait()
        try:
            for start in range(0, 120, 15):
                with store.write() as unit:
                    unit.outbox.settle([settlement(entry) for entry in reversed(mine[start : start + 15])])
        except Exception as error:  # noqa: BLE001  # because a thread's error would be lost
            problems.append(error)

    threads = [
        threading.Thread(target=renew, args=(mine,)),
        threading.Thread(target=renew, args=(mine[::-1],)),
        threading.Thread(target=settle),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with store.read() as unit:
        assert unit.outbox.pending_count() == 0

"""Leases: one holder at a time, and a token that only rises."""

from __future__ import annotations

import threading
from datetime import timedelta

from stillframe.store import Store
from tests.store.cast import NOON

SECOND = timedelta(seconds=1)


def test_a_lease_is_one_holders_until_it_ends(store: Store) -> None:
    """A holder that died is waited for until its lease ends, never longer."""
    with store.write() as unit:
        assert unit.leases.acquire("capture", "a", NOON, seconds=10) == 1
        assert unit.leases.acquire("capture", "b", NOON + 9 * SECOND, seconds=10) is None
        assert unit.leases.acquire("other", "b", NOON, seconds=10) == 1
        assert unit.leases.renew("capture", 1, now=NOON + 9 * SECOND, seconds=10)
        assert unit.leases.acquire("capture", "b", NOON + 11 * SECOND, seconds=10) is None
        assert unit.leases.acquire("capture", "b", NOON + 19 * SECOND, seconds=10) == 2
        assert not unit.leases.renew("capture", 1, now=NOON, seconds=99)
        unit.leases.release("capture", 1)
        assert unit.leases.acquire("capture", "c", NOON + 20 * SECOND, seconds=10) is None
        unit.leases.release("capture", 2)
        assert unit.leases.acquire("capture", "c", NOON + 20 * SECOND, seconds=10) == 3


def test_of_many_that_ask_at_once_one_gets_it(store: Store) -> None:
    """One conditional write decides."""
    got: list[int | None] = []
    begin = threading.Barrier(8)

    def ask(holder: str) -> None:
        begin.wait()
        with store.write() as unit:
            got.append(unit.leases.acquire("capture", holder, NOON, seconds=10))

    threads = [threading.Thread(target=ask, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got, key=str) == [1] + [None] * 7


def test_the_youngest_beat_of_a_kind_is_known(store: Store) -> None:
    """Whether anybody is there to deliver is a matter of the last minute."""
    with store.write() as unit:
        assert unit.workers.youngest_beat("worker") is None
        unit.workers.beat("a", "worker", NOON)
        unit.workers.beat("a", "worker", NOON + SECOND)
        unit.workers.beat("b", "scheduler", NOON + 9 * SECOND)
        assert unit.workers.youngest_beat("worker") == NOON + SECOND
        unit.workers.forget("a")
        assert unit.workers.youngest_beat("worker") is None


def test_workers_that_were_killed_are_forgotten_in_time(store: Store) -> None:
    """They said no goodbye, and a list of the dead helps nobody."""
    with store.write() as unit:
        unit.workers.beat("killed", "worker", NOON)
        unit.workers.beat("alive", "worker", NOON + 9 * SECOND)
        unit.workers.forget_older(NOON + SECOND)
        assert unit.gauges.beats("worker") == [NOON + 9 * SECOND]

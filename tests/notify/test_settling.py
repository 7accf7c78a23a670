"""Tests of the thread on which outcomes are written down."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from itertools import chain

import pytest
from structlog.testing import capture_logs

from stillframe.model.delivery import Outcome, Sent
from stillframe.notify.settling import LARGEST_BATCH, Settler
from tests.notify.letters import a_letter, wall_clock


def an_outcome(delivery_id: str = "delivery-1") -> Outcome:
    """Return the outcome of one letter."""
    now = wall_clock()
    return Outcome(letter=a_letter(delivery_id=delivery_id), result=Sent(status=204), started_at=now, finished_at=now)


@pytest.fixture
def settler() -> Iterator[Settler]:
    """A settler that tries again quickly."""
    made = Settler(retry_delays_seconds=(0.01, 0.01))
    yield made
    made.stop(5)


class Store:
    """Where outcomes are written: one that can be slow, or fail so many times."""

    def __init__(self, *, failures: int = 0) -> None:
        self.calls: list[list[str]] = []
        self.threads: set[str] = set()
        self.failures = failures
        self.gate = threading.Event()
        self.gate.set()

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Write outcomes down, once the gate is open."""
        self.calls.append([outcome.letter.delivery_id for outcome in outcomes])
        self.threads.add(threading.current_thread().name)
        self.gate.wait(5)
        if self.failures:
            self.failures -= 1
            raise OSError("the store is busy")


def test_what_ends_while_a_settle_runs_goes_into_one_call_of_at_most_500(settler: Settler) -> None:
    """A slow store makes batches larger and not the queue longer."""
    store = Store()
    store.gate.clear()
    settler.put(an_outcome("first"), store.settle)
    while not store.calls:
        time.sleep(0.001)
    for number in range(LARGEST_BATCH + 20):
        settler.put(an_outcome(str(number)), store.settle)
    store.gate.set()
    assert settler.drain(5)
    assert [len(call) for call in store.calls] == [1, LARGEST_BATCH, 20]
    assert [*store.calls[1], *store.calls[2]] == [str(number) for number in range(LARGEST_BATCH + 20)]
    assert store.threads == {"stillframe-settle"}


def test_outcomes_go_to_whoever_started_their_letters(settler: Settler) -> None:
    """Two callers never see each other's outcomes."""
    alice, bob = Store(), Store()
    for number in range(10):
        settler.put(an_outcome(f"alice-{number}"), alice.settle)
        settler.put(an_outcome(f"bob-{number}"), bob.settle)
    assert settler.drain(5)
    assert list(chain(*alice.calls)) == [f"alice-{number}" for number in range(10)]
    assert list(chain(*bob.calls)) == [f"bob-{number}" for number in range(10)]


class Unhashable(list[str]):
    """A function that is an object, equal to its like, and cannot be a key."""

    def __call__(self, outcomes: Sequence[Outcome]) -> None:
        """Keep the ids."""
        self.extend(outcome.letter.delivery_id for outcome in outcomes)


def test_any_callable_may_be_told(settler: Settler) -> None:
    """An odd caller must not end the thread that settles everybody's outcomes."""
    odd, store = Unhashable(), Store()
    settler.put(an_outcome("odd"), odd)
    settler.put(an_outcome("even"), store.settle)
    assert settler.drain(5)
    assert odd == ["odd"]
    assert store.calls == [["even"]]


def test_a_settle_that_fails_is_tried_again(settler: Settler) -> None:
    """A store that is busy for a moment costs no second send."""
    store = Store(failures=2)
    with capture_logs() as logs:
        settler.put(an_outcome(), store.settle)
        assert settler.drain(5)
    assert store.calls == [["delivery-1"]] * 3
    assert [line["event"] for line in logs] == ["settle_failed"] * 2


def test_a_settle_that_keeps_failing_is_left_and_the_next_one_is_made(settler: Settler) -> None:
    """The lease expires and the letter goes out again: at least once; nobody else waits for it."""
    broken, whole = Store(failures=99), Store()
    settler.put(an_outcome("broken"), broken.settle)
    settler.put(an_outcome("whole"), whole.settle)
    assert settler.drain(5)
    assert broken.calls == [["broken"]] * 3
    assert whole.calls == [["whole"]]


def test_stopping_settles_what_is_queued_without_pauses() -> None:
    """A process that exits writes down what it knows, and does not sleep over a failure."""
    settler = Settler(retry_delays_seconds=(30.0,))
    store = Store(failures=1)
    settler.put(an_outcome(), store.settle)
    begun = time.monotonic()
    settler.stop(10)
    assert time.monotonic() - begun < 5
    assert settler.drain(0)
    assert store.calls == [["delivery-1"]] * 2


def test_waiting_ends_with_its_time(settler: Settler) -> None:
    """A store that hangs does not hang whoever closes."""
    store = Store()
    store.gate.clear()
    settler.put(an_outcome(), store.settle)
    assert not settler.drain(0.05)
    store.gate.set()
    assert settler.drain(5)

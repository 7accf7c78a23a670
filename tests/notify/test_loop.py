"""Tests of the notifier: many letters at once, none delayed by another's receiver, none forgotten."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from structlog.testing import capture_logs

from stillframe.model.delivery import Failed, Letter, Outcome, Result, Sent
from stillframe.notify.interface import Channel
from stillframe.notify.loop import QUICK_AT_ONCE, Notifier
from stillframe.notify.webhook import WebhookChannel
from stillframe.testing import Answer, Hang, MemoryChannel, StillClock, WebhookReceiver
from tests.notify.letters import OPEN_POLICY, SECRET, a_letter, letters, wall_clock

Making = Callable[..., Notifier]


class Ledger:
    """What was settled, and on which thread."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.threads: set[str] = set()

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Keep the outcomes."""
        self.outcomes += outcomes
        self.threads.add(threading.current_thread().name)

    @property
    def ids(self) -> list[str]:
        """Which deliveries were settled, in order of their ids."""
        return sorted(outcome.letter.delivery_id for outcome in self.outcomes)


@pytest.fixture
def ledger() -> Ledger:
    """An empty ledger."""
    return Ledger()


@pytest.fixture
def making() -> Iterator[Making]:
    """Makes notifiers, and closes them after the test."""
    made: list[Notifier] = []

    def make(channel: Channel, **options: object) -> Notifier:
        made.append(Notifier(**{"channel": channel, "clock": wall_clock, **options}))  # type: ignore[arg-type]  # because the options of each test differ in type
        return made[-1]

    yield make
    for notifier in made:
        notifier.close(0)


def ids(batch: Sequence[Letter | Outcome]) -> list[str]:
    """Return the sorted delivery ids of letters or outcomes."""
    return sorted((item.letter if isinstance(item, Outcome) else item).delivery_id for item in batch)


def test_every_letter_ends_once_and_is_settled_once_off_the_loop(making: Making, ledger: Ledger) -> None:
    """Nothing is lost or doubled between start, wait and settle."""
    notifier = making(MemoryChannel(), in_flight=20)
    batch = letters(700, receiver="r-1") + letters(300, receiver="r-2")
    outcomes = notifier.start(batch, ledger.settle).wait(20)
    assert notifier.drain(20)
    assert ids(outcomes) == ledger.ids == ids(batch)
    assert ledger.threads == {"stillframe-settle"}


def test_an_outcome_carries_its_letter_result_and_times(making: Making, ledger: Ledger) -> None:
    """What the store needs to settle it, by the clock that was given."""
    clock = StillClock()
    notifier = making(MemoryChannel(Failed(detail="no", permanent=True)), clock=clock)
    letter = a_letter()
    (outcome,) = notifier.start([letter], ledger.settle).wait(5)
    assert outcome == Outcome(
        letter=letter, result=Failed(detail="no", permanent=True), started_at=clock(), finished_at=clock()
    )


def test_nothing_runs_before_the_first_letter(making: Making, ledger: Ledger) -> None:
    """A command that sends nothing starts no thread."""
    before = threading.active_count()
    notifier = making(MemoryChannel())
    assert notifier.start([], ledger.settle).wait(1) == []
    assert threading.active_count() == before
    assert notifier.close(1) == 0


def test_waiting_ends_as_soon_as_all_have_ended(making: Making, ledger: Ledger) -> None:
    """A request does not sit out its budget."""
    notifier = making(MemoryChannel(seconds=0.05))
    begun = time.monotonic()
    assert len(notifier.start(letters(3), ledger.settle).wait(10)) == 3
    assert time.monotonic() - begun < 5


def test_waiting_gives_what_has_ended_and_detaches_the_rest(making: Making, ledger: Ledger) -> None:
    """At the deadline a send that runs goes on, and settles itself: cancelling it is what makes duplicates."""
    notifier = making(MemoryChannel(slow={"slow": 0.4}))
    batch = notifier.start([a_letter(receiver="slow", delivery_id="s"), *letters(5, receiver="quick")], ledger.settle)
    assert ids(batch.wait(0.15)) == ids(letters(5, receiver="quick"))
    assert len(batch.wait(5)) == 6
    assert notifier.drain(5)
    assert "s" in ledger.ids


def test_starting_is_cheap(making: Making, ledger: Ledger) -> None:
    """It is called in the request: a hundred letters to receivers that hang cost it next to nothing."""
    notifier = making(MemoryChannel(seconds=30))
    notifier.start(letters(1), ledger.settle)
    begun = time.monotonic()
    for number in range(10):
        notifier.start(letters(100, receiver=f"r-{number}"), ledger.settle)
    assert time.monotonic() - begun < 0.25


def test_one_receiver_has_few_sends_open_and_all_together_have_many(making: Making, ledger: Ledger) -> None:
    """Neither a receiver nor this machine is flooded."""
    channel = MemoryChannel(seconds=0.005)
    notifier = making(channel, in_flight=6, per_receiver=4)
    batch = letters(30, receiver="many") + letters(2, receiver="few")
    assert len(notifier.start(batch, ledger.settle).wait(20)) == 32
    assert channel.most_open == {"many": 4, "few": 2}
    assert channel.most_open_in_all == 6
    notifier.start([a_letter(receiver=f"r-{number}") for number in range(50)], ledger.settle).wait(20)
    assert channel.most_open_in_all == 6


def test_a_hanging_receiver_delays_no_other(making: Making, ledger: Ledger) -> None:
    """With real sockets: a hundred letters wait for one receiver while another gets all of its own."""
    channel = WebhookChannel(policy=OPEN_POLICY, clock=wall_clock, version="1.2.3", timeout_seconds=30)
    with WebhookReceiver(Hang()) as hanging, WebhookReceiver(Answer(), secrets=[SECRET]) as good:
        notifier = making(channel)
        stuck = notifier.start(letters(100, hanging.url(), receiver="hanging"), ledger.settle)
        sent = notifier.start(letters(200, good.url(), receiver="good"), ledger.settle).wait(10)
        assert {outcome.result for outcome in sent} == {Sent(status=204)}
        assert len(sent) == len(good.ledger) == 200
        assert all(request.verified for request in good.ledger)
        assert stuck.wait(0) == []
        assert len(hanging.ledger) <= 4
        assert notifier.busy_receivers() == {"hanging"}
        assert notifier.close(0.2) == 4
        assert len(stuck.wait(0)) == 96, "what had not begun is given up at once"


def test_a_receiver_is_busy_from_start_to_end(making: Making, ledger: Ledger) -> None:
    """No request waits for a receiver whose earlier send is still open, so it must show at once."""
    notifier = making(MemoryChannel(seconds=0.2))
    batch = notifier.start([a_letter(receiver="r-1"), a_letter(receiver="r-2")], ledger.settle)
    assert notifier.busy_receivers() == {"r-1", "r-2"}
    batch.wait(5)
    assert notifier.busy_receivers() == frozenset()


def test_waiting_letters_of_one_receiver_do_not_use_up_the_capacity(making: Making, ledger: Ledger) -> None:
    """A worker goes on claiming for others while one receiver has a long queue."""
    notifier = making(MemoryChannel(seconds=0.3), in_flight=10, per_receiver=2)
    assert notifier.free_capacity() == 20
    notifier.start(letters(500, receiver="slow"), ledger.settle)
    assert notifier.free_capacity() == 16
    notifier.start([a_letter(receiver=f"r-{number}") for number in range(30)], ledger.settle)
    assert notifier.free_capacity() == 0


def test_a_letter_whose_turn_comes_too_late_is_not_sent(making: Making, ledger: Ledger) -> None:
    """After its lease it may be on its way from elsewhere; so it ends as failed, known not to have gone out."""
    channel = MemoryChannel(seconds=0.2)
    notifier = making(channel, per_receiver=1, turn_seconds=0.1)
    outcomes = notifier.start(letters(50), ledger.settle).wait(5)
    results: list[Result] = [outcome.result for outcome in outcomes]
    assert len(outcomes) == 50
    assert len(channel.letters) == results.count(Sent(status=204)) == 1
    late = {result for result in results if isinstance(result, Failed)}
    assert {(result.permanent, result.unknown) for result in late} == {(False, False)}
    assert [outcome.begun for outcome in outcomes].count(True) == 1
    assert notifier.busy_receivers() == frozenset()


def test_a_letter_whose_lease_is_gone_is_not_sent(making: Making, ledger: Ledger) -> None:
    """Asked when its turn comes, not when it was queued: meanwhile it may have become somebody else's."""
    channel = MemoryChannel(seconds=0.1)
    notifier = making(channel, per_receiver=1)
    mine = {"r-0", "r-1"}
    batch = notifier.start(letters(3, receiver="r"), ledger.settle, is_held=lambda found: found.delivery_id in mine)
    while not channel.letters:
        time.sleep(0.01)
    mine.remove("r-1")
    outcomes = batch.wait(5)
    assert {outcome.letter.delivery_id: outcome.begun for outcome in outcomes} == {
        "r-0": True,
        "r-1": False,
        "r-2": False,
    }
    assert [found.delivery_id for found in channel.letters] == ["r-0"]


def test_a_loop_that_is_stuck_is_seen_and_so_is_settling_that_is(making: Making) -> None:
    """Whoever asks each second learns within that of the moment at which sending stopped."""
    release = threading.Event()

    class StuckChannel:
        async def send(self, letter: Letter) -> Result:
            release.wait(5)  # blocks the loop itself, as only a defect does
            return Sent(status=204)

        async def close(self) -> None:
            """Nothing is open."""

    def stuck_settle(_: Sequence[Outcome]) -> None:
        settling.wait(5)

    notifier, settling = making(StuckChannel()), threading.Event()
    assert time.monotonic() - notifier.lively_at() < 0.1, "nothing to do is no trouble"
    notifier.start(letters(1), stuck_settle)
    began = time.monotonic()
    for _ in range(4):
        notifier.lively_at()
        time.sleep(0.1)
    assert began - 0.1 < notifier.lively_at() < began + 0.1, "the loop stands"
    assert notifier.stuck_seconds() > 0.3
    release.set()
    for _ in range(4):
        notifier.lively_at()
        time.sleep(0.1)
    assert time.monotonic() - notifier.lively_at() > 0.2, "the loop turns, and settling stands"
    settling.set()
    assert notifier.drain(5)
    notifier.lively_at()
    time.sleep(0.1)
    assert time.monotonic() - notifier.lively_at() < 0.15
    time.sleep(0.3)
    assert notifier.stuck_seconds() < 0.1, "nobody asked for a while, which is no trouble"


class BrokenChannel:
    """A channel with a defect."""

    async def send(self, letter: Letter) -> Result:
        """Break the promise of the interface."""
        raise KeyError(letter.address)

    async def close(self) -> None:
        """Nothing is open."""


def test_a_defect_of_a_channel_ends_its_letter_and_shows_no_address(making: Making, ledger: Ledger) -> None:
    """The letter may have gone out, so its outcome is unknown; the notifier lives on."""
    notifier = making(BrokenChannel())
    with capture_logs() as logs:
        (first,) = notifier.start([a_letter("https://example.org/hush")], ledger.settle).wait(5)
        (second,) = notifier.start([a_letter()], ledger.settle).wait(5)
    assert first.result == second.result == Failed(detail="the channel failed: KeyError", unknown=True)
    assert "hush" not in repr(logs)
    assert "hush" not in repr(first)
    assert len(logs) == 2


def test_closing_waits_for_what_runs_and_settles_it(making: Making, ledger: Ledger) -> None:
    """A process that will exit waits for its own running sends; those that have not begun end at once, unsent."""
    others = set(threading.enumerate())
    channel = MemoryChannel(seconds=1.5)
    notifier = making(channel, per_receiver=1)
    batch = notifier.start(letters(5), ledger.settle)
    while not channel.letters:
        time.sleep(0.01)
    assert notifier.close(10) == 0
    assert sorted(outcome.begun for outcome in ledger.outcomes) == [False] * 4 + [True]
    assert len(batch.wait(0)) == 5
    assert channel.closed
    mine = set(threading.enumerate()) - others
    assert not [thread for thread in mine if thread.name == "stillframe-notify"]


def test_closing_in_time_cuts_what_hangs_and_settles_nothing_for_it(making: Making, ledger: Ledger) -> None:
    """Nobody knows how a cut send ended; its lease expires and it goes out again with the same id."""
    channel = MemoryChannel(slow={"hanging": 60})
    notifier = making(channel)
    notifier.start(letters(9, receiver="hanging") + letters(1, receiver="good"), ledger.settle)
    begun = time.monotonic()
    assert notifier.close(0.3) == 4
    assert time.monotonic() - begun < 3
    assert [outcome.letter.delivery_id for outcome in ledger.outcomes if outcome.begun] == ["good-0"]
    assert len(ledger.outcomes) == 6, "those that had not begun are known not to have gone out"
    assert len(channel.letters) == 5, "no letter begins while the notifier ends"
    assert channel.closed


def test_a_closed_notifier_sends_nothing_and_closes_again(making: Making, ledger: Ledger) -> None:
    """A request that committed while the process ends is told at once that nothing went out, and does not fail."""
    channel = MemoryChannel()
    notifier = making(channel)
    notifier.start(letters(1), ledger.settle)
    assert (notifier.close(5), notifier.close(5)) == (0, 0)
    begun = time.monotonic()
    assert notifier.start(letters(3), ledger.settle).wait(30) == []
    assert time.monotonic() - begun < 5
    assert notifier.busy_receivers() == frozenset()
    assert len(channel.letters) == 1


def test_many_threads_may_start_at_once(making: Making, ledger: Ledger) -> None:
    """Requests run side by side; the loop starts once, and every letter is sent."""
    channel = MemoryChannel()
    notifier = making(channel)
    ready = threading.Barrier(8)

    def request(name: str) -> None:
        ready.wait(5)
        for number in range(20):
            notifier.start([a_letter(receiver=name, delivery_id=f"{name}-{number}")], ledger.settle).wait(5)

    threads = [threading.Thread(target=request, args=(f"r-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert notifier.drain(5)
    assert len(ledger.ids) == len(set(ledger.ids)) == len(channel.letters) == 160


def test_slow_receivers_leave_room_for_quick_ones(making: Making, ledger: Ledger) -> None:
    """So many are sent at once while they are quick; who is slow no longer counts, and the next one begins."""
    slow = {f"slow-{number}": 1.5 for number in range(QUICK_AT_ONCE + 20)}
    channel = MemoryChannel(slow=slow)
    notifier = making(channel)
    begun = time.monotonic()
    notifier.start([a_letter(delivery_id=name, receiver=name) for name in slow], ledger.settle)
    batch = notifier.start([a_letter(delivery_id="quick", receiver="quick")], ledger.settle)
    assert len(batch.wait(10)) == 1
    assert time.monotonic() - begun < 1.5
    assert notifier.drain(10)
    assert channel.most_open_in_all > QUICK_AT_ONCE

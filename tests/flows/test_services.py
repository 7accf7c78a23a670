"""What every flow is given: turns that are taken one at a time, and nothing secret in what is printed."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from stillframe.errors import TooManyRequests
from stillframe.flows.services import MOST_WAITING, Turns
from tests.flows.room import Room


def test_a_turn_is_held_by_one_thread_at_a_time_for_each_name() -> None:
    """Eight threads over two names: never two inside the same, and both at once."""
    turns, inside, most, both = Turns(), {"a": 0, "b": 0}, [0], [False]

    def enter(name: str) -> None:
        for _ in range(20):
            with turns.of(name):
                inside[name] += 1
                most[0] = max(most[0], inside[name])
                both[0] = both[0] or min(inside.values()) > 0
                time.sleep(0.001)
                inside[name] -= 1

    threads = [threading.Thread(target=enter, args=("ab"[index % 2],)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most[0], both[0]) == (1, True)


def test_turns_that_ended_are_forgotten() -> None:
    """A lock for each dashboard ever seen would be a leak; a fault inside gives the turn back too."""
    turns = Turns()
    for index in range(100):
        try:
            with turns.of(str(index % 3)):
                raise KeyError
        except KeyError:
            pass
    assert turns._locks == {}


def test_the_receiver_key_is_not_shown(room: Room) -> None:
    """Services end up in tracebacks and logs."""
    assert repr(room.services.receiver_key) not in repr(room.services)


def test_one_slow_dashboard_cannot_fill_the_process() -> None:
    """When so many wait for one turn, the next is told to come back; other names are not held up."""
    turns, go = Turns(), threading.Event()

    def hold() -> None:
        with turns.of("slow"):
            go.wait(10)

    threads = [threading.Thread(target=hold) for _ in range(MOST_WAITING)]
    for thread in threads:
        thread.start()
    while turns._locks.get("slow", (None, 0))[1] < MOST_WAITING:
        time.sleep(0.001)
    try:
        with pytest.raises(TooManyRequests), turns.of("slow"):
            pass
        with turns.of("other"):
            pass
    finally:
        go.set()
        for thread in threads:
            thread.join()
    with turns.of("slow"):
        pass


def test_closing_ends_the_process_that_compiles(room: Room) -> None:
    """Nothing of ours runs on when the services are gone."""
    room.services.renderer.warm_up()
    (process_id,) = room.services.renderer.process_ids
    room.services.close()
    assert not Path(f"/proc/{process_id}").exists()

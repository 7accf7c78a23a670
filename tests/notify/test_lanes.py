"""Tests of the queue that lets a slow receiver delay only itself."""

from __future__ import annotations

from collections import Counter, defaultdict, deque

from hypothesis import given
from hypothesis import strategies as st

from stillframe.notify.lanes import Lanes

STEPS = st.lists(st.tuples(st.sampled_from(["add", "take", "done"]), st.sampled_from("abc")), max_size=80)


def test_lanes_take_turns() -> None:
    """A receiver with many letters does not go before one with few."""
    lanes: Lanes[str] = Lanes(width=4)
    for item in ("a1", "a2", "a3", "b1"):
        lanes.add(item[0], item)
    assert [lanes.take() for _ in range(5)] == ["a1", "b1", "a2", "a3", None]


def test_a_full_lane_waits_until_one_of_its_own_is_done() -> None:
    """One receiver has no more than its width open, however many places are free."""
    lanes: Lanes[str] = Lanes(width=1)
    lanes.add("a", "a1")
    lanes.add("a", "a2")
    assert lanes.take() == "a1"
    assert lanes.take() is None
    lanes.done("a")
    assert lanes.take() == "a2"


@given(st.integers(min_value=1, max_value=3), STEPS)
def test_nothing_is_lost_doubled_overtaken_or_over_width(width: int, steps: list[tuple[str, str]]) -> None:
    """Against a plain model: each lane is first in, first out, and `take` says None only if no lane may start one."""
    lanes: Lanes[tuple[str, int]] = Lanes(width=width)
    waiting: defaultdict[str, deque[tuple[str, int]]] = defaultdict(deque)
    running: Counter[str] = Counter()
    for number, (step, name) in enumerate(steps):
        if step == "add":
            lanes.add(name, (name, number))
            waiting[name].append((name, number))
        elif step == "take":
            item = lanes.take()
            if item is None:
                assert not [lane for lane in waiting if waiting[lane] and running[lane] < width]
            else:
                assert waiting[item[0]].popleft() == item
                running[item[0]] += 1
                assert running[item[0]] <= width
        elif running[name]:
            lanes.done(name)
            running[name] -= 1

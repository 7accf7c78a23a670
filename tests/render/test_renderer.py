"""The renderer: few processes, results made once, and an end to everything."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from stillframe.errors import RenderFailed, StillframeError, TooManyRequests
from stillframe.render import Renderer
from stillframe.render.renderer import MOST_WAITING
from tests.render.specifications import small


def stop_the_first_child(renderer: Renderer) -> int:
    """Let the child that was just started stand still before it can answer, and return its process id."""
    while not renderer.process_ids:
        time.sleep(0.001)
    os.kill(renderer.process_ids[0], signal.SIGSTOP)
    return renderer.process_ids[0]


@pytest.fixture
def renderer() -> Iterator[Renderer]:
    """A renderer of one child."""
    found = Renderer(children=1, seconds=20)
    yield found
    pids = found.process_ids
    found.close()
    assert found.process_ids == []
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_nothing_runs_before_the_first_job(renderer: Renderer) -> None:
    """A command that draws nothing pays nothing."""
    assert renderer.process_ids == []
    assert renderer.chart_svg(small()).startswith(b"<svg")
    assert len(renderer.process_ids) == 1


def test_the_same_picture_is_made_once(renderer: Renderer) -> None:
    """Whoever looks again gets the kept one, also when no process could make it any more."""
    made = renderer.chart_svg(small())
    os.kill(renderer.process_ids[0], signal.SIGSTOP)
    assert renderer.chart_svg(small()) == made
    os.kill(renderer.process_ids[0], signal.SIGCONT)
    assert renderer.chart_png(small())[:4] == b"\x89PNG"


def test_another_process_makes_the_same_bytes() -> None:
    """Evidence does not depend on which process drew it."""
    made = set[bytes]()
    for _ in range(2):
        renderer = Renderer(children=1)
        made |= {renderer.chart_svg(small("日本 Жд ▲")) + renderer.chart_png(small("Жд ▲"))}
        renderer.close()
    assert len(made) == 1


def test_a_child_that_died_is_replaced_unnoticed(renderer: Renderer) -> None:
    """The kernel may take the process when memory is short; the next request is not the one that pays."""
    renderer.chart_svg(small())
    first = renderer.process_ids
    os.kill(first[0], signal.SIGKILL)
    assert renderer.chart_svg(small("other")).startswith(b"<svg")
    assert renderer.process_ids != first


def test_a_job_that_kills_every_child_is_given_up(renderer: Renderer) -> None:
    """Twice and no more: a picture that takes the process down would take it down for ever."""
    given_up = threading.Event()

    def hunt() -> None:
        while not given_up.is_set():
            for pid in renderer.process_ids:
                with suppress(ProcessLookupError):  # one that is dead and waited for already
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.005)

    hunter = threading.Thread(target=hunt)
    hunter.start()
    try:
        with pytest.raises(RenderFailed, match="signal 9, and so did the next one"):
            renderer.chart_svg(small())
    finally:
        given_up.set()
        hunter.join()
    assert renderer.chart_svg(small()).startswith(b"<svg")


def test_a_failed_job_is_tried_again_when_it_is_asked_again(renderer: Renderer) -> None:
    """Only what was made is kept."""
    for _ in range(2):
        with pytest.raises(RenderFailed, match="Invalid specification"):
            renderer.chart_svg({"width": 1})
    assert len(renderer.process_ids) == 1


def test_a_late_job_costs_its_child_and_no_other_job() -> None:
    """The next one finds a new process."""
    short = Renderer(children=1, seconds=8)
    try:
        with ThreadPoolExecutor(1) as pool:
            late = pool.submit(short.chart_svg, small())
            stop_the_first_child(short)
            with pytest.raises(RenderFailed, match="took longer"):
                late.result()
        assert short.chart_svg(small()).startswith(b"<svg")
    finally:
        short.close()


def test_a_child_that_holds_too_much_memory_is_let_go() -> None:
    """What a compiler took it never gives back."""
    frugal = Renderer(children=1, memory_bytes=1)
    try:
        assert frugal.chart_svg(small()).startswith(b"<svg")
        assert frugal.process_ids == []
        assert frugal.chart_svg(small("again")).startswith(b"<svg")
    finally:
        frugal.close()


def test_many_ask_for_one_picture_and_it_is_made_once() -> None:
    """A page that ten people open after the same notice costs one compile, and all of them get the same bytes."""
    renderer = Renderer(children=2)
    try:
        renderer.warm_up()
        os.kill(renderer.process_ids[0], signal.SIGSTOP)
        threading.Timer(1.0, os.kill, [renderer.process_ids[0], signal.SIGCONT]).start()
        with ThreadPoolExecutor(40) as pool:
            made = set(pool.map(lambda _: renderer.chart_svg(small()), range(40)))
        assert len(made) == 1
        assert len(renderer.process_ids) == 1
    finally:
        renderer.close()


def test_a_second_child_helps_when_the_first_is_busy_for_long() -> None:
    """One slow document does not hold up every picture, and there are never more processes than were allowed."""
    renderer = Renderer(children=2)
    try:
        renderer.warm_up()
        busy = renderer.process_ids[0]
        os.kill(busy, signal.SIGSTOP)
        with ThreadPoolExecutor(3) as pool:
            stuck = pool.submit(renderer.chart_svg, small("stuck"))
            time.sleep(0.2)
            assert all(pool.map(lambda text: renderer.chart_svg(small(text)), ["b", "c"]))
            assert not stuck.done()
            assert len(renderer.process_ids) == 2
            os.kill(busy, signal.SIGCONT)
            assert stuck.result().startswith(b"<svg")
    finally:
        renderer.close()


def test_too_many_waiting_are_told_to_come_back() -> None:
    """A queue without end would fill the process; the refusal is quick and says what to do."""
    renderer = Renderer(children=1, seconds=20)
    renderer.warm_up()
    os.kill(renderer.process_ids[0], signal.SIGSTOP)

    def ask(number: int) -> str:
        try:
            renderer.chart_svg(small(str(number)))
        except StillframeError as error:
            return type(error).__name__
        return "made"

    with ThreadPoolExecutor(MOST_WAITING + 6) as pool:
        asked = [pool.submit(ask, number) for number in range(MOST_WAITING + 6)]
        time.sleep(0.5)
        assert sum(found.done() and found.result() == "TooManyRequests" for found in asked) == 5
        os.kill(renderer.process_ids[0], signal.SIGCONT)
        assert sum(found.result() == "made" for found in asked) == MOST_WAITING + 1
    renderer.close()


def test_waiting_for_a_turn_has_an_end() -> None:
    """Whoever is behind a job without end is told so, rather than kept."""
    renderer = Renderer(children=1, seconds=3)
    begun = time.monotonic()
    with ThreadPoolExecutor(3) as pool:
        late = pool.submit(renderer.chart_svg, small("late"))
        pid = stop_the_first_child(renderer)
        behind = [pool.submit(renderer.chart_svg, small(text)) for text in "ab"]
        assert isinstance(late.exception(), RenderFailed)
        for waiting in behind:
            assert isinstance(waiting.exception(), RenderFailed | TooManyRequests | None)
    renderer.close()
    assert time.monotonic() - begun < 30
    assert not Path(f"/proc/{pid}").exists()


def test_closing_ends_a_job_that_does_not_end(renderer: Renderer) -> None:
    """Whoever waited for it is told; nothing is started any more."""
    renderer.warm_up()
    pid = renderer.process_ids[0]
    os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(renderer.chart_svg, small())
        time.sleep(0.2)
        begun = time.monotonic()
        renderer.close()
        assert time.monotonic() - begun < 8
        with pytest.raises(RenderFailed):
            waiting.result(10)
    assert not Path(f"/proc/{pid}").exists()
    with pytest.raises(RenderFailed, match="ending"):
        renderer.chart_svg(small("later"))

"""The program in the child process: it answers every job, lives for its parent only, and listens to nobody else."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from stillframe.render.child import FAILED, OK, SAID_MOST, answer
from stillframe.render.framing import read_message, write_message
from tests.render.specifications import small

SPEC = json.dumps(small()).encode()
SLOW = json.dumps(
    {
        "data": {"sequence": {"start": 0, "stop": 3_000_000, "as": "x"}},
        "transform": [{"loess": "x", "on": "x"}],
        "mark": "point",
        "encoding": {"x": {"field": "x", "type": "quantitative"}},
    }
).encode()


def child(seconds: float = 30) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "stillframe.render.child", str(seconds)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


@pytest.fixture
def running() -> Iterator[subprocess.Popen[bytes]]:
    """A child with a job behind it, so that it is known to be there."""
    with child() as process:
        assert process.stdin is not None
        write_message(process.stdin, [b"chart_svg", SPEC])
        assert process.stdout is not None
        read_message(process.stdout)
        yield process
        process.kill()


def test_a_job_is_answered_with_what_was_made() -> None:
    """And with the memory that the process holds, by which the parent replaces it in time."""
    outcome, made, memory = answer([b"chart_svg", SPEC])
    assert (outcome, made[:4]) == (OK, b"<svg")
    assert 10_000_000 < int(memory) < 2_000_000_000


@pytest.mark.parametrize(
    "message", [[b"nothing"], [b"chart_svg"], [b"chart_svg", b"{"], [b"chart_svg", b"{}"], [b"\xff"]]
)
def test_a_job_that_fails_says_why_in_few_words(message: list[bytes]) -> None:
    """The next job is another's."""
    outcome, said, _ = answer(message)
    assert outcome == FAILED
    assert 0 < len(said) <= SAID_MOST


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_signals_meant_for_the_parent_do_not_end_it(running: subprocess.Popen[bytes], sign: signal.Signals) -> None:
    """A terminal's Ctrl-C goes to every process of the group; the parent still needs this one for what it finishes."""
    assert running.stdin is not None
    assert running.stdout is not None
    running.send_signal(sign)
    write_message(running.stdin, [b"chart_svg", SPEC])
    found = read_message(running.stdout)
    assert found is not None
    assert found[0] == OK


def test_it_ends_when_the_pipe_closes(running: subprocess.Popen[bytes]) -> None:
    """A parent that is gone, however it went, leaves nothing behind."""
    assert running.stdin is not None
    running.stdin.close()
    assert running.wait(10) == 0


def test_a_job_without_end_is_ended_by_the_kernel() -> None:
    """The compiler holds the interpreter, so nothing of Python's would ever stop it; the parent may be dead."""
    with child(seconds=1) as process:
        try:
            assert process.stdin is not None
            begun = time.monotonic()
            write_message(process.stdin, [b"chart_svg", SLOW])
            process.stdin.close()
            assert process.wait(20) == -signal.SIGALRM
            assert time.monotonic() - begun < 15
        finally:
            process.kill()

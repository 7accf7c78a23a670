"""One child process: nothing of ours in its hands, and every way it can end told apart."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stillframe.errors import RenderFailed
from stillframe.render.process import Child, ChildEnded
from tests.render.specifications import small

SPEC = json.dumps(small()).encode()


@pytest.fixture
def child() -> Iterator[Child]:
    """A child that has done a job."""
    found = Child(seconds=20)
    assert found.ask("chart_svg", [SPEC]).made.startswith(b"<svg")
    yield found
    found.end(seconds=5)
    assert not found.is_usable


def test_no_secret_of_this_process_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment is three plain values."""
    monkeypatch.setenv("STILLFRAME_SECRETS__KEY", "canary")
    found = Child(seconds=20)
    try:
        found.ask("chart_svg", [SPEC])
        environment = Path(f"/proc/{found.process_id}/environ").read_bytes()
        assert {entry.partition(b"=")[0] for entry in environment.split(b"\0") if entry} == {
            b"PYTHONPATH",
            b"TZ",
            b"LANG",
        }
        assert b"canary" not in environment
    finally:
        found.end(seconds=5)


def test_it_inherits_no_open_file(child: Child, tmp_path: Path) -> None:
    """Not even one that this process marked as to be inherited; what a library prints goes nowhere."""
    with (tmp_path / "secret").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        other = Child(seconds=20)
        try:
            other.ask("chart_svg", [SPEC])
            folder = Path(f"/proc/{other.process_id}/fd")
            links = {int(found.name): str(found.readlink()) for found in folder.iterdir()}
        finally:
            other.end(seconds=5)
    assert not [link for link in links.values() if "secret" in link]
    assert links[1] == links[2] == "/dev/null"


def test_a_job_that_fails_leaves_the_child_usable(child: Child) -> None:
    """Its error is one line."""
    with pytest.raises(RenderFailed, match=r"^chart_svg: ValueError: .+$"):
        child.ask("chart_svg", [b"{}"])
    assert child.ask("chart_svg", [SPEC]).made.startswith(b"<svg")


def test_a_job_that_takes_too_long_is_stopped() -> None:
    """Whoever waits is told within the limit, and no process is left behind."""
    found = Child(seconds=2)
    os.kill(found.process_id, signal.SIGSTOP)
    with pytest.raises(RenderFailed, match="took longer than 2 seconds"):
        found.ask("chart_svg", [SPEC])
    assert not found.is_usable
    assert not Path(f"/proc/{found.process_id}").exists()
    found.end(seconds=0)


@pytest.mark.parametrize("when", ["before", "during"])
def test_a_child_that_dies_is_told_from_a_job_that_fails(child: Child, when: str) -> None:
    """Another child may do what this one could not."""
    os.kill(child.process_id, signal.SIGSTOP if when == "during" else signal.SIGKILL)
    timer = threading.Timer(0.3, os.kill, [child.process_id, signal.SIGKILL])
    if when == "during":
        timer.start()
    with pytest.raises(ChildEnded, match="signal 9"):
        child.ask("chart_svg", [SPEC])
    assert not child.is_usable
    assert not Path(f"/proc/{child.process_id}").exists()


def test_a_child_that_will_not_end_is_killed() -> None:
    """Closing is not delayed by a process that stands still."""
    found = Child(seconds=20)
    os.kill(found.process_id, signal.SIGSTOP)
    found.end(seconds=0.1)
    assert not Path(f"/proc/{found.process_id}").exists()

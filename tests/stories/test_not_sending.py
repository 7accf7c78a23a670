"""The promise: /readyz is red within five seconds of not sending, and what a killed worker held goes out again soon."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from chaos.installation import Installation, install
from chaos.processes import Running
from stillframe.testing import Answer, Hang, WebhookReceiver

ANY = {"any_change": True}
RED_WITHIN_SECONDS = 5.0
AGAIN_WITHIN_SECONDS = 15.0
_SLACK_SECONDS = 1.5
"""What a busy machine may take to answer and to schedule."""


@pytest.fixture
def installation(target: str, tmp_path: Path) -> Installation:
    """One installation, on SQLite or PostgreSQL, whose sends may take a minute."""
    found = install(tmp_path, target)
    said = found.config.read_text("utf8")
    found.config.write_text(said.replace("timeout_seconds = 1.0", "timeout_seconds = 60"), encoding="utf8")
    return found


@pytest.fixture
def started() -> Iterator[list[Running]]:
    """What a test started and must not leave behind."""
    found: list[Running] = []
    yield found
    for running in found:
        running.end()


def ready(installation: Installation) -> bool:
    """Ask whether it is ready, as a load balancer does."""
    with closing(HTTPConnection("127.0.0.1", installation.port, timeout=10)) as connection:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200


def seconds_until(installation: Installation, *, is_ready: bool, at_most: float) -> float:
    """Poll until it is so, and return how long that took."""
    began = time.monotonic()
    while ready(installation) != is_ready:
        assert time.monotonic() - began < at_most, f"still {'red' if is_ready else 'green'}"
        time.sleep(0.1)
    return time.monotonic() - began


def test_a_worker_that_stands_still_or_is_gone_is_seen_within_five_seconds(
    installation: Installation, receiver: WebhookReceiver, started: list[Running]
) -> None:
    """Suspended, woken, killed, started again: red and green follow; a receiver that hangs changes nothing."""
    receiver.behave(Hang(), Answer())
    receiver.trust(installation.subscribe(receiver.url(), ANY).secret or "")
    server = installation.start("serve", "--no-worker")
    started.append(server)
    assert not ready(installation), "nobody is there to send"
    worker = installation.start("worker")
    started.append(worker)
    seconds_until(installation, is_ready=True, at_most=10)
    for score in (1, 2, 3):
        assert installation.push({"a": score})[0] == 201
    receiver.wait_for(1)
    watched_until = time.monotonic() + 6
    while time.monotonic() < watched_until:
        assert ready(installation), "a slow receiver is no alarm"
        time.sleep(0.2)
    os.kill(worker.number, signal.SIGSTOP)
    assert seconds_until(installation, is_ready=False, at_most=20) < RED_WITHIN_SECONDS + _SLACK_SECONDS
    os.kill(worker.number, signal.SIGCONT)
    seconds_until(installation, is_ready=True, at_most=10)
    worker.kill()
    assert seconds_until(installation, is_ready=False, at_most=20) < RED_WITHIN_SECONDS + _SLACK_SECONDS
    started.append(installation.start("worker"))
    seconds_until(installation, is_ready=True, at_most=10)


def test_what_a_killed_worker_held_is_sent_again_soon_however_long_a_send_may_take(
    installation: Installation, receiver: WebhookReceiver, started: list[Running]
) -> None:
    """The lease is short and was renewed: it ends ten seconds after the last renewal, not after a minute."""
    receiver.behave(Answer(status=500), Hang())
    receiver.trust(installation.subscribe(receiver.url(), ANY).secret or "")
    server = installation.start("serve", "--no-worker")
    started.append(server)
    installation.push({"a": 1})
    installation.push({"a": 2})
    worker = installation.start("worker")
    started.append(worker)
    receiver.wait_for(2, seconds=15)
    time.sleep(4.0)
    assert len(receiver.ledger) == 2, "while it lives, nobody else sends"
    receiver.behave(Answer())
    worker.kill()
    killed_at = time.monotonic()
    started.append(installation.start("worker"))
    receiver.wait_for(3, seconds=25)
    assert time.monotonic() - killed_at < AGAIN_WITHIN_SECONDS
    assert len({entry.delivery_id for entry in receiver.ledger}) == 1

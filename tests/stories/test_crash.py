"""The promise: after a 2xx nothing is lost, whenever a process is killed; slow, because leases really end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chaos.installation import Installation, install
from chaos.processes import Forks, Running
from stillframe.flows.dispatch import left_behind
from stillframe.testing import Answer, Hang, Received, WebhookReceiver
from tests.stories.house import said

ANY = {"any_change": True}


@pytest.fixture
def installation(target: str, tmp_path: Path) -> Installation:
    """One installation, on SQLite or PostgreSQL."""
    return install(tmp_path, target)


@pytest.fixture
def started() -> Iterator[list[Running]]:
    """What a test started and must not leave behind."""
    found: list[Running] = []
    yield found
    for running in found:
        running.end()


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    """Quick starts."""
    found = Forks()
    yield found
    found.close()


def subscribe(installation: Installation, receiver: WebhookReceiver) -> str:
    """Subscribe a receiver to any change, let it trust the secret, and return the subscription's id."""
    made = installation.subscribe(receiver.url(), ANY)
    receiver.trust(made.secret or "")
    return made.subscription.id


def wait_until(holds: Callable[[], bool], *, seconds: float = 20) -> None:
    """Return as soon as something holds."""
    give_up_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up_at, "it never came"
        time.sleep(0.05)


@pytest.mark.postgres
def test_a_kill_between_the_commit_and_the_send_loses_nothing(
    tmp_path: Path, postgres_url: str, started: list[Running], forks: Forks
) -> None:
    """
    One delivery was being sent when the server was killed, one not yet begun.

    The second goes out as soon as a server is there; the first when the lease of the dead one has ended, with the same
    id, once more and not twice. Both databases at once, because the wait is real.
    """
    targets = {"sqlite": str(tmp_path / "sqlite" / "stillframe.db"), "postgresql": postgres_url}
    with WebhookReceiver(Hang()) as first, WebhookReceiver(Hang()) as second:
        receivers = dict(zip(targets, (first, second), strict=True))
        installations = {}
        for name, target in targets.items():
            (tmp_path / name).mkdir()
            found = installations[name] = install(tmp_path / name, target, dispatch_timeout_ms=0)
            subscribe(found, receivers[name])
            server = found.start("serve", forks=forks)
            started.append(server)
            acknowledged = [found.push({"a": score})[1]["id"] for score in (1, 2, 3)]
            receivers[name].wait_for(1)
            server.kill()
            (sent,) = receivers[name].ledger
            assert _subject(sent) == acknowledged[1]
            receivers[name].behave(Answer())
            started.append(found.start("serve", forks=forks))
            assert [_subject(entry) for entry in receivers[name].wait_for(2)] == acknowledged[1:]
        for name, found in installations.items():
            received = receivers[name].wait_for(3, seconds=25)
            tries = Counter(entry.delivery_id for entry in received)
            bodies = {(entry.delivery_id, entry.body) for entry in received}
            assert sorted(tries.values()) == [1, 2]
            assert (len(bodies), all(entry.verified for entry in received)) == (2, True)
            wait_until(lambda found=found: _pending(found) == 0)  # type: ignore[misc]  # because of the bound loop name
            assert len(receivers[name].ledger) == 3


def test_a_worker_of_its_own_delivers_what_a_server_left(
    installation: Installation, receiver: WebhookReceiver, started: list[Running], forks: Forks
) -> None:
    """A server without a worker sends what it can in the request; the rest is any worker's, also in another process."""
    receiver.behave(Hang(seconds=0.8))
    subscription_id = subscribe(installation, receiver)
    server = installation.start("serve", "--no-worker", forks=forks)
    started.append(server)
    dispatches = [installation.push({"a": score})[1]["dispatch"] for score in (1, 2, 3, 4)]
    assert [found["queued"] for found in dispatches] == [0, 1, 1, 1]
    time.sleep(1.2)
    assert len(receiver.ledger) == 1, "a server without a worker sent what it had left to one"
    receiver.behave(Answer())
    worker = installation.start("worker")
    started.append(worker)
    receiver.wait_for(3)
    wait_until(lambda: _pending(installation) == 0)
    states = [entry.state for entry in installation.deliveries(subscription_id).values()]
    assert (states, len(receiver.ledger)) == (["sent"] * 3, 3)
    assert worker.terminate() == 0


def test_a_server_that_is_told_to_stop_lets_its_sends_end_and_settles_them(
    tmp_path: Path, receiver: WebhookReceiver, started: list[Running]
) -> None:
    """SIGTERM in the middle of a send: exit code 0, the outcome is written down, and nothing is sent again."""
    installation = install(tmp_path, str(tmp_path / "stillframe.db"))
    receiver.behave(Hang(seconds=0.7))
    subscription_id = subscribe(installation, receiver)
    server = installation.start("serve")
    started.append(server)
    installation.push({"a": 1})
    assert installation.push({"a": 2})[1]["dispatch"]["queued"] == 1
    assert server.terminate() == 0
    (delivery,) = installation.deliveries(subscription_id).values()
    assert (delivery.state, delivery.attempts, len(receiver.ledger)) == ("sent", 1, 1)


def _subject(received: Received) -> str:
    """Return the snapshot that a webhook tells of."""
    found: str = said(received)["snapshot_b"]["id"]
    return found


def _pending(installation: Installation) -> int:
    with installation.inside() as (services, _):
        return left_behind(services).pending

"""The promise: after a 2xx nothing is lost, whenever a process is killed; slow, because leases really end."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from stillframe.flows.dispatch import deliver_due, left_behind
from stillframe.flows.services import Services
from stillframe.testing import Answer, Hang, Received, WebhookReceiver
from tests.stories.house import said
from tests.stories.running import Forks, Installation, Running, install

ANY = {"any_change": True}
STEP = 5.0
KILLS = 10
"""On each of the two databases."""


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
            found.subscribe(receivers[name], ANY)
            server = found.start("serve", forks=forks)
            started.append(server)
            acknowledged = [found.push(a=score)[1]["id"] for score in (1, 2, 3)]
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
    subscription_id = installation.subscribe(receiver, ANY)
    server = installation.start("serve", "--no-worker", forks=forks)
    started.append(server)
    dispatches = [installation.push(a=score)[1]["dispatch"] for score in (1, 2, 3, 4)]
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
    subscription_id = installation.subscribe(receiver, ANY)
    server = installation.start("serve")
    started.append(server)
    installation.push(a=1)
    assert installation.push(a=2)[1]["dispatch"]["queued"] == 1
    assert server.terminate() == 0
    (delivery,) = installation.deliveries(subscription_id).values()
    assert (delivery.state, delivery.attempts, len(receiver.ledger)) == ("sent", 1, 1)


@dataclass(kw_only=True)
class Ledger:
    """What the clients of a storm know: what they sent, and what was acknowledged."""

    sent: dict[str, float] = field(default_factory=dict)
    acknowledged: dict[str, str] = field(default_factory=dict)
    """Snapshot ids by key."""
    refused: dict[str, int] = field(default_factory=dict)
    unanswered: Counter[str] = field(default_factory=Counter)


def test_a_storm_of_kills_loses_no_acknowledged_snapshot_and_no_promise(
    installation: Installation, forks: Forks, started: list[Running]
) -> None:
    """
    Clients push and try again, receivers answer and dawdle, and the server is killed at random moments.

    Afterwards every acknowledged snapshot is there, each key made at most one, everybody who must be told was told, of
    one delivery always the same, and nobody else was. Who must be told is worked out here from the stored pictures
    alone.
    """
    chance = random.Random(20_261_121)
    with WebhookReceiver() as quick, WebhookReceiver(Hang(seconds=0.12)) as slow:
        rule = {"value_delta_abs": STEP, "on_field": "score"}
        webhooks = {installation.subscribe(found, rule): found for found in (quick, slow)}
        persona = installation.subscribe("alice", rule)
        ledger = _storm(installation, forks, started, chance)
        with installation.inside(later_seconds=60) as (services, _):
            stored = _stored(services, installation.dashboard_id)
            _deliver_the_rest(services)
        _check_snapshots(ledger, stored)
        due = _must_be_told(stored)
        assert due, "the storm promised nothing"
        for subscription_id, receiver in webhooks.items():
            _check_webhooks(installation, subscription_id, receiver, due)
        _check_persona(installation, persona, due)


def _storm(installation: Installation, forks: Forks, started: list[Running], chance: random.Random) -> Ledger:
    ledger, ended = Ledger(), threading.Event()
    clients = [
        threading.Thread(target=_push_until, args=(installation, ledger, ended), kwargs={"name": name})
        for name in ("x", "y", "z")
    ]
    for index in range(KILLS):
        server = installation.start("serve", forks=forks)
        started.append(server)
        if index == 0:
            for client in clients:
                client.start()
        time.sleep(chance.uniform(0.1, 0.7))
        server.kill()
    started.append(installation.start("serve", forks=forks))
    time.sleep(0.3)
    ended.set()
    for client in clients:
        client.join(20)
    started[-1].kill()
    return ledger


def _push_until(installation: Installation, ledger: Ledger, ended: threading.Event, *, name: str) -> None:
    """Push one picture after another, each again with the same key until it is answered."""
    chance, number = random.Random(name), 0
    while not ended.is_set():
        number += 1
        key, score = f"{name}-{number}", chance.choice([1.0, 3.0, 9.0])
        ledger.sent[key] = score
        while not ended.is_set():
            try:
                status, answer = installation.push(key=key, a=score, b=2.0)
            except (OSError, HTTPException):
                ledger.unanswered[key] += 1
                time.sleep(0.02)
                continue
            if status == 201:
                ledger.acknowledged[key] = answer["id"]
            else:
                ledger.refused[key] = status
            break


def _deliver_the_rest(services: Services) -> None:
    """A worker of a minute later, when every lease of the dead has ended."""
    for _ in range(4):
        deliver_due(services, seconds=20)
        if not left_behind(services).pending:
            return
        time.sleep(0.3)
    raise AssertionError(f"{left_behind(services).pending} deliveries never went out")


def _stored(services: Services, dashboard_id: str) -> list[Any]:
    """Return a dashboard's snapshots with their payloads, oldest first."""
    records: list[Any] = []
    cursor: str | None = None
    with services.store.read() as unit:
        while True:
            page = unit.snapshots.list(dashboard_id, limit=500, cursor=cursor)
            records += page.items
            cursor = page.next_cursor
            if cursor is None:
                return [unit.snapshots.get(record.id) for record in reversed(records)]


def _check_snapshots(ledger: Ledger, stored: list[Any]) -> None:
    assert [found.record.sequence for found in stored] == list(range(1, len(stored) + 1))
    by_key = {found.record.reason: found.record.id for found in stored}
    assert len(by_key) == len(stored), "one key made two snapshots"
    assert ledger.acknowledged.items() <= by_key.items()
    assert set(ledger.refused.values()) <= {409}, "only a try that died before its commit is refused, for a while"
    assert ledger.refused.keys().isdisjoint(by_key), "what was stored is answered again, not refused"
    for found in stored:
        assert _scores(found)["a"] == ledger.sent[found.record.reason]
    assert len(ledger.acknowledged) >= KILLS, "the storm hardly let anything through"
    assert ledger.unanswered.total() >= KILLS, "the kills met nobody"


def _must_be_told(stored: list[Any]) -> set[str]:
    """Return the snapshots that a subscriber must hear of, worked out without the product's own rules."""
    pairs = pairwise(stored)
    return {after.record.id for before, after in pairs if abs(_scores(after)["a"] - _scores(before)["a"]) >= STEP}


def _scores(snapshot: Any) -> dict[str, float]:
    rows = snapshot.payload.as_dict()["materialized_data"]["board"]["rows"]
    return {row["id"]: row["score"] for row in rows}


def _check_webhooks(installation: Installation, subscription_id: str, receiver: WebhookReceiver, due: set[str]) -> None:
    received = Counter(entry.delivery_id for entry in receiver.ledger)
    assert {_subject(entry) for entry in receiver.ledger} == due
    assert len(received) == len(due), "two ids for one promise"
    bodies: dict[str, set[bytes]] = defaultdict(set)
    for entry in receiver.ledger:
        bodies[entry.delivery_id].add(entry.body)
    assert all(entry.verified for entry in receiver.ledger)
    assert {len(found) for found in bodies.values()} == {1}
    entries = installation.deliveries(subscription_id)
    assert {entry.state for entry in entries.values()} == {"sent"}
    for delivery_id, times in received.items():
        assert times <= entries[delivery_id].attempts, "sent more often than it was claimed"
        assert times == 1 or len(entries[delivery_id].tries) < entries[delivery_id].attempts, (
            "sent again though every earlier try had a known end"
        )


def _check_persona(installation: Installation, subscription_id: str, due: set[str]) -> None:
    with installation.inside() as (services, _), services.store.read() as unit:
        comments = unit.comments.list(installation.dashboard_id, limit=1000, cursor=None).items
    assert sorted(comment.snapshot_b for comment in comments) == sorted(due)
    assert {comment.delivery_id for comment in comments} == installation.deliveries(subscription_id).keys()


def _subject(received: Received) -> str:
    """Return the snapshot that a webhook tells of."""
    found: str = said(received)["snapshot_b"]["id"]
    return found


def _pending(installation: Installation) -> int:
    with installation.inside() as (services, _):
        return left_behind(services).pending

"""The example receivers against the product: they verify, act once however often they are told, and outlive a stop."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from socket import create_connection, create_server
from time import monotonic, sleep

import pytest
from standardwebhooks import Webhook

from stillframe.flows.deliveries import list_deliveries, replay_delivery
from stillframe.flows.dispatch import deliver_due
from stillframe.flows.subscriptions import SubscriptionRequest, subscribe
from stillframe.notify import new_secret
from stillframe.report.notice import notice_body
from tests.flows.room import ANY, Room, people_room
from tests.report.messages import a_decision, a_message
from tests.stories.house import furnish, settings_of

START_SECONDS = 20.0
LANGUAGES = ["python", pytest.param("node", marks=pytest.mark.needs("node"))]


@dataclass(kw_only=True)
class Example:
    """One of the two receivers, in a folder of its own; what it printed over all of its runs."""

    command: list[str]
    folder: Path
    port: int
    secrets: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it for as long as the block, then end it as a service manager does."""
        environment = {**os.environ, "PORT": str(self.port), "WEBHOOK_SECRETS": " ".join(self.secrets)}
        pipe = subprocess.PIPE
        with subprocess.Popen(
            self.command, cwd=self.folder, env=environment, stdout=pipe, stderr=pipe, text=True
        ) as process:
            try:
                self._wait_until_it_listens(process)
                yield
                sleep(0.3)
            finally:
                process.send_signal(signal.SIGTERM)
                said, complained = process.communicate(timeout=START_SECONDS)
        self.printed += said.splitlines()
        assert complained == ""

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        """Post as anybody could, and return what was answered."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", "/hook", body=body, headers=headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def _wait_until_it_listens(self, process: subprocess.Popen[str]) -> None:
        until = monotonic() + START_SECONDS
        while monotonic() < until and process.poll() is None:
            try:
                create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                sleep(0.05)


@pytest.fixture(params=LANGUAGES)
def example(request: pytest.FixtureRequest, repository: Path, tmp_path: Path) -> Example:
    """Each receiver in turn, copied to where nothing else is."""
    folder = tmp_path / "receiver"
    shutil.copytree(repository / "examples" / "receivers", folder)
    with create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    if request.param == "python":
        return Example(command=[sys.executable, "receiver.py"], folder=folder, port=port)
    modules = repository / "tests" / "npm" / "node_modules"
    if not (modules / "standardwebhooks").is_dir():
        pytest.skip("the npm package standardwebhooks is not installed under tests/npm")
    (folder / "node_modules").symlink_to(modules)
    return Example(command=["node", "receiver.mjs"], folder=folder, port=port)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """The product, which may send to this machine."""
    settings = settings_of(tmp_path, str(tmp_path / "stillframe.db"))
    services, clock = furnish(settings)
    yield people_room(settings, services, clock)
    services.close()


def signed(secret: str, body: bytes, *, name: str = "s-2_sub-1", at: datetime | None = None) -> dict[str, str]:
    when = at or datetime.now(UTC)
    return {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(when.timestamp())),
        "webhook-signature": Webhook(secret).sign(name, when, body.decode()),
    }


def test_the_product_tells_it_and_a_replay_is_acted_upon_once(room: Room, example: Example) -> None:
    """The secret of the subscription beside an older one; a stop in between; the same notice again."""
    board = room.board("Board")
    room.take(board, a=1)
    asked = SubscriptionRequest(subscriber_kind="webhook", subscriber_id=example.url, threshold=ANY)
    made = subscribe(room.services, room.alice, dashboard_ref=board.id, request=asked)
    example.secrets = [new_secret(), made.secret or ""]
    with example.running():
        taken = room.take(board, a=2)
        room.settle()
    with example.running():
        (entry,) = list_deliveries(
            room.services,
            room.alice,
            dashboard_ref=board.id,
            subscription_id=made.subscription.id,
            limit=10,
            cursor=None,
        ).items
        replay_delivery(room.services, room.alice, delivery_id=entry.id)
        assert deliver_due(room.services, seconds=10)["delivered"] == 1
        room.take(board, a=3)
        room.settle()
    assert taken.dispatch.matched == 1
    assert len(example.printed) == 2
    assert example.printed[0].startswith(f"changed: {board.id} frame 2: ")
    assert example.printed[1].startswith(f"changed: {board.id} frame 3: ")


def test_it_knows_every_type_and_fails_on_none(example: Example) -> None:
    """What is over, what is told together, what a gate decided, a rehearsal, and what nobody has thought of yet."""
    secret = new_secret()
    example.secrets = [secret]
    bodies = [
        notice_body(a_message(kind="resolved", said={"told_snapshot_id": "s-1"})),
        notice_body(a_message(kind="digest", said={"times": 3, "came_back": True})),
        notice_body(a_decision()),
        notice_body(a_message(test=True)),
        b'{"type":"dashboard.renamed"}',
    ]
    with example.running():
        assert [
            example.post(body, signed(secret, body, name=f"notice-{number}")) for number, body in enumerate(bodies)
        ] == [204] * 5
    assert [line.partition(":")[0] for line in sorted(example.printed)] == [
        "(test) changed",
        "digest",
        "not known here",
        "over",
        "release",
    ]


def test_what_is_not_genuine_is_refused_and_leaves_no_trace(example: Example) -> None:
    """A changed byte, another secret, an old request, no signature at all; the genuine one is taken after them."""
    secret = new_secret()
    example.secrets = [secret]
    body = notice_body(a_message())
    genuine = signed(secret, body)
    old = signed(secret, body, at=datetime.now(UTC) - timedelta(minutes=6))
    with example.running():
        assert example.post(body.replace(b"d-1", b"d-2"), genuine) == 401
        assert example.post(body, signed(new_secret(), body)) == 401
        assert example.post(body, old) == 401
        assert example.post(body, {"Content-Type": "application/json"}) == 401
        assert example.post(b"\xff\xfe", genuine) == 401
        assert [example.post(body, genuine) for _ in range(3)] == [204] * 3
    assert len(example.printed) == 1
    assert example.printed[0].startswith("changed: d-1 frame 2")


def test_what_was_kept_at_a_stop_is_acted_upon_at_the_next_start(example: Example) -> None:
    """The answer came first, so the act is owed."""
    secret = new_secret()
    example.secrets = [secret]
    body = notice_body(a_message())
    with example.running():
        assert example.post(body, signed(secret, body)) == 204
    _owe_again(example.folder)
    with example.running():
        sleep(0.2)
    assert len(example.printed) == 2


def _owe_again(folder: Path) -> None:
    """Put what was acted upon back to where it waits, as if the process had been killed just before the mark."""
    if (folder / "inbox.db").exists():
        import sqlite3

        with sqlite3.connect(folder / "inbox.db") as inbox:
            inbox.execute("update notices set acted = 0")
        inbox.close()
        return
    for file in (folder / "inbox" / "acted").iterdir():
        file.rename(folder / "inbox" / "new" / file.name)

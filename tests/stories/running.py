"""An installation as an operator runs it: its configuration file, and real processes that can be killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from stillframe.capture import parse_view_spec
from stillframe.config import load_settings
from stillframe.flows.dashboards import create_dashboard
from stillframe.flows.identity import create_persona, create_token, local_caller
from stillframe.flows.services import Services
from stillframe.flows.subscriptions import SubscriptionRequest, subscribe
from stillframe.model.identity import Caller
from stillframe.testing import WebhookReceiver
from stillframe.wiring import build_services

START_SECONDS = 20.0
REQUEST_SECONDS = 15.0
BOARD = {
    "title": "Board",
    "sources": {"pushed": {"type": "push"}},
    "panels": {"board": {"source": "pushed", "kind": "table", "key": "id", "rank_by": "score", "order": "desc"}},
}
_FORKS = """
import json, os, signal, sys
import stillframe.cli.app, stillframe.serve, stillframe.wiring
from stillframe.cli import main
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    log, *arguments = json.loads(line)
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, name in ((0, os.devnull), (1, os.devnull), (2, log)):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), number)
        main(arguments)
    print(child, flush=True)
"""
"""Imports once and forks each command: a start in a tenth of the time, and all the same a process of its own."""


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A configuration file over one database, with a token, a persona and a dashboard of pushed rows in it."""

    config: Path
    token: str
    dashboard_id: str
    port: int = field(default_factory=free_port)

    @contextmanager
    def inside(self, *, later_seconds: float = 0) -> Iterator[tuple[Services, Caller]]:
        """Open the database from this process, whose clock is ahead by some seconds."""
        services = build_services(load_settings(self.config), create=True)
        ahead = timedelta(seconds=later_seconds)
        try:
            yield replace(services, clock=lambda: datetime.now(UTC) + ahead), local_caller(services, "root")
        finally:
            services.close()

    def subscribe(self, subscriber: WebhookReceiver | str, rule: Any) -> str:
        """Subscribe a receiver, or a persona by its slug, and return the subscription's id."""
        kind, name = ("persona", subscriber) if isinstance(subscriber, str) else ("webhook", subscriber.url())
        request = SubscriptionRequest(subscriber_kind=kind, subscriber_id=name, threshold=rule)
        with self.inside() as (services, caller):
            made = subscribe(services, caller, dashboard_ref=self.dashboard_id, request=request)
        if made.secret is not None and not isinstance(subscriber, str):
            subscriber.trust(made.secret)
        return made.subscription.id

    def push(self, *, key: str | None = None, **scores: float) -> tuple[int, Any]:
        """
        Push rows and take a snapshot, whose reason is the key; return status and answer.

        Errors  OSError, HTTPException if the server is not there, or goes away in the middle.
        """
        body = {"reason": key, "data": {"board": [{"id": name, "score": score} for name, score in scores.items()]}}
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        headers |= {} if key is None else {"Idempotency-Key": key}
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=REQUEST_SECONDS)) as connection:
            connection.request("POST", f"/api/dashboard/{self.dashboard_id}/snapshot", json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def start(self, *arguments: str, forks: Forks | None = None) -> Running:
        """Start a command in a process of its own, and return when it is there."""
        log = self.config.parent / f"{time.monotonic_ns()}.log"
        given = [*arguments, "--config", str(self.config)]
        if arguments[0] == "serve":
            given += ["--port", str(self.port)]
        if forks is None:
            command = [sys.executable, "-m", "stillframe.cli", *given]
            with log.open("w", encoding="utf8") as errors:
                found = Running(process=subprocess.Popen(command, stderr=errors, stdout=errors), log=log)
        else:
            found = Running(process=forks.start(log, given), log=log)
        found.wait_until_there("serving" if arguments[0] == "serve" else "worker runs")
        return found

    def deliveries(self, subscription_id: str) -> dict[str, Any]:
        """Return a subscription's deliveries by id."""
        with self.inside() as (services, _), services.store.read() as unit:
            return {entry.id: entry for entry in unit.outbox.deliveries(subscription_id, limit=1000).items}


@dataclass(frozen=True, kw_only=True)
class Running:
    """A process of the product."""

    process: subprocess.Popen[bytes] | int
    log: Path

    @property
    def number(self) -> int:
        return self.process if isinstance(self.process, int) else self.process.pid

    def wait_until_there(self, word: str) -> None:
        """Return when the log says so."""
        give_up_at = time.monotonic() + START_SECONDS
        while not self.log.exists() or word not in self.log.read_text("utf8"):
            assert time.monotonic() < give_up_at, f"it did not start: {self.log.read_text('utf8')}"
            time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is flushed."""
        os.kill(self.number, signal.SIGKILL)
        self._gone()

    def terminate(self) -> int:
        """SIGTERM, as an operator or a service manager stops it; return the exit code."""
        os.kill(self.number, signal.SIGTERM)
        return self._gone()

    def end(self) -> None:
        """Kill it, if it still runs."""
        try:
            self.kill()
        except ProcessLookupError:
            return

    def _gone(self) -> int:
        if not isinstance(self.process, int):
            return self.process.wait(REQUEST_SECONDS)
        give_up_at = time.monotonic() + REQUEST_SECONDS
        while _alive(self.process):
            assert time.monotonic() < give_up_at, "it does not end"
            time.sleep(0.005)
        return 0


class Forks:
    """Starts commands by forking a process that has imported everything."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _FORKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, log: Path, arguments: list[str]) -> int:
        """Start one and return its number."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(log), *arguments]) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the process that forks."""
        self._process.communicate(timeout=REQUEST_SECONDS)


def install(folder: Path, target: str, *, dispatch_timeout_ms: int = 100) -> Installation:
    """Write a configuration over a database, and make the first token, persona and dashboard."""
    database = f'[database]\nurl = "{target}"\n' if "://" in target else ""
    path = "" if database else f'snapshot_db_path = "{target}"\n'
    config = folder / "stillframe.toml"
    config.write_text(
        f"[dashboard]\n{path}dispatch_timeout_ms = {dispatch_timeout_ms}\n"
        f"[webhook]\nallow_private_targets = true\ntimeout_seconds = 1.0\n{database}",
        encoding="utf8",
    )
    services = build_services(load_settings(config), create=True)
    try:
        local = local_caller(services, "root")
        made = create_token(services, local, user_name="alice", role="admin")
        create_persona(services, local, slug="alice", owner_name="alice")
        board = create_dashboard(services, local, view_spec=parse_view_spec(BOARD))
    finally:
        services.close()
    return Installation(config=config, token=made.text, dashboard_id=board.id)


def _alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True

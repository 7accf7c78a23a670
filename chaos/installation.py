"""An installation as an operator runs it: a configuration file, a database, boards that are pushed or on the timer."""

from __future__ import annotations

import json
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from chaos.processes import Forks, Running
from stillframe.capture import parse_view_spec
from stillframe.config import load_settings
from stillframe.flows.autosnapshot import autosnapshot
from stillframe.flows.dashboards import create_dashboard
from stillframe.flows.identity import create_persona, create_token, local_caller
from stillframe.flows.services import Services
from stillframe.flows.subscriptions import Subscribed, SubscriptionRequest, subscribe
from stillframe.model.identity import Caller
from stillframe.wiring import build_services, now

REQUEST_SECONDS = 15.0
PATIENT_SECONDS = 20.0
HOST = "127.0.0.1"
ROWS_FILE = "rows.json"
BOARD: Mapping[str, Any] = {
    "title": "Board",
    "sources": {"pushed": {"type": "push"}},
    "panels": {"board": {"source": "pushed", "kind": "table", "key": "id", "rank_by": "score", "order": "desc"}},
}
TIMED_BOARD: Mapping[str, Any] = {
    **BOARD,
    "sources": {"pushed": {"type": "file", "connection": "files", "path": ROWS_FILE}},
    "metadata": {"snapshot_policy": {"cron": "* * * * *", "zone": "UTC"}},
}
_PORTS = range(20_000, 32_000)
"""Below those that a system gives to connections."""
_WORDS = {"serve": "serving", "worker": "worker runs"}
_TIMED_SINCE = timedelta(hours=1)


def free_port() -> int:
    """
    Return a port that nobody listens on now, and that no connection is given by chance while its server is away.

    Errors  OSError if there is none.
    """
    for port in random.SystemRandom().sample(_PORTS, 100):
        with suppress(OSError), socket.create_server((HOST, port)):
            return port
    raise OSError("no port is free")


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A configuration file over one database, with a token, a persona and a dashboard of pushed rows in it."""

    config: Path
    target: str
    token: str
    dashboard_id: str
    timed_ids: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)

    @contextmanager
    def inside(self, *, later_seconds: float = 0) -> Iterator[tuple[Services, Caller]]:
        """Open the database from this process, whose clock is ahead by some seconds, and which waits for answers."""
        patient = self.config.with_name("patient.toml")
        said = self.config.read_text("utf8")
        patient.write_text(re.sub(r"timeout_seconds = .*", f"timeout_seconds = {PATIENT_SECONDS}", said), "utf8")
        services = build_services(load_settings(patient), create=True)
        ahead = timedelta(seconds=later_seconds)
        try:
            yield replace(services, clock=lambda: datetime.now(UTC) + ahead), local_caller(services, "root")
        finally:
            services.close()

    def subscribe(
        self, subscriber: str, rule: Any, *, dashboard_id: str | None = None, baseline: str = "previous"
    ) -> Subscribed:
        """Subscribe a webhook's address, or a persona by its slug; the answer holds a webhook's secret."""
        kind = "webhook" if "://" in subscriber else "persona"
        request = SubscriptionRequest(subscriber_kind=kind, subscriber_id=subscriber, threshold=rule, baseline=baseline)
        with self.inside() as (services, caller):
            return subscribe(services, caller, dashboard_ref=dashboard_id or self.dashboard_id, request=request)

    def push(self, scores: Mapping[str, float], *, key: str | None = None, port: int | None = None) -> tuple[int, Any]:
        """
        Push rows and take a snapshot, whose reason is the key; return status and answer.

        Errors  OSError, HTTPException if the server is not there, or goes away in the middle.
        """
        body = {"reason": key, "data": {"board": rows_of(scores)}}
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        headers |= {} if key is None else {"Idempotency-Key": key}
        with closing(HTTPConnection(HOST, port or self.port, timeout=REQUEST_SECONDS)) as connection:
            connection.request("POST", f"/api/dashboard/{self.dashboard_id}/snapshot", json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
        return answer.status, json.loads(content) if content else None

    def begin(self, *arguments: str, forks: Forks | None = None, port: int | None = None) -> Running:
        """Start a command in a process of its own, and do not wait for it."""
        log = self.config.parent / f"{time.monotonic_ns()}.log"
        given = [*arguments, "--config", str(self.config)]
        if arguments[0] == "serve":
            given += ["--port", str(port or self.port)]
        started_at = time.time()
        if forks is not None:
            return Running(process=forks.start(log, given), log=log, started_at=started_at)
        command = [sys.executable, "-m", "stillframe.cli", *given]
        with log.open("w", encoding="utf8") as errors:
            process = subprocess.Popen(command, stderr=errors, stdout=errors)
        return Running(process=process, log=log, started_at=started_at)

    def start(self, *arguments: str, forks: Forks | None = None, port: int | None = None) -> Running:
        """Start a command in a process of its own, and return when it is there."""
        found = self.begin(*arguments, forks=forks, port=port)
        found.wait_until_there(_WORDS[arguments[0]])
        return found

    def show(self, scores: Mapping[str, float]) -> None:
        """Let the boards on the timer show these rows from now on."""
        show(self.config.parent, scores)

    def deliveries(self, subscription_id: str) -> dict[str, Any]:
        """Return a subscription's deliveries by id."""
        with self.inside() as (services, _):
            return deliveries_of(services, subscription_id)


def deliveries_of(services: Services, subscription_id: str) -> dict[str, Any]:
    """Return every delivery of a subscription by id."""
    found: dict[str, Any] = {}
    cursor: str | None = None
    with services.store.read() as unit:
        while True:
            page = unit.outbox.deliveries(subscription_id, limit=1_000, cursor=cursor)
            found |= {entry.id: entry for entry in page.items}
            cursor = page.next_cursor
            if cursor is None:
                return found


def rows_of(scores: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return scores as the rows of a board."""
    return [{"id": name, "score": score} for name, score in scores.items()]


def show(folder: Path, scores: Mapping[str, float]) -> None:
    """Write the rows of the boards on the timer in one step."""
    new = folder / f"{ROWS_FILE}.new"
    new.write_text(json.dumps(rows_of(scores)), encoding="utf8")
    new.replace(folder / ROWS_FILE)


def install(
    folder: Path, target: str, *, dispatch_timeout_ms: int = 100, timeout_seconds: float = 1.0, timed: int = 0
) -> Installation:
    """
    Write a configuration over a database, and make the first token, persona and dashboard, and boards on the timer.

    The boards on the timer have a first snapshot, an hour old, so that a slot of each is due at once.
    """
    database = f'[database]\nurl = "{target}"\n' if "://" in target else ""
    path = "" if database else f'snapshot_db_path = "{target}"\n'
    config = folder / "stillframe.toml"
    config.write_text(
        f"[dashboard]\n{path}dispatch_timeout_ms = {dispatch_timeout_ms}\n"
        f"[webhook]\nallow_private_targets = true\ntimeout_seconds = {timeout_seconds}\n{database}"
        f'[connections.files]\nurl = "{folder}"\n',
        encoding="utf8",
    )
    services = build_services(load_settings(config), create=True)
    try:
        local = local_caller(services, "root")
        made = create_token(services, local, user_name="alice", role="admin")
        create_persona(services, local, slug="alice", owner_name="alice")
        board = create_dashboard(services, local, view_spec=parse_view_spec(BOARD))
        timed_ids = _on_the_timer(services, local, timed, folder=folder)
    finally:
        services.close()
    return Installation(
        config=config, target=target, token=made.text, dashboard_id=board.id, timed_ids=tuple(timed_ids)
    )


def _on_the_timer(services: Services, caller: Caller, count: int, *, folder: Path) -> list[str]:
    if not count:
        return []
    show(folder, {"a": 1.0, "b": 2.0})
    earlier = replace(services, clock=lambda: now() - _TIMED_SINCE)
    specs = [{**TIMED_BOARD, "title": f"Timed {number}"} for number in range(count)]
    boards = [create_dashboard(earlier, caller, view_spec=parse_view_spec(spec)) for spec in specs]
    soon = replace(services, clock=lambda: now() - _TIMED_SINCE + timedelta(seconds=70))
    autosnapshot(soon, wait_for_sends=False)
    return [board.id for board in boards]

"""The people of the HTTP tests, what they own, and the real services behind the door: one SQLite file in a folder."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from stillframe.api.app import create_app
from stillframe.config import load_settings
from stillframe.flows.identity import create_token, local_caller
from stillframe.flows.services import Services
from stillframe.wiring import build_services

FAILURES_ENOUGH = 1_000_000
ROWS = [{"id": f"h-{place}", "title": f"Row {place}", "score": 100.5 - place} for place in range(1, 6)]
PUSHED_SPEC: dict[str, Any] = {
    "title": "Pushed board",
    "slug": "pushed",
    "sources": {"rows": {"type": "push"}, "papers": {"type": "push"}},
    "panels": {
        "board": {"source": "rows", "kind": "table", "key": "id", "fields": {"score": {"better": "higher"}}},
        "papers": {"source": "papers", "kind": "metric", "better": "higher"},
    },
    "primary": {"rows": "board", "metric": "papers"},
}
RULE = {"top_n_reordering": 3}
COVERED_PROFILE: dict[str, Any] = {
    "name": "no-coverage-no-release",
    "check": [
        {
            "id": "covered",
            "type": "testing",
            "severity": "blocker",
            "metric": "quality.coverage.line",
            "at_least": 0.5,
            "on_missing": "fail",
        }
    ],
}
"""A profile that a candidate passes with half of its lines covered."""


def push(rows: list[dict[str, Any]] | None = None, *, papers: float = 10) -> dict[str, Any]:
    """The body of a pushed snapshot."""
    return {"data": {"board": ROWS if rows is None else rows, "papers": papers}}


@dataclass(frozen=True, kw_only=True)
class Form:
    """A multipart body: the part `request`, and reports by their names."""

    request: Mapping[str, Any] = field(default_factory=dict)
    reports: Mapping[str, bytes] = field(default_factory=dict)

    def parts(self) -> list[tuple[str, tuple[str | None, bytes, str]]]:
        """The parts as the client of the tests takes them."""
        said = ("request", (None, json.dumps(self.request).encode(), "application/json"))
        return [said, *(("report", (name, data, "application/json")) for name, data in self.reports.items())]


def sent(body: Mapping[str, Any] | Form | None) -> dict[str, Any]:
    """How the client of the tests is told to send a body."""
    return {"files": body.parts()} if isinstance(body, Form) else {"json": body}


def coverage(covered: int = 80, *, of: int = 100) -> bytes:
    """A report of coverage.py."""
    totals = {"covered_lines": covered, "num_statements": of}
    return json.dumps({"meta": {"format": 3, "version": "7.10"}, "files": {}, "totals": totals}).encode()


def swapped() -> list[dict[str, Any]]:
    """The rows with the first two in the other order."""
    return [ROWS[1], ROWS[0], *ROWS[2:]]


@dataclass(kw_only=True)
class House:
    """The door with everything behind it, and a token for each of the cast."""

    services: Services
    app: FastAPI
    client: TestClient
    tokens: dict[str, str] = field(default_factory=dict)

    def ask(self, who: str | None, method: str, path: str, **options: Any) -> Any:
        """Send one request as one of the cast; None sends no token."""
        headers = dict(options.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        return self.client.request(method, path, headers=headers, **options)

    def made(self, who: str, path: str, body: Mapping[str, Any] | Form | None = None, **options: Any) -> dict[str, Any]:
        """Post, and return what was made."""
        answer = self.ask(who, "POST", path, **sent(body), **options)
        assert answer.is_success, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def hire(self, name: str, *, role: str = "viewer", **options: Any) -> str:
        """Make a user with a token, kept under their name or the name given as `who`."""
        who = options.pop("who", name)
        admin = local_caller(self.services, "tests")
        made = create_token(self.services, admin, user_name=name, role=role, **options)  # type: ignore[arg-type]  # because options are checked by the flow
        self.tokens[who] = made.text
        return made.user.id


@contextmanager
def open_house(folder: Path, *, settings: str = "", **limits: int) -> Iterator[House]:
    """Open the door over a fresh database in `folder`."""
    warehouse(folder / "warehouse.db", ROWS)
    settings_file = folder / "stillframe.toml"
    settings_file.write_text(
        '[connections.warehouse]\nurl = "sqlite:///warehouse.db"\n'
        '[connections.gone]\nurl = "sqlite:///nowhere.db"\n'
        f'[connections.folder]\nurl = "{folder / "files"}"\n{settings}',
        encoding="utf8",
    )
    (folder / "files").mkdir(exist_ok=True)
    services = build_services(load_settings(settings_file), create=True)
    try:
        app = create_app(services, **{"failures_per_minute": FAILURES_ENOUGH, **limits})
        with TestClient(app, raise_server_exceptions=False) as client:
            house = House(services=services, app=app, client=client)
            house.hire("root", role="admin", who="admin")
            for name in ("alice", "bob", "charlie"):
                house.hire(name)
            yield house
    finally:
        services.close()


def warehouse(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write the rows into a SQLite file that view specs may read."""
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE IF EXISTS board")
        connection.execute("CREATE TABLE board (id TEXT, title TEXT, score REAL)")
        connection.executemany("INSERT INTO board VALUES (:id, :title, :score)", rows)
    connection.close()


def sql_spec(*, connection: str = "warehouse", query: str = "SELECT id, title, score FROM board") -> dict[str, Any]:
    """A view spec over the warehouse."""
    return {
        "title": "Warehouse board",
        "slug": "warehouse",
        "sources": {"rows": {"type": "sql", "connection": connection, "query": query}},
        "panels": {"board": {"source": "rows", "kind": "table", "key": "id", "rank_by": "score", "order": "desc"}},
    }

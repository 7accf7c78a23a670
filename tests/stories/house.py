"""A whole installation for a story: real services on a real database, spoken to over HTTP, with a clock that stands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from stillframe.api.app import create_app
from stillframe.config import Settings
from stillframe.flows.dispatch import deliver_due
from stillframe.flows.identity import create_persona, create_token, local_caller
from stillframe.flows.services import Services
from stillframe.model.identity import Caller, Role
from stillframe.testing import Received, StillClock, WebhookReceiver
from stillframe.wiring import build_services

BEGIN = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with a token, who asks over HTTP."""

    name: str
    client: TestClient
    token: str

    def ask(self, method: str, path: str, document: Any = None, **headers: str) -> Any:
        """Ask and return the answer."""
        given = {"Authorization": f"Bearer {self.token}", **headers}
        return self.client.request(method, path, json=document, headers=given)

    def get(self, path: str) -> Any:
        """Return the JSON of a GET that must succeed."""
        return _good(self.ask("GET", path))

    def post(self, path: str, document: Any = None) -> Any:
        """Return the JSON of a POST that must succeed."""
        return _good(self.ask("POST", path, document))


@dataclass(kw_only=True)
class House:
    """
    One installation.

    Shape   `alice` owns what the stories make and is an administrator where connections need one; `bob` is a viewer
            with the persona `bob`; `charlie` is a viewer who must see nothing.
    """

    services: Services
    clock: StillClock
    client: TestClient
    alice: Person
    bob: Person
    charlie: Person
    settings: Settings

    def board(self, title: str = "Board", **members: Any) -> str:
        """Make a dashboard of pushed rows, ranked by score, and a pushed metric; return its id."""
        spec: dict[str, Any] = {
            "title": title,
            "sources": {"pushed": {"type": "push"}},
            "panels": {
                "board": {"source": "pushed", "kind": "table", "key": "id", "rank_by": "score", "order": "desc"},
                "total": {"source": "pushed", "kind": "metric"},
            },
            "primary": {"rows": "board", "metric": "total"},
            **members,
        }
        found: str = self.alice.post("/api/dashboards", {"view_spec_json": spec})["id"]
        return found

    def push(self, board: str, *, total: float = 10, **scores: float) -> Any:
        """Push rows and take a snapshot, as Alice; a minute passes first."""
        self.clock.move(minutes=1)
        return self.alice.post(f"/api/dashboard/{board}/snapshot", {"data": picture(total=total, **scores)})

    def subscribe(self, board: str, receiver: WebhookReceiver | str, rule: Any, **options: Any) -> Any:
        """Subscribe a receiver, or a persona by its slug, as Alice; a receiver trusts the secret from then on."""
        persona = isinstance(receiver, str)
        body = {
            "subscriber_kind": "persona" if persona else "webhook",
            "subscriber_id": receiver if isinstance(receiver, str) else receiver.url(),
            "threshold_json": rule,
            **options,
        }
        made = self.alice.post(f"/api/dashboard/{board}/subscriptions", body)
        if not isinstance(receiver, str):
            receiver.trust(made["secret"])
        return made

    def deliver(self, *, seconds: float = 20) -> Mapping[str, int]:
        """Do what a worker does, until nothing is due."""
        return deliver_due(self.services, seconds=seconds)

    def settle(self) -> None:
        """Wait until every send under way has ended and is settled."""
        assert self.services.notifier.drain(20)


def picture(*, total: float = 10, **scores: float) -> dict[str, Any]:
    """Return pushed data: a row for each name with its score."""
    return {"board": [{"id": name, "score": score} for name, score in scores.items()], "total": total}


def said(received: Received) -> Any:
    """Return the JSON of a received webhook."""
    return json.loads(received.body)


def settings_of(folder: Path, target: str, **sections: Any) -> Settings:
    """Return the settings of an installation whose database is `target`."""
    database = {"database": {"url": target}} if "://" in target else {"dashboard": {"snapshot_db_path": target}}
    document: dict[str, Any] = {"webhook": {"allow_private_targets": True, "timeout_seconds": 3}, **database}
    for name, section in sections.items():
        document[name] = {**document.get(name, {}), **section}
    return Settings.model_validate(document).placed(folder / "stillframe.toml")


def furnish(settings: Settings) -> tuple[Services, StillClock]:
    """Return services over the settings, with a clock that stands."""
    clock = StillClock(BEGIN)
    return build_services(settings, create=True, clock=clock), clock


def inhabit(settings: Settings, services: Services, clock: StillClock, client: TestClient) -> House:
    """Return the house with its three people in it."""
    local = local_caller(services, "root")
    people = {name: person(services, client, local, name=name, role=role) for name, role in _CAST}
    for name in ("alice", "bob"):
        create_persona(services, local, slug=name, owner_name=name)
    return House(services=services, clock=clock, client=client, settings=settings, **people)


def person(services: Services, client: TestClient, local: Caller, *, name: str, role: Role) -> Person:
    """Return somebody new with a token."""
    made = create_token(services, local, user_name=name, role=role)
    return Person(name=name, client=client, token=made.text)


def app_client(services: Services) -> TestClient:
    """Return a client of the whole HTTP application."""
    return TestClient(create_app(services), raise_server_exceptions=False)


_CAST: tuple[tuple[str, Role], ...] = (("alice", "admin"), ("bob", "viewer"), ("charlie", "viewer"))


def _good(answer: Any) -> Any:
    assert answer.is_success, f"{answer.status_code} {answer.text}"
    return answer.json()

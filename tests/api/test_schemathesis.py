"""Machine-made requests over the whole OpenAPI document: no 5xx, and every answer as it is documented."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS, load_all_checks

from stillframe.api.evidence import ALIAS, PREFIX
from stillframe.api.release import PREFIX as RELEASE
from stillframe.api.service import PUBLIC_PATHS
from stillframe.api.signed_links import ROUTE as LINKS
from tests.api.cast import PUSHED_SPEC, RULE, House, open_house, push, swapped
from tests.api.rows import ROWS, route_of
from tests.api.world import candidate_of, project_snapshot, suppression_of

EXAMPLES_EACH = 20
SEED = 20_261_121
KNOWN_REFS = {
    "dashboard_ref": "pushed",
    "artifact_ref": "pushed",
    "user_name": "bob",
    "group_id": "team-a",
    "name": "a/service",
    "project_name": "a/service",
}
"""Paths lead to something half of the time; else everything beyond the first look-up would stay untried."""

DOCUMENTED = sorted(
    {route_of(row).replace(":path}", "}") for row in ROWS if f" {ALIAS}/" not in row}
    - {"GET /docs", "GET /openapi.json"}
)

load_all_checks()
CHECKED = [
    check
    for check in CHECKS.get_all()
    if check.__name__
    in {"not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"}
]


def furnished(house: House) -> dict[str, str]:
    """Make one of everything, and return what each parameter of a path may name."""
    board = f"/api/dashboard/{house.made('alice', '/api/dashboards', {'view_spec_json': PUSHED_SPEC})['id']}"
    house.made("admin", "/api/groups", {"id": "team-a"})
    house.made("admin", "/api/projects", {"name": "a/service", "group_id": "team-a"})
    for score in (70, 80):
        house.made("admin", f"{PREFIX}/snapshots", project_snapshot("a/service", score))
    house.ask("admin", "PUT", "/api/groups/team-a/members/bob", json={"role": "viewer"})
    house.made("alice", "/api/personas", {"slug": "desk"})
    body = {"subscriber_kind": "persona", "subscriber_id": "desk", "threshold_json": RULE}
    subscription = house.made("alice", f"{board}/subscriptions", body)["id"]
    house.made("alice", f"{board}/snapshot", push())
    snapshot = house.made("alice", f"{board}/snapshot", push(swapped()))["id"]
    comment = house.made("alice", "/api/artifacts/pushed/comments", {"body": "Hello."})["id"]
    notification = house.ask("alice", "GET", "/api/notifications").json()["items"][0]["id"]
    delivery = house.ask("alice", "GET", f"{board}/subscriptions/{subscription}/deliveries").json()["items"][0]["id"]
    decision = house.made("admin", f"{RELEASE}/check", candidate_of("a/service"))["id"]
    suppression = house.made("admin", f"{RELEASE}/suppressions", suppression_of("a/service"))["id"]
    return {
        **KNOWN_REFS,
        "subscription_id": subscription,
        "snapshot_id": snapshot,
        "comment_id": comment,
        "notification_id": notification,
        "delivery_id": delivery,
        "decision_id": decision,
        "suppression_id": suppression,
    }


@pytest.fixture(scope="module")
def door() -> Iterator[tuple[House, dict[str, str]]]:
    """One door for all machine-made requests; a worker's heartbeat makes it ready."""
    with TemporaryDirectory() as folder, open_house(Path(folder)) as house:
        with house.services.store.write() as unit:
            unit.workers.beat("a-worker", kind="worker", now=house.services.clock() + timedelta(days=1))
        yield house, furnished(house)


@pytest.fixture(scope="module")
def schema(door: tuple[House, dict[str, str]]) -> Any:
    """The OpenAPI document as schemathesis reads it."""
    return schemathesis.openapi.from_asgi("/openapi.json", door[0].app)


def examples(schema: Any, route: str, ask: Callable[[Any], None]) -> None:
    """
    Ask one operation of the document with machine-made cases, the same ones each time.

    schemathesis' own pytest collector reads a private name that pytest 9 no longer has, so hypothesis is driven here.
    """
    method, path = route.split(" ", 1)
    given_cases = given(case=schema[path][method].as_strategy())
    bounded = settings(
        max_examples=EXAMPLES_EACH,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def asked(case: Any) -> None:
        ask(case)

    bounded(given_cases(asked))()


@pytest.mark.parametrize("route", DOCUMENTED)
def test_whatever_an_admin_asks_is_answered_as_documented(
    door: tuple[House, dict[str, str]], schema: Any, route: str
) -> None:
    """No input makes the product fail; what it answers is what the document says that it answers."""
    house, names = door

    def ask(case: Any) -> None:
        luck = random.Random(f"{SEED} {case.as_curl_command()}")
        for name in case.path_parameters or {}:
            if name in names and luck.random() < 0.5:
                case.path_parameters[name] = names[name]
        answer = case.call(headers={"Authorization": f"Bearer {house.tokens['admin']}"})
        case.validate_response(answer, checks=CHECKED)

    examples(schema, route, ask)


@pytest.mark.parametrize("route", DOCUMENTED)
def test_whatever_a_stranger_asks_is_answered_as_documented(schema: Any, route: str) -> None:
    """Without a token there is a 401 as documented, whatever else is wrong, and never a 5xx."""

    def ask(case: Any) -> None:
        case.headers = {name: text for name, text in (case.headers or {}).items() if name.lower() != "authorization"}
        answer = case.call()
        case.validate_response(answer, checks=CHECKED)
        assert answer.status_code == (200 if case.path in PUBLIC_PATHS else 404 if case.path == LINKS else 401)

    examples(schema, route, ask)

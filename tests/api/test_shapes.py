"""Answers are what their documentation says, member by member: the two are written twice and held together here."""

from __future__ import annotations

from typing import Any

import jsonschema

from stillframe.api.access_shapes import PersonaShape
from stillframe.api.shapes import Paged
from tests.api.cast import RULE, House, push, swapped


def check(house: House, answer: Any, operation: tuple[str, str]) -> dict[str, Any]:
    """Hold an answer against the schema that its operation documents for its status."""
    document = house.app.openapi()
    method, path = operation
    shown = document["paths"][path][method]["responses"][str(answer.status_code)]["content"]["application/json"][
        "schema"
    ]
    jsonschema.validate(answer.json(), {**shown, "components": document["components"]})
    found: dict[str, Any] = answer.json()
    return found


def test_what_is_answered_is_what_is_documented(house: House, board: str) -> None:
    """A story through most answers; members beside the documented ones, or missing, fail."""
    here = "/api/dashboard/{dashboard_ref}"
    ask = house.ask
    check(house, ask("alice", "GET", board), ("get", here))
    check(house, ask("alice", "GET", "/api/dashboards"), ("get", "/api/dashboards"))
    check(house, ask("alice", "POST", "/api/personas", json={"slug": "desk"}), ("post", "/api/personas"))
    body = {"subscriber_kind": "persona", "subscriber_id": "desk", "threshold_json": RULE}
    made = check(house, ask("alice", "POST", f"{board}/subscriptions", json=body), ("post", f"{here}/subscriptions"))
    check(house, ask("alice", "POST", f"{board}/snapshot", json=push()), ("post", f"{here}/snapshot"))
    taken = check(house, ask("alice", "POST", f"{board}/snapshot", json=push(swapped())), ("post", f"{here}/snapshot"))
    check(house, ask("alice", "GET", f"/api/snapshot/{taken['id']}"), ("get", "/api/snapshot/{snapshot_id}"))
    ask("alice", "POST", f"{board}/snapshot", json={"data": {}})
    for name in ("snapshots", "attempts", "series", "diff", "subscriptions"):
        check(house, ask("alice", "GET", f"{board}/{name}"), ("get", f"{here}/{name}"))
    deliveries = f"{here}/subscriptions/{{subscription_id}}/deliveries"
    check(house, ask("alice", "GET", f"{board}/subscriptions/{made['id']}/deliveries"), ("get", deliveries))
    thread = "/api/artifacts/{artifact_ref}/comments"
    found = check(house, ask("alice", "GET", thread.format(artifact_ref="pushed")), ("get", thread))
    assert found["items"][0]["comment_type"] == "snapshot_alert"
    for path in ("/api/notifications", "/api/tokens", "/api/me", "/api/personas"):
        check(house, ask("alice", "GET", path), ("get", path))
    check(house, ask("admin", "GET", "/api/users"), ("get", "/api/users"))


def test_a_page_of_a_list_is_a_shape_of_its_own() -> None:
    """Items and where it goes on, nothing else."""
    schema = Paged[PersonaShape].model_json_schema()
    assert sorted(schema["required"]) == ["items", "next_cursor"]
    assert schema["additionalProperties"] is False

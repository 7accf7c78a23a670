"""A request with a key happens once, whatever becomes of its answers."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from stillframe.flows.idempotency import Receipt, begin
from stillframe.model.identity import Caller
from tests.api.cast import PUSHED_SPEC, RULE, House, push, swapped


def keyed(key: str = "k-1") -> dict[str, str]:
    return {"Idempotency-Key": key}


def webhook() -> dict[str, Any]:
    return {"subscriber_kind": "webhook", "subscriber_id": "https://93.184.215.14/x", "threshold_json": RULE}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/dashboards", {"view_spec_json": {**PUSHED_SPEC, "slug": "another"}}),
        ("/api/dashboard/pushed/snapshot", push()),
        ("/api/dashboard/pushed/subscriptions", webhook()),
        ("/api/artifacts/pushed/comments", {"body": "Once."}),
        ("/api/personas", {"slug": "once"}),
        ("/api/tokens", {}),
    ],
)
@pytest.mark.usefixtures("board")
def test_the_same_key_and_body_are_answered_alike_and_done_once(house: House, path: str, body: dict[str, Any]) -> None:
    """The second answer is the first, secrets included, and says that it is a replay."""
    first = house.ask("alice", "POST", path, json=body, headers=keyed())
    second = house.ask("alice", "POST", path, json=body, headers=keyed())
    assert first.status_code == second.status_code == 201
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    dispatched = {"dispatch": None}
    assert {**second.json(), **dispatched} == {**first.json(), **dispatched}


def test_a_snapshot_with_a_key_is_taken_and_told_once(house: House, board: str) -> None:
    """A client that lost the answer may ask again and page nobody twice."""
    house.made("alice", "/api/personas", {"slug": "desk"})
    house.made(
        "alice",
        f"{board}/subscriptions",
        {"subscriber_kind": "persona", "subscriber_id": "desk", "threshold_json": RULE},
    )
    house.made("alice", f"{board}/snapshot", push())
    for _ in range(3):
        house.made("alice", f"{board}/snapshot", push(swapped()), headers=keyed())
    assert len(house.ask("alice", "GET", f"{board}/snapshots").json()["items"]) == 2
    assert len(house.ask("alice", "GET", "/api/notifications?persona=desk").json()["items"]) == 1


def test_a_key_with_another_body_is_a_conflict(house: House, board: str) -> None:
    """A key names one request."""
    house.made("alice", f"{board}/snapshot", push(), headers=keyed())
    answer = house.ask("alice", "POST", f"{board}/snapshot", json=push(papers=11), headers=keyed())
    assert answer.status_code == 409
    assert "Retry-After" not in answer.headers


def test_a_refused_request_frees_its_key(house: House, board: str) -> None:
    """What was not done may be tried again under the same key, corrected."""
    refused = house.ask("alice", "POST", f"{board}/snapshot", json={"data": {}}, headers=keyed())
    assert refused.status_code == 422
    house.made("alice", f"{board}/snapshot", push(), headers=keyed())


def test_a_key_is_its_callers_own_and_the_routes(house: House, board: str) -> None:
    """Bob's key is not Alice's, and a key of one route means nothing to another."""
    house.made("alice", f"{board}/snapshot", push(), headers=keyed())
    house.made("bob", "/api/personas", {"slug": "bobs"}, headers=keyed())
    made = house.made("alice", "/api/personas", {"slug": "alices"}, headers=keyed())
    assert made["slug"] == "alices"


def test_while_the_first_is_running_the_second_is_told_to_wait(house: House, board: str) -> None:
    """Two at once would be two: the second gets 409 and when to come back."""
    me = house.ask("alice", "GET", "/api/me").json()
    caller = Caller(user_id=me["user_id"], name="alice", role="viewer")
    body = b'{"reason": "twice"}'
    begun = begin(house.services, caller, route=f"POST {board}/snapshot", key="k-1", body=body)
    assert isinstance(begun, Receipt)
    answer = house.ask("alice", "POST", f"{board}/snapshot", content=body, headers=keyed())
    assert answer.status_code == 409
    assert int(answer.headers["Retry-After"]) >= 1
    begun.free(house.services)


def test_of_many_at_the_same_time_one_is_carried_out(house: House, board: str) -> None:
    """A race of clients with one key ends with one snapshot."""
    statuses: list[int] = []

    def ask() -> None:
        statuses.append(house.ask("alice", "POST", f"{board}/snapshot", json=push(), headers=keyed()).status_code)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {201, 409}
    assert len(house.ask("alice", "GET", f"{board}/snapshots").json()["items"]) == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\there", "\xe9"])
def test_a_key_that_is_none_is_refused(house: House, board: str, key: str) -> None:
    """1 to 200 printable characters."""
    headers = [
        (b"Idempotency-Key", key.encode("latin-1")),
        (b"Authorization", f"Bearer {house.tokens['alice']}".encode()),
    ]
    answer = house.client.post(f"{board}/snapshot", json=push(), headers=headers)  # type: ignore[arg-type]  # because httpx2 types headers narrowly
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "Idempotency-Key"

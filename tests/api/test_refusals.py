"""Refusals at the door: each is noted, none is delayed or changed by it, and a flood of nobody's fills no disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2 as sqlite3  # the library that the store uses: two in one process undo each other's locks

from stillframe.api.refusals import NoteBound
from tests.api.cast import PUSHED_SPEC, RULE, House, open_house

OUTSIDE = "https://93.184.215.14/canary-in-a-path?key=canary-in-a-query"


def refused(house: House, **wanted: str) -> list[dict[str, Any]]:
    """The refusals that are noted, oldest first."""
    lines = house.ask("admin", "GET", "/api/audit", params=wanted).json()["items"]
    return [line for line in reversed(lines) if line["outcome"] == "refused"]


def test_every_kind_of_refusal_is_noted(house: House, board: str) -> None:
    """Nobody's, a bad token's, one without the role, one without the scope, and what is there but invisible."""
    house.hire("alice", who="reader", scopes=["read"])
    answers = [
        house.ask(None, "GET", board),
        house.client.get(board, headers={"Authorization": "Bearer sf_guess"}),
        house.ask("bob", "GET", "/api/users"),
        house.ask("reader", "POST", f"{board}/snapshot", json={}),
        house.ask("charlie", "GET", board),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 403, 403, 404]
    lines = refused(house)
    assert [(line["actor"], line["action"], line["object"], line["detail"]["error_code"]) for line in lines] == [
        ("anonymous", "GET /api/dashboard/{dashboard_ref}", board, "unauthenticated"),
        ("anonymous", "GET /api/dashboard/{dashboard_ref}", board, "unauthenticated"),
        ("bob", "GET /api/users", "/api/users", "forbidden"),
        ("alice", "POST /api/dashboard/{dashboard_ref}/snapshot", f"{board}/snapshot", "forbidden"),
        ("charlie", "GET /api/dashboard/{dashboard_ref}", board, "not_found"),
    ]
    assert [line["request_id"] for line in lines] == [answer.headers["X-Request-ID"] for answer in answers]
    assert [line["actor_id"] is None for line in lines] == [True, True, False, False, False]


def test_what_is_no_refusal_has_no_line(house: House, board: str) -> None:
    """Absent things, wrong input, unknown paths and methods: nobody was kept from anything."""
    statuses = [
        house.ask("alice", method, path, json=body).status_code
        for method, path, body in (
            ("GET", "/api/dashboard/absent", None),
            ("POST", f"{board}/snapshot", {"reson": "x"}),
            ("GET", f"{board}/diff", None),
            ("GET", "/api/nothing", None),
            ("DELETE", "/api/me", None),
        )
    ]
    assert statuses == [404, 422, 409, 404, 405]
    assert refused(house) == []


def test_a_bad_credential_beside_a_bad_question_is_noted_too(house: House, board: str) -> None:
    """Who asks comes before what is wrong with the question, in the log as in the answer."""
    answer = house.client.get(f"{board}/diff?top_n=none", headers={"Authorization": "Bearer sf_guess"})
    assert answer.status_code == 401
    assert [line["object"] for line in refused(house)] == [f"{board}/diff"]


def test_a_flood_without_a_token_fills_no_disk(tmp_path: Path) -> None:
    """Once an address has used its bound up nothing more is noted, whatever is still answered; the known always are."""
    with open_house(tmp_path, failures_per_minute=3) as house:
        assert {house.ask(None, "GET", "/api/me").status_code for _ in range(20)} == {401}
        assert len(refused(house, actor="anonymous")) == 3
        for _ in range(5):
            house.ask("bob", "GET", "/api/users")
        assert len(refused(house, actor="bob")) == 5


def test_many_addresses_share_one_bound() -> None:
    """Whoever has a thousand addresses has no thousand bounds."""
    bound = NoteBound(per_minute=2, per_minute_in_all=3)
    taken = [bound.has_room(client) for client in ("a", "a", "a", "b", "c", "d")]
    assert taken == [True, True, False, True, False, False]


def test_a_log_that_cannot_be_written_changes_no_answer(house: House, tmp_path: Path) -> None:
    """The same 404 as before, with the same members."""
    board = house.made("alice", "/api/dashboards", {"view_spec_json": PUSHED_SPEC})["id"]
    before = house.ask("charlie", "GET", f"/api/dashboard/{board}")
    (database,) = tmp_path.glob("stillframe.db")
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    connection.close()
    after = house.ask("charlie", "GET", f"/api/dashboard/{board}")
    assert before.status_code == after.status_code == 404
    assert {**before.json(), "request_id": ""} == {**after.json(), "request_id": ""}


@pytest.mark.parametrize("who", ["alice", "charlie", "admin"])
def test_no_secret_is_in_the_log(house: House, board: str, who: str) -> None:
    """A canary in every place where a credential may stand, on the way through and on the way out."""
    made = house.made("alice", f"{board}/subscriptions", webhook())
    token = house.made(who, "/api/tokens", {"label": "x"})["token"]
    house.ask(who, "POST", f"{board}/subscriptions?key=canary-in-a-query", json=webhook())
    house.ask(who, "POST", f"{board}/subscriptions", json={**webhook(), "subscriber_id": "https://u:canary@10.0.0.1/"})
    house.ask(who, "GET", f"{board}?token=canary", headers={"X-Api-Key": "canary", "Cookie": "canary=1"})
    house.ask(who, "DELETE", f"{board}/subscriptions/{made['id']}")
    house.client.get("/api/me", headers={"Authorization": "Bearer sf_canary"})
    written = house.ask("admin", "GET", "/api/audit").text
    assert "subscription.create" in written
    for secret in ("canary", made["secret"].removeprefix("whsec_"), token.removeprefix("sf_"), house.tokens[who][3:]):
        assert secret not in written


def webhook() -> dict[str, Any]:
    return {"subscriber_kind": "webhook", "subscriber_id": OUTSIDE, "threshold_json": RULE}

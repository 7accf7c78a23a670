"""The whole path: a picture changes, and the right people are told, with proof."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from stillframe.testing import WebhookReceiver
from tests.stories.house import House, app_client, furnish, inhabit, said, settings_of


def test_a_change_that_matters_reaches_a_webhook_and_a_persona_and_nobody_else(
    house: House, receiver: WebhookReceiver
) -> None:
    """From a push over HTTP to a verified webhook, a comment, a mention: one line of evidence through all of it."""
    board = house.board()
    first = house.push(board, a=3, b=2, c=1)
    house.subscribe(board, receiver, {"top_n_reordering": 3})
    house.subscribe(board, "alice", {"primary_metric_delta_pct": 0.05})
    house.subscribe(board, "bob", {"set_added_min": 1})
    second = house.push(board, total=12, a=1, b=2, c=3)

    assert second["dispatch"] == {
        "matched": 2, "delivered": 2, "queued": 0, "failed": 0, "deferred": 0, "suppressed": 0, "budget_ms": 100,
    }  # fmt: skip
    (received,) = receiver.wait_for(1)
    assert received.verified
    assert said(received)["snapshot_a"]["id"] == first["id"]
    assert said(received)["snapshot_b"]["content_hash"] == second["content_hash"]
    assert said(received)["reason"]["outcome"] == "true"
    thread = house.alice.get(f"/api/artifacts/{board}/comments")["items"]
    assert [entry["comment_type"] for entry in thread] == ["snapshot_alert"]
    assert "@alice" in thread[0]["body"]
    assert len(house.alice.get("/api/notifications?persona=alice&unread_only=true")["items"]) == 1
    assert house.bob.get("/api/notifications?persona=bob")["items"] == []


def test_charlie_sees_nothing_of_it(house: House) -> None:
    """Absent and invisible look the same."""
    board = house.board()
    taken = house.push(board, a=1)
    hidden = [f"/api/dashboard/{board}", f"/api/snapshot/{taken['id']}", f"/api/artifacts/{board}/comments"]
    absent = house.charlie.ask("GET", "/api/dashboard/nowhere")
    for path in hidden:
        answer = house.charlie.ask("GET", path)
        assert answer.status_code == 404
    assert house.charlie.get("/api/dashboards")["items"] == []
    same = house.charlie.ask("GET", f"/api/dashboard/{board}")
    drop = {"request_id", "instance"}
    assert {k: v for k, v in same.json().items() if k not in drop} == {
        k: v for k, v in absent.json().items() if k not in drop
    }


def test_a_sql_source_is_captured_and_its_change_told(target: str, tmp_path: Path) -> None:
    """The source changes, nobody pushes: the next capture sees it."""
    source = tmp_path / "source.db"
    with sqlite3.connect(source) as database:
        database.executescript("create table t (id text, score real); insert into t values ('a', 2), ('b', 1)")
    settings = settings_of(tmp_path, target, connections={"warehouse": {"url": f"sqlite:///{source}"}})
    services, clock = furnish(settings)
    spec = {
        "title": "From SQL",
        "sources": {"rows": {"type": "sql", "connection": "warehouse", "query": "select id, score from t"}},
        "panels": {"board": {"source": "rows", "kind": "table", "rank_by": "score", "order": "desc"}},
    }
    with app_client(services) as client:
        house = inhabit(settings, services, clock, client)
        board = house.alice.post("/api/dashboards", {"view_spec_json": spec})["id"]
        house.alice.post(f"/api/dashboard/{board}/snapshot", {})
        house.subscribe(board, "alice", {"top_n_reordering": 1})
        with sqlite3.connect(source) as database:
            database.execute("update t set score = 9 where id = 'b'")
        taken = house.alice.post(f"/api/dashboard/{board}/snapshot", {})
    services.close()
    assert taken["dispatch"]["delivered"] == 1
    assert taken["diff_summary"]["top_n_changes"] == 2

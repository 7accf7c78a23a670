"""The thread and the inboxes over HTTP: a mention lands where it should and nowhere else."""

from __future__ import annotations

from stillframe.api.discussion import door
from tests.api.cast import House


def test_a_mention_reaches_a_persona_whose_owner_may_see_the_dashboard(house: House, board: str) -> None:
    """Alice's persona hears of it; Charlie's, whom the dashboard is not shown to, does not."""
    for owner, slug in (("alice", "alices"), ("charlie", "charlies")):
        house.made(owner, "/api/personas", {"slug": slug})
    comment = house.made("alice", "/api/artifacts/pushed/comments", {"body": "@alices @charlies look"})
    inbox = house.ask("alice", "GET", "/api/notifications?persona=alices").json()["items"]
    assert [line["comment_id"] for line in inbox] == [comment["id"]]
    assert house.ask("charlie", "GET", "/api/notifications").json()["items"] == []
    assert house.ask("charlie", "GET", "/api/notifications?persona=alices").status_code == 404
    assert board.endswith(comment["artifact_id"])


def test_what_was_read_leaves_the_unread(house: House, board: str) -> None:
    """Reading twice is reading."""
    house.made("alice", "/api/personas", {"slug": "desk"})
    house.made("alice", f"/api/artifacts/{board.rsplit('/', 1)[1]}/comments", {"body": "@desk"})
    line = house.ask("alice", "GET", "/api/notifications?unread_only=true").json()["items"][0]
    for _ in range(2):
        assert house.made("alice", f"/api/notifications/{line['id']}/read")["read_at"]
    assert house.ask("alice", "GET", "/api/notifications?unread_only=true").json()["items"] == []


def test_a_thread_is_answered_and_settled(house: House, board: str) -> None:
    """Oldest first: the question, then its answer; and whoever settled it."""
    thread = f"/api/artifacts/{board.rsplit('/', 1)[1]}/comments"
    question = house.made("alice", thread, {"body": "Why?", "comment_type": "question"})
    answer = house.made("alice", thread, {"body": "So.", "comment_type": "answer", "parent_comment_id": question["id"]})
    assert [one["id"] for one in house.ask("alice", "GET", thread).json()["items"]] == [question["id"], answer["id"]]
    assert house.made("alice", f"/api/comments/{question['id']}/resolve")["resolved_by"] == "alice"
    assert house.ask("alice", "POST", thread, json={"body": "x", "comment_type": "snapshot_alert"}).status_code == 422
    assert house.ask("alice", "POST", thread, json={"body": "x", "parent_comment_id": "absent"}).status_code == 422
    assert len(door.router.routes) == 5

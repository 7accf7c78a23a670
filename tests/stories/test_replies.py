"""What semantics says of replies, through the door: Alice owns, Bob is told, Charlie sees nothing."""

from __future__ import annotations

from typing import Any

from tests.stories.house import House, Person

ANY = {"any_change": True}


def shared_board(house: House) -> str:
    """A board of a group that Alice and Bob are in, and Charlie is not."""
    house.alice.post("/api/groups", {"id": "team-a", "name": "Team A"})
    for name in ("alice", "bob"):
        house.alice.ask("PUT", f"/api/groups/team-a/members/{name}", {"role": "editor"})
    return house.board(scope={"group": "team-a"})


def reply(who: Person, board: str, body: str, *, to: str, **headers: str) -> Any:
    """Write a comment under another one, and return the answer."""
    return who.ask("POST", f"/api/artifacts/{board}/comments", {"body": body, "parent_comment_id": to}, **headers)


def thread(who: Person, board: str) -> list[Any]:
    """The whole discussion."""
    found: list[Any] = who.get(f"/api/artifacts/{board}/comments?limit=100")["items"]
    return found


def test_bob_answers_his_own_alert_alice_as_an_administrator_and_charlie_not_at_all(house: House) -> None:
    """The reply does it, the thread says so, and whoever may not leaves nothing behind."""
    board = shared_board(house)
    house.push(board, a=1)
    asked = {"subscriber_kind": "persona", "subscriber_id": "bob", "threshold_json": ANY}
    made = house.bob.post(f"/api/dashboard/{board}/subscriptions", asked)
    house.subscribe(board, "alice", ANY)
    house.push(board, a=2)
    alerts = {("bob" if "@bob" in one["body"] else "alice"): one["id"] for one in thread(house.bob, board)}
    mine = f"/api/dashboard/{board}/subscriptions/{made['id']}"

    assert reply(house.charlie, board, "/snooze 2d", to=alerts["bob"]).status_code == 404
    refused = reply(house.bob, board, "/snooze 2d", to=alerts["alice"])
    assert (refused.status_code, refused.json()["error_code"]) == (403, "forbidden")
    assert len(thread(house.bob, board)) == 2

    said = reply(house.bob, board, "/snooze 2h", to=alerts["bob"])
    assert (said.status_code, said.json()["author"]) == (201, "bob")
    until = house.bob.get(mine)["snooze_until"]
    answer = next(one for one in thread(house.bob, board) if one["parent_comment_id"] == said.json()["id"])
    assert (answer["author"], answer["body"]) == ("stillframe", f"Snoozed until {until}, by bob.")
    dispatch = house.push(board, a=3)["dispatch"]
    assert (dispatch["delivered"], dispatch["suppressed"]) == (1, 1)

    assert reply(house.alice, board, "/accept", to=alerts["bob"]).status_code == 201
    accepted = house.bob.get(mine)
    alert = next(one for one in thread(house.bob, board) if one["id"] == alerts["bob"])
    assert (accepted["baseline"], accepted["baseline_snapshot_id"]) == ("pinned", alert["snapshot_b"])
    lines = house.alice.get(f"/api/audit?object=subscription:{made['id']}&limit=50")["items"]
    assert [
        (line["actor"], line["detail"]["did"].split(" ")[0]) for line in lines if line["action"] == "subscription.reply"
    ] == [
        ("alice", "Accepted:"),
        ("bob", "Snoozed"),
    ]


def test_a_reply_that_is_sent_again_with_its_key_acts_once(house: House) -> None:
    """A client that lost the answer asks again and gets the same comment."""
    board = house.board()
    house.push(board, a=1)
    house.subscribe(board, "alice", ANY)
    house.push(board, a=2)
    (alert,) = thread(house.alice, board)
    key = {"Idempotency-Key": "reply-1"}
    first = reply(house.alice, board, "/snooze 1d", to=alert["id"], **key)
    house.clock.move(hours=1)
    again = reply(house.alice, board, "/snooze 1d", to=alert["id"], **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(thread(house.alice, board)) == 3


def test_a_command_that_is_none_is_refused_with_the_nearest_and_its_key_is_free(house: House) -> None:
    """Nobody believes that something was done which was not."""
    board = house.board()
    house.push(board, a=1)
    house.subscribe(board, "alice", ANY)
    house.push(board, a=2)
    (alert,) = thread(house.alice, board)
    key = {"Idempotency-Key": "reply-2"}
    refused = reply(house.alice, board, "/akc", to=alert["id"], **key)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["path"] == "$.body"
    assert "did you mean '/ack'" in error["message"]
    assert reply(house.alice, board, "/ack", to=alert["id"], **key).status_code == 201

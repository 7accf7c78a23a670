"""People change subscriptions while captures run: nothing is lost, nothing is told twice, nobody is sent away."""

from __future__ import annotations

import threading
from typing import Any

from tests.stories.house import House

RULE = {"value_delta_abs": 1, "on_field": "score"}


def test_a_change_and_a_capture_at_the_same_time_do_not_undo_each_other(house: House) -> None:
    """
    One thread takes snapshots that each move the baseline, one changes the same subscriptions' manners.

    Afterwards each was last told of the newest snapshot, and heard of every step exactly once.
    """
    board = house.board()
    house.push(board, a=0)
    paths = []
    for index in range(3):
        rule = {"value_delta_abs": 1 + index / 10, "on_field": "score"}
        made = house.subscribe(board, "alice", rule, baseline="last_notified")
        paths.append(f"/api/dashboard/{board}/subscriptions/{made['id']}")
    ended = threading.Event()
    answers: list[int] = []

    def change() -> None:
        allow = False
        while not ended.is_set():
            allow = not allow
            answers.extend(house.alice.ask("PATCH", path, {"allow_missing": allow}).status_code for path in paths)

    changer = threading.Thread(target=change)
    changer.start()
    try:
        taken = [house.push(board, a=score) for score in range(10, 310, 10)]
    finally:
        ended.set()
        changer.join()
    assert set(answers) == {200}
    assert [found["dispatch"]["delivered"] for found in taken] == [3] * len(taken)
    listed: list[Any] = house.alice.get(f"/api/dashboard/{board}/subscriptions")["items"]
    assert {entry["last_notified_snapshot_id"] for entry in listed} == {taken[-1]["id"]}
    assert {entry["baseline_snapshot_id"] for entry in listed} == {taken[-1]["id"]}


def test_removing_while_a_capture_promises_is_never_refused(house: House) -> None:
    """The two take their locks in the same order: neither waits for the other for ever."""
    board = house.board()
    house.push(board, a=0)
    ended = threading.Event()
    answers: list[int] = []

    def come_and_go() -> None:
        while not ended.is_set():
            made = house.alice.ask(
                "POST",
                f"/api/dashboard/{board}/subscriptions",
                {"subscriber_kind": "persona", "subscriber_id": "alice", "threshold_json": RULE},
            )
            path = f"/api/dashboard/{board}/subscriptions/{made.json()['id']}"
            answers.extend((made.status_code, house.alice.ask("DELETE", path).status_code))

    guest = threading.Thread(target=come_and_go)
    guest.start()
    try:
        for score in range(10, 310, 10):
            house.push(board, a=score)
    finally:
        ended.set()
        guest.join()
    assert set(answers) == {201, 204}

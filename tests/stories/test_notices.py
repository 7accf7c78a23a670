"""What semantics says of notices, sentence by sentence: baselines, silence, once, budget, personas, the promise."""

from __future__ import annotations

import threading
import time
from typing import Any

from stillframe.flows.identity import authenticate
from stillframe.flows.resuming import resume_subscription
from stillframe.testing import Answer, Hang, WebhookReceiver
from tests.stories.house import House, said

ANY = {"any_change": True}


def told(house: House, board: str) -> list[Any]:
    """Return the alerts in a board's thread."""
    thread = house.alice.get(f"/api/artifacts/{board}/comments?limit=200")["items"]
    return [entry for entry in thread if entry["comment_type"] == "snapshot_alert"]


def test_everybody_whose_rule_is_true_is_told_and_nobody_else(house: House) -> None:
    """Fan-out: forty webhooks and a persona match, forty do not; each of the first is told once."""
    board = house.board()
    house.push(board, a=10, b=1)
    with WebhookReceiver() as yes, WebhookReceiver() as no:
        for index in range(40):
            house.subscribe(board, yes, {"value_delta_abs": 1 + index / 100, "on_field": "score"})
            house.subscribe(board, no, {"value_delta_abs": 100 + index, "on_field": "score"})
        house.subscribe(board, "alice", ANY)
        dispatch = house.push(board, a=20, b=1)["dispatch"]
        house.settle()
        house.deliver()
        assert dispatch["matched"] == 41
        ids = [entry.headers["webhook-id"] for entry in yes.wait_for(40)]
        assert len(set(ids)) == len(ids) == 40
        assert no.ledger == ()
    assert len(told(house, board)) == 1


def test_previous_tells_each_step_and_last_notified_catches_the_drift(house: House) -> None:
    """Three steps of 4 % are never 10 % from one to the next, and 12 % from where the subscriber was told last."""
    board = house.board()
    house.push(board, a=100)
    rule = {"value_delta_pct": 0.10, "on_field": "score"}
    house.subscribe(board, "alice", rule)
    house.subscribe(board, "bob", rule, baseline="last_notified")
    matched = [house.push(board, a=score)["dispatch"]["matched"] for score in (104, 108.2, 112.5, 116)]
    assert matched == [0, 0, 1, 0]
    assert ["@bob" in entry["body"] for entry in told(house, board)] == [True]


def test_ten_unchanged_captures_against_a_pinned_baseline_are_one_notice(house: House) -> None:
    """Against a pinned baseline a subscriber is told when the rule turns true, and not again while it stays so."""
    board = house.board()
    first = house.push(board, a=100)
    pin = {"baseline": "pinned", "baseline_snapshot_id": first["id"]}
    house.subscribe(board, "alice", {"value_delta_abs": 5, "on_field": "score"}, **pin)
    dispatches = [house.push(board, a=110)["dispatch"] for _ in range(10)]
    assert [found["delivered"] for found in dispatches] == [1] + [0] * 9
    assert [found["suppressed"] for found in dispatches] == [0] + [1] * 9
    house.push(board, a=100)
    assert house.push(board, a=110)["dispatch"]["delivered"] == 1
    assert len(told(house, board)) == 2


def test_a_pinned_subscription_with_a_repeat_interval_is_told_again_after_it(house: House) -> None:
    """Whoever wants to be reminded says how often."""
    board = house.board()
    first = house.push(board, a=100)
    pin = {"baseline": "pinned", "baseline_snapshot_id": first["id"], "repeat_interval": 600}
    house.subscribe(board, "alice", ANY, **pin)
    delivered = [house.push(board, a=110)["dispatch"]["delivered"] for _ in range(12)]
    assert delivered == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]


def test_the_first_snapshot_is_silent(house: House) -> None:
    """A beginning is no change."""
    board = house.board()
    house.subscribe(board, "alice", {"NOT": {"set_removed_min": 1}}, allow_missing=True)
    assert house.push(board, a=1)["dispatch"]["matched"] == 0


def test_a_changed_view_spec_pages_nobody_and_tells_the_owner(house: House) -> None:
    """The first snapshot after the change is a new baseline; a pinned subscription waits for its owner."""
    board = house.board()
    first = house.push(board, a=2, b=1)
    house.subscribe(board, "alice", ANY)
    house.subscribe(board, "bob", ANY, baseline="last_notified")
    pinned = house.subscribe(board, "alice", {"set_added_min": 1}, baseline="pinned", baseline_snapshot_id=first["id"])
    spec = house.alice.get(f"/api/dashboard/{board}")["view_spec_json"]
    spec["panels"]["board"]["order"] = "asc"
    assert house.alice.ask("PUT", f"/api/dashboard/{board}", {"view_spec_json": spec}).status_code == 200
    assert house.push(board, a=5, c=1)["dispatch"]["matched"] == 0
    assert told(house, board) == []
    notices = [entry["text"] for entry in house.alice.get("/api/notifications")["items"] if entry["kind"] == "notice"]
    assert any("new baseline" in text for text in notices)
    listed = {entry["id"]: entry for entry in house.alice.get(f"/api/dashboard/{board}/subscriptions")["items"]}
    assert listed[pinned["id"]]["state"] == "paused"
    assert house.push(board, a=6, c=1)["dispatch"]["matched"] == 2


def test_an_empty_capture_twice_pages_nobody(house: House) -> None:
    """A source that gives nothing is more often a fault than news: kept as evidence, told to no subscriber."""
    board = house.board()
    house.push(board, a=2, b=1)
    house.subscribe(board, "alice", {"set_removed_min": 1})
    empty = [house.push(board), house.push(board)]
    assert [found["capture_status"] for found in empty] == ["empty", "empty"]
    back = house.push(board, a=2, b=1)
    assert [found["dispatch"]["matched"] for found in [*empty, back]] == [0, 0, 0]
    assert back["diff_summary"]["is_empty"]


def test_an_accepted_empty_capture_is_the_new_truth(house: House) -> None:
    """Its owner says that the board really is empty; rows that come back are then news."""
    board = house.board()
    house.push(board, a=2)
    house.subscribe(board, "alice", {"set_added_min": 1})
    empty = house.push(board)
    house.alice.post(f"/api/snapshot/{empty['id']}/accept")
    assert house.push(board)["capture_status"] == "good"
    assert house.push(board, a=2)["dispatch"]["matched"] == 1


def test_a_late_push_is_kept_and_told_to_nobody(house: House) -> None:
    """Data of last week is evidence of last week, not a change of today."""
    board = house.board()
    house.push(board, a=2)
    house.subscribe(board, "alice", ANY)
    body = {"data": {"board": [{"id": "a", "score": 99}], "total": 1}, "as_of": "2026-11-01T00:00:00Z"}
    late = house.alice.post(f"/api/dashboard/{board}/snapshot", body)
    assert late["late"] is True
    assert late["dispatch"]["matched"] == 0
    assert house.push(board, a=2)["diff_summary"]["is_empty"]


def test_two_concurrent_snapshots_are_ordered_and_each_notifies_once(house: House) -> None:
    """Eight at once: sequences without gaps, each compared with its true predecessor, each told once."""
    board = house.board()
    house.push(board, a=1)
    house.subscribe(board, "alice", ANY)
    answers: list[Any] = []

    def push(score: int) -> None:
        body = {"data": {"board": [{"id": "a", "score": score}], "total": 1}}
        answers.append(house.alice.post(f"/api/dashboard/{board}/snapshot", body))

    threads = [threading.Thread(target=push, args=(100 + index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.sort(key=lambda found: found["sequence"])
    assert [found["sequence"] for found in answers] == list(range(2, 10))
    ids = [found["id"] for found in answers]
    assert [found["parent_snapshot_id"] for found in answers[1:]] == ids[:-1]
    alerts = told(house, board)
    assert sorted(entry["snapshot_b"] for entry in alerts) == sorted(ids)


def test_a_slow_receiver_costs_a_request_at_most_its_budget_and_the_next_nothing(
    house: House, receiver: WebhookReceiver
) -> None:
    """The send goes on without the request; while it is open, no later request waits for that receiver."""
    receiver.behave(Hang())
    board = house.board()
    house.push(board, a=1)
    house.subscribe(board, receiver, ANY)
    first = house.push(board, a=2)["dispatch"]
    started = time.monotonic()
    second = house.push(board, a=3)["dispatch"]
    waited = time.monotonic() - started
    assert (first["queued"], second["queued"]) == (1, 1)
    assert waited < 3, "the request waited for the receiver's own time-out"
    receiver.behave(Answer())
    house.settle()
    house.clock.move(seconds=60)
    house.deliver()
    bodies = {said(entry)["snapshot_b"]["sequence"] for entry in receiver.ledger if entry.verified}
    assert bodies == {2, 3}


def test_a_failing_receiver_neither_fails_the_snapshot_nor_delays_another(house: House) -> None:
    """One answers 500, the other is told at once; the first is tried again with the same id."""
    board = house.board()
    house.push(board, a=1)
    with WebhookReceiver(Answer(status=500), Answer()) as bad, WebhookReceiver() as good:
        house.subscribe(board, bad, ANY)
        house.subscribe(board, good, ANY)
        dispatch = house.push(board, a=2)["dispatch"]
        assert (dispatch["delivered"], dispatch["failed"]) == (1, 1)
        house.settle()
        house.clock.move(seconds=10)
        assert house.deliver()["delivered"] == 1
        ids = [entry.headers["webhook-id"] for entry in bad.wait_for(2)]
        assert ids[0] == ids[1]
        assert len(good.ledger) == 1


def test_what_was_promised_moves_last_notified_even_when_it_fails(house: House) -> None:
    """The promise can be replayed and its failure is shown; the same change is not promised twice."""
    board = house.board()
    house.push(board, a=100)
    with WebhookReceiver(Answer(status=410)) as gone:
        made = house.subscribe(board, gone, {"value_delta_pct": 0.1, "on_field": "score"}, baseline="last_notified")
        taken = house.push(board, a=120)
        house.settle()
        listed = house.alice.get(f"/api/dashboard/{board}/subscriptions")["items"]
        assert listed[0]["last_notified_snapshot_id"] == taken["id"]
        assert house.push(board, a=121)["dispatch"]["matched"] == 0
        path = f"/api/dashboard/{board}/subscriptions/{made['id']}/deliveries"
        (delivery,) = house.alice.get(path)["items"]
        assert delivery["state"] == "parked"
        gone.behave(Answer())
        alice = authenticate(house.services, house.alice.token)
        resumed = resume_subscription(
            house.services, alice, dashboard_ref=board, subscription_id=made["id"], replay=True
        )
        assert (resumed.subscription.state, resumed.replayed) == ("active", 1)
        house.deliver()
        first, second = gone.wait_for(2)
        assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery["id"]
        assert house.alice.get(path)["items"][0]["state"] == "sent"


def test_email_is_promised_and_deferred_while_no_mail_server_is_configured(house: House) -> None:
    """Deferred is not delivered, and the answer says so."""
    board = house.board()
    house.push(board, a=1)
    body = {"subscriber_kind": "email", "subscriber_id": "ana@example.org", "threshold_json": ANY}
    house.alice.post(f"/api/dashboard/{board}/subscriptions", body)
    dispatch = house.push(board, a=2)["dispatch"]
    assert (dispatch["matched"], dispatch["deferred"], dispatch["delivered"]) == (1, 1, 0)


def test_a_rule_whose_field_disappeared_tells_its_owner_once(house: House) -> None:
    """Unknown is no match, and no silence either."""
    board = house.board()
    house.push(board, a=1)
    house.subscribe(board, "alice", {"value_delta_abs": 1, "on_field": "elo"}, allow_missing=True)
    for score in (2, 3, 4):
        assert house.push(board, a=score)["dispatch"]["matched"] == 0
    notices = [entry for entry in house.alice.get("/api/notifications")["items"] if entry["kind"] == "notice"]
    assert len([entry for entry in notices if "cannot be judged" in entry["text"]]) == 1

"""Promising calmly: who is told and who is not stands in the answer, in the notes, and where each stands now."""

from __future__ import annotations

import orjson

from stillframe.store import EvaluationNote
from stillframe.testing import WebhookReceiver
from tests.flows.room import ANY, Room
from tests.store.cast import statements

HIGH = {"value_delta_abs": 10, "on_field": "score"}


def test_one_judgement_serves_many_manners(room: Room, receiver: WebhookReceiver) -> None:
    """One rule, asked for plainly and calmly: each is told by its own manners, and the answer counts them all."""
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, receiver, ANY)
    room.subscribe(board, "alice", ANY, calm={"pending_for": 2})
    first = room.take(board, a=2).dispatch
    assert (first.matched, first.suppressed) == (2, 1)
    second = room.take(board, a=3).dispatch
    assert (second.matched, second.suppressed) == (2, 0)
    room.settle()
    assert len(receiver.ledger) == 2


def test_a_plain_notice_leaves_no_note(room: Room) -> None:
    """Its verdict and its delivery say all there is; what was held back has one line, with its reason."""
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, "alice", ANY, calm={"cooldown_seconds": 600}).subscription
    told, held, same = room.take(board, a=2), room.take(board, a=3), room.take(board, a=3)
    with room.services.store.read() as unit:
        ids = [taken.record.id for taken in (told, held, same)]
        notes = unit.evaluations.at_snapshots(made.id, ids)
    first, second = notes
    assert first == EvaluationNote(
        subscription_id=made.id,
        snapshot_id=held.record.id,
        baseline_snapshot_id=told.record.id,
        rule_id=made.rule_id,
        at=held.record.timestamp,
        outcome="true",
        reason="cooldown",
        detail=first.detail,
    )
    assert (first.detail or "").startswith("cooling down until 2026-")
    assert (second.snapshot_id, second.reason) == (same.record.id, "cooldown")


def test_the_letter_of_a_resolution_is_written_by_any_worker(room: Room, receiver: WebhookReceiver) -> None:
    """What it says is stored with its promise, also where nothing differs from before any more."""
    board = room.board()
    first = room.take(board, a=1)
    room.subscribe(board, receiver, HIGH, calm={"notify_on_resolve": True})
    room.take(board, a=20)
    room.settle()
    back = room.take(board, a=1)
    room.settle()
    _, over = receiver.wait_for(2)
    body = orjson.loads(over.body)
    assert body["type"] == "dashboard.resolved"
    assert body["diff"]["is_empty"] is True
    assert body["reason"]["outcome"] == "false"
    with room.services.store.read() as unit:
        assert unit.verdicts.get(back.record.id, first.record.id) == {}


def test_the_cost_does_not_grow_with_the_number_of_the_calm(room: Room) -> None:
    """A snapshot asks the database as often for thirty as for two."""
    counts = []
    for size in (1, 2, 30):
        board = room.board(f"Board {size}")
        room.take(board, a=1)
        for number in range(size):
            rule = {"value_delta_abs": 1 + number / 100, "on_field": "score"}
            room.subscribe(board, "alice", rule, calm={"pending_for": 5})
        room.take(board, a=20)
        with statements() as seen:
            assert room.take(board, a=50).dispatch.suppressed == size
        counts.append(len(seen))
    assert counts[1] == counts[2]

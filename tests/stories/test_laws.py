"""The four laws of the house, each through the door."""

from __future__ import annotations

import threading
import time

import pytest

from stillframe.flows.identity import authenticate
from stillframe.flows.snapshots import SnapshotRequest, take_snapshot
from stillframe.testing import Hang, WebhookReceiver
from tests.stories.house import House, picture, said


class Broken(Exception):
    """A fault in the middle of a transaction."""


def test_a_snapshot_and_its_promises_die_together(house: House, receiver: WebhookReceiver) -> None:
    """Law 1: a fault before the commit leaves neither a snapshot nor a delivery nor a comment."""
    board = house.board()
    house.push(board, a=2, b=1)
    house.subscribe(board, receiver, {"any_change": True})
    house.subscribe(board, "alice", {"any_change": True})

    class Faulty:
        """A receipt whose answer cannot be kept, as when a disk fails at the last statement."""

        def answer(self, *_: object, **__: object) -> None:
            raise Broken

    alice = authenticate(house.services, house.alice.token)
    request = SnapshotRequest(data=picture(a=1, b=2))
    with pytest.raises(Broken):
        take_snapshot(house.services, alice, dashboard_ref=board, request=request, receipt=Faulty())  # type: ignore[arg-type]  # because it stands for a fault
    assert len(house.alice.get(f"/api/dashboard/{board}/snapshots")["items"]) == 1
    assert house.alice.get(f"/api/artifacts/{board}/comments")["items"] == []
    assert house.deliver() == {}
    assert receiver.ledger == ()
    assert house.push(board, a=1, b=2)["dispatch"]["delivered"] == 2


def test_no_transaction_is_open_while_a_receiver_is_waited_for(house: House, receiver: WebhookReceiver) -> None:
    """Law 2: while a receiver hangs, others write at once."""
    receiver.behave(Hang())
    board = house.board()
    house.push(board, a=2, b=1)
    house.subscribe(board, receiver, {"any_change": True})
    taken: list[float] = []

    def write() -> None:
        started = time.monotonic()
        house.board("Another")
        taken.append(time.monotonic() - started)

    assert house.push(board, a=1, b=2)["dispatch"]["queued"] == 1
    writer = threading.Thread(target=write)
    writer.start()
    writer.join(2.5)
    assert taken, "the write waited for the hanging receiver"


def test_an_unchanged_picture_satisfies_no_rule(house: House) -> None:
    """Law 3: a NOT rule is true of silence, and nobody wants to hear of silence."""
    board = house.board()
    house.push(board, a=2, b=1)
    house.subscribe(board, "alice", {"NOT": {"set_added_min": 1}})
    assert house.push(board, a=2, b=1)["dispatch"]["matched"] == 0
    assert house.push(board, a=3, b=1)["dispatch"]["matched"] == 1


def test_the_reason_travels_to_the_message_and_to_the_comment(house: House, receiver: WebhookReceiver) -> None:
    """Law 4: whoever is told is told why."""
    board = house.board()
    house.push(board, a=10, b=1)
    moved = {"value_delta_abs": 5, "on_field": "score"}
    house.subscribe(board, receiver, {"AND": [moved, {"NOT": {"set_added_min": 1}}]})
    house.subscribe(board, "alice", moved)
    house.push(board, a=16, b=1)
    (received,) = receiver.wait_for(1)
    reason = said(received)["reason"]
    assert [child["outcome"] for child in reason["children"]] == ["true", "true"]
    assert reason["children"][0]["observed"] == 6
    (comment,) = house.alice.get(f"/api/artifacts/{board}/comments")["items"]
    assert "score of a went from 10 to 16" in comment["body"]

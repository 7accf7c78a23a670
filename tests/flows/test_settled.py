"""A try that ended is a line in the log and a figure; the line says which and how long, and never where it went."""

from __future__ import annotations

from typing import Any

import structlog
from structlog.testing import capture_logs

from stillframe.flows.dispatch import deliver_due
from stillframe.testing import Answer, WebhookReceiver
from tests.flows.room import ANY, Room


def settled(logs: Any) -> list[Any]:
    """The lines about tries."""
    return [line for line in logs if line["event"] == "delivery_settled"]


def test_a_try_is_logged_under_the_request_that_sent_it_and_a_workers_under_none(room: Room) -> None:
    """Whoever asks what became of a request finds its sends by one id."""
    board = room.board()
    room.take(board, a=1)
    with WebhookReceiver(Answer(status=503), Answer()) as receiver, capture_logs() as logs:
        made = room.subscribe(board, receiver, ANY)
        with structlog.contextvars.bound_contextvars(request_id="r-7"):
            taken = room.take(board, a=2)
        room.settle()
        room.clock.move(minutes=1)
        deliver_due(room.services, seconds=20)
        room.settle()
        address = receiver.url()
    first, second = settled(logs)
    delivery_id = f"{taken.record.id}_{made.subscription.id}"
    assert (first["delivery_id"], first["outcome"], first["status"]) == (delivery_id, "again", 503)
    assert (second["delivery_id"], second["outcome"], second["attempt"]) == (delivery_id, "sent", 2)
    assert first["request_id"] == "r-7"
    assert "request_id" not in second
    assert second["since_promise_ms"] >= 60_000 > second["milliseconds"] >= 0
    assert address not in repr(logs)
    assert made.secret not in repr(logs)

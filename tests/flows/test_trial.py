"""A test shows the newest real change, says that it is a test, and leaves everything that was promised as it was."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from stillframe.errors import Conflict, NotFound, TooManyRequests
from stillframe.flows.dispatch import deliver_due
from stillframe.flows.trial import TESTS_PER_MINUTE, send_test
from stillframe.model.dashboard import Dashboard
from stillframe.model.delivery import Trial
from stillframe.model.identity import Caller
from stillframe.testing import Answer, Hang, Reset, WebhookReceiver
from tests.flows.room import ANY, Room, request
from tests.flows.test_endpoints import entries, now_is


def trial(room: Room, board: Dashboard, subscription_id: str, *, caller: Caller | None = None) -> Trial:
    """Send a test as Alice."""
    return send_test(room.services, caller or room.alice, dashboard_ref=board.id, subscription_id=subscription_id)


def logged(room: Room, subscription_id: str) -> list[Trial]:
    """Return the log of tests, newest first, when all have ended."""
    room.settle()
    with room.services.store.read() as unit:
        return unit.trials.list(subscription_id, limit=50)


def test_a_test_is_signed_marked_and_shows_the_newest_change(room: Room, receiver: WebhookReceiver) -> None:
    """Frames that show the same thing are passed over; the rule's verdict is of that change, true or not."""
    board = room.board()
    room.take(board, a=1)
    before = room.take(board, a=2).record
    after = room.take(board, a=5).record
    room.take(board, a=5)
    made = room.subscribe(board, receiver, {"value_delta_abs": 10, "on_field": "score"}).subscription
    found = trial(room, board, made.id)
    assert (found.outcome, found.status, found.sent_by) == ("sent", 204, "alice")
    (received,) = receiver.ledger
    body = json.loads(received.body)
    assert received.verified
    assert received.delivery_id.startswith("test_")
    assert body["test"] is True
    assert (body["snapshot_a"]["id"], body["snapshot_b"]["id"]) == (before.id, after.id)
    assert body["reason"]["outcome"] == "false"
    assert logged(room, made.id) == [found]


def test_a_test_changes_nothing_that_was_promised(room: Room, receiver: WebhookReceiver) -> None:
    """Neither the outbox nor since when the subscriber was told; the next change is told as if there had been none."""
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY, baseline="last_notified").subscription
    room.take(board, a=2)
    room.settle()
    was, had = now_is(room, made.id), entries(room, made.id)
    receiver.behave(Answer(status=410), Answer())
    assert trial(room, board, made.id).outcome == "failed"
    assert (now_is(room, made.id), entries(room, made.id)) == (was, had), "a failed test pauses nobody"
    assert deliver_due(room.services, seconds=1) == {}
    assert room.dispatch(board, a=3).delivered == 1
    assert len({found.delivery_id for found in receiver.ledger}) == 3


def test_how_a_test_ended_is_told_and_logged(room: Room, receiver: WebhookReceiver) -> None:
    """An answer that never came is unknown: it may have arrived."""
    board = room.board()
    room.take(board, a=1)
    room.take(board, a=2)
    made = room.subscribe(board, receiver, ANY).subscription
    receiver.behave(Answer(status=500), Reset())
    assert [trial(room, board, made.id).outcome for _ in range(2)] == ["failed", "unknown"]
    assert [(found.outcome, found.status) for found in logged(room, made.id)] == [("unknown", None), ("failed", 500)]


def test_where_there_is_nothing_to_show_or_no_way_nothing_is_sent(room: Room, receiver: WebhookReceiver) -> None:
    """Said in words: no two frames that differ, a persona, mail without a server."""
    board = room.board()
    room.take(board, a=1)
    hook = room.subscribe(board, receiver, ANY).subscription
    persona = room.subscribe(board, "alice", ANY).subscription
    mail = room.subscribe(board, "ana@example.org", ANY, subscriber_kind="email", caller=room.root).subscription
    room.take(board, a=1)
    for subscription, why in ((hook, "once two snapshots differ"), (persona, "comment"), (mail, "no server")):
        with pytest.raises(Conflict, match=why):
            trial(room, board, subscription.id, caller=room.root)
    assert receiver.ledger == ()
    assert logged(room, hook.id) == []


def test_tests_are_few(room: Room, receiver: WebhookReceiver) -> None:
    """A button that anybody can hold down must flood nobody."""
    board = room.board()
    room.take(board, a=1)
    room.take(board, a=2)
    made = room.subscribe(board, receiver, ANY).subscription
    for _ in range(TESTS_PER_MINUTE):
        trial(room, board, made.id)
        room.settle()
    with pytest.raises(TooManyRequests, match="a minute"):
        trial(room, board, made.id)
    room.clock.move(minutes=1)
    assert trial(room, board, made.id).outcome == "sent"


def test_a_stranger_tests_nothing(room: Room, receiver: WebhookReceiver) -> None:
    """They would learn whether somebody's receiver is there."""
    board = room.board()
    room.take(board, a=1)
    room.take(board, a=2)
    made = room.subscribe(board, receiver, ANY).subscription
    with pytest.raises(NotFound):
        trial(room, board, made.id, caller=room.charlie)
    assert receiver.ledger == ()


def test_one_test_of_a_subscription_is_open_at_a_time(room: Room, receiver: WebhookReceiver) -> None:
    """Each holds a request until its receiver answers; many at once would hold all requests that there are."""
    board = room.board()
    room.take(board, a=1)
    room.take(board, a=2)
    made = room.subscribe(board, receiver, ANY).subscription
    receiver.behave(Hang())

    def outcome(_: int) -> str:
        try:
            return trial(room, board, made.id).outcome
        except TooManyRequests as refused:
            return str(refused)

    with ThreadPoolExecutor(8) as threads:
        ended = sorted(threads.map(outcome, range(8)))
    assert ended[-1] == "unknown"
    assert all("waiting for its receiver" in word for word in ended[:-1])


def test_nobody_tests_what_would_be_withheld(room: Room, receiver: WebhookReceiver) -> None:
    """An editor tells an owner who left the group nothing; nobody uses a channel that the operator took back."""
    room.team(alice="editor", bob="editor")
    alice, bob = room.standing("alice"), room.standing("bob")
    board = room.board(owner=alice, scope={"group": "team-a"})
    room.take_as(alice, board, request(a=1))
    room.take_as(alice, board, request(a=2))
    can = {"sendable": frozenset({"webhook", "channel"}), "channels": {"ops": frozenset({"team-a"})}}
    room.services = replace(room.services, **can)  # type: ignore[arg-type]  # because the members differ in type
    hook = room.subscribe(board, receiver, ANY, caller=bob).subscription
    chat = room.subscribe(board, "ops", ANY, subscriber_kind="channel", caller=alice).subscription
    room.leave("team-a", "bob")
    room.services = replace(room.services, channels={"ops": frozenset()})
    for subscription, why in ((hook, "may not see"), (chat, "may no longer use")):
        with pytest.raises(Conflict, match=why):
            trial(room, board, subscription.id, caller=room.standing("alice"))
    assert receiver.ledger == ()

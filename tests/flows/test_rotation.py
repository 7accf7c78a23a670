"""Two secrets sign while one is changed for the other, never more, and never one that is over."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from stillframe.errors import Conflict, Forbidden, InvalidInput, NotFound
from stillframe.flows.identity import authenticate, create_token
from stillframe.flows.rotation import OVERLAP_SECONDS, OVERLAP_SECONDS_MOST, Rotated, rotate_secret
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from stillframe.model.times import time_text
from stillframe.testing import Received, WebhookReceiver
from tests.flows.room import ANY, Room


def rotate(room: Room, board: Dashboard, subscription_id: str, *, caller: Caller | None = None, **more: int) -> Rotated:
    """Rotate as Alice."""
    return rotate_secret(
        room.services, caller or room.alice, dashboard_ref=board.id, subscription_id=subscription_id, **more
    )


def told(room: Room, board: Dashboard, receiver: WebhookReceiver, *secrets: str) -> list[bool]:
    """Change something, and return whether the notice verifies with each secret alone."""
    found: list[bool] = []
    for secret in secrets:
        receiver.trust(secret)
        before = len(receiver.ledger)
        room.take(board, a=len(receiver.ledger) + 100)
        last: Received = receiver.wait_for(before + 1)[-1]
        room.settle()
        found.append(last.verified)
    return found


def test_both_secrets_sign_until_the_overlap_ends(room: Room, receiver: WebhookReceiver) -> None:
    """A receiver changes over when it likes; after a day the old secret is worth nothing."""
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY)
    old = made.secret or ""
    new = rotate(room, board, made.subscription.id)
    assert new.old_secret_until == room.clock() + timedelta(seconds=OVERLAP_SECONDS)
    assert told(room, board, receiver, old, new.secret) == [True, True]
    assert len(receiver.ledger[-1].headers["webhook-signature"].split()) == 2
    room.clock.move(seconds=OVERLAP_SECONDS)
    assert told(room, board, receiver, old, new.secret) == [False, True]
    assert len(receiver.ledger[-1].headers["webhook-signature"].split()) == 1


def test_there_are_never_more_than_two(room: Room, receiver: WebhookReceiver) -> None:
    """A second rotation within the first takes its place: the oldest secret is over at once."""
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY)
    first = made.secret or ""
    second, third = (rotate(room, board, made.subscription.id).secret for _ in range(2))
    assert told(room, board, receiver, first, second, third) == [False, True, True]


def test_no_overlap_is_for_a_secret_that_leaked(room: Room, receiver: WebhookReceiver) -> None:
    """From the next notice on only the new one signs."""
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY)
    new = rotate(room, board, made.subscription.id, overlap_seconds=0)
    assert told(room, board, receiver, made.secret or "", new.secret) == [False, True]


def test_a_new_secret_is_shown_once_and_logged_nowhere(room: Room, receiver: WebhookReceiver) -> None:
    """The audit log says that it was changed, and by whom."""
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY)
    new = rotate(room, board, made.subscription.id, overlap_seconds=60)
    assert new.secret not in repr(new)
    assert new.as_dict() == {"secret": new.secret, "old_secret_until": time_text(new.old_secret_until)}
    with room.services.store.read() as unit:
        line = unit.audit.list(limit=1).items[0]
        shown = unit.subscriptions.get(made.subscription.id)
    assert (line.action, line.actor, line.detail["overlap_seconds"]) == ("subscription.secret", "alice", 60)
    assert new.secret not in json.dumps(line.as_dict())
    assert shown is not None
    assert shown.as_dict()["old_secret_until"] == time_text(new.old_secret_until)


def test_only_a_webhook_has_a_secret_and_an_overlap_has_bounds(room: Room, receiver: WebhookReceiver) -> None:
    """A persona is told by a comment; thirty days are enough for any change-over."""
    board = room.board()
    room.take(board, a=1)
    persona = room.subscribe(board, "alice", ANY).subscription
    with pytest.raises(Conflict, match="persona"):
        rotate(room, board, persona.id)
    for seconds in (-1, OVERLAP_SECONDS_MOST + 1):
        with pytest.raises(InvalidInput, match="30 days"):
            rotate(room, board, persona.id, overlap_seconds=seconds)


def test_a_stranger_rotates_nothing(room: Room, receiver: WebhookReceiver) -> None:
    """Or would cut a receiver off from what it trusts."""
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY).subscription
    with pytest.raises(NotFound):
        rotate(room, board, made.id, caller=room.charlie)
    text = create_token(room.services, room.alice, user_name="alice", scopes=["capture"]).text
    with pytest.raises(Forbidden):
        rotate(room, board, made.id, caller=authenticate(room.services, text))

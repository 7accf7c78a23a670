"""Access is asked again before each send: what its owner may no longer see is withheld, and they hear of it once."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import text

from stillframe.flows.dispatch import claim, deliver_due
from stillframe.flows.exposition import exposition
from stillframe.flows.snapshots import take_snapshot
from stillframe.flows.withholding import LOST_REASON, permitted
from stillframe.model.dashboard import Dashboard
from stillframe.store.connect import open_engine
from stillframe.testing import Answer, WebhookReceiver
from tests.flows.room import Room, request
from tests.flows.test_endpoints import entries, inbox, now_is
from tests.store.cast import statements


def waiting(room: Room, receiver: WebhookReceiver, *, subscriptions: int = 1) -> tuple[Dashboard, list[str]]:
    """Return a board of a group whose member Bob has deliveries that failed once and are due again."""
    receiver.behave(Answer(status=500))
    room.team(alice="editor", bob="editor")
    alice, bob = room.standing("alice"), room.standing("bob")
    board = room.board(owner=alice, scope={"group": "team-a"})
    room.take_as(alice, board, request(a=1))
    rules = [{"value_delta_abs": 0.5 + number / 10, "on_field": "score"} for number in range(subscriptions)]
    made = [room.subscribe(board, receiver, rule, caller=bob).subscription.id for rule in rules]
    idle = replace(room.services, limits=replace(room.services.limits, dispatch_timeout_ms=0))
    take_snapshot(idle, alice, dashboard_ref=board.id, request=request(a=9))
    room.settle()
    room.clock.move(hours=1)
    return board, made


def lose_sight(room: Room) -> None:
    """Take Bob out of the group as another program would: without pausing what is his."""
    engine = open_engine(room.settings.store_target)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM memberships WHERE user_id=:bob"), {"bob": room.bob.user_id})
    engine.dispose()


def test_what_its_owner_may_no_longer_see_is_withheld(room: Room, receiver: WebhookReceiver) -> None:
    """Though it was promised when they might; nothing goes out, and the log says why."""
    _, (made,) = waiting(room, receiver)
    sent = len(receiver.ledger)
    lose_sight(room)
    assert deliver_due(room.services, seconds=5)["delivered"] == 0
    (entry,) = entries(room, made)
    assert (entry.state, entry.tries[-1]["outcome"], entry.tries[-1]["detail"]) == ("withheld", "withheld", LOST_REASON)
    assert len(receiver.ledger) == sent
    assert (now_is(room, made).state, now_is(room, made).paused_reason) == ("paused", LOST_REASON)
    figures = exposition(room.services).decode()
    assert 'stillframe_deliveries_total{channel="webhook",outcome="withheld"} 1.0' in figures


def test_the_owner_hears_of_it_once(room: Room, receiver: WebhookReceiver) -> None:
    """However many deliveries are withheld; the rest is parked with its subscription."""
    _, made = waiting(room, receiver, subscriptions=3)
    lose_sight(room)
    for _ in range(4):
        deliver_due(room.services, seconds=5)
        room.clock.move(hours=1)
    assert {entry.state for found in made for entry in entries(room, found)} <= {"withheld", "parked"}
    assert {now_is(room, found).state for found in made} == {"paused"}
    assert sum("may no longer see" in notice.text for notice in inbox(room, room.bob)) == 1


def test_who_may_see_is_asked_once_for_a_whole_claim(room: Room, receiver: WebhookReceiver) -> None:
    """The cost is by owners and dashboards, not by deliveries."""
    waiting(room, receiver, subscriptions=9)
    with room.services.store.write() as unit:
        claimed = unit.outbox.claim_due(now=room.clock(), lease_seconds=10, limit=99)
    assert len(claimed) == 9
    with statements() as seen:
        assert permitted(room.services, claimed, frozenset()) == claimed
    assert len([found for found in seen if found.startswith("SELECT")]) == 3


def test_what_was_judged_a_moment_ago_is_not_asked_again(room: Room, receiver: WebhookReceiver) -> None:
    """The transaction that promised it has looked; a request costs no statement more."""
    waiting(room, receiver)
    claimed = claim(room.services)
    known = {(found.snapshot_id, found.baseline_snapshot_id) for found in claimed}
    with statements() as seen:
        assert permitted(room.services, claimed, known) == claimed
    assert seen == []


def test_a_disabled_owner_is_told_nothing(room: Room, receiver: WebhookReceiver) -> None:
    """Nobody is there to be told."""
    _, (made,) = waiting(room, receiver)
    with room.services.store.write() as unit:
        unit.users.disable(room.bob.user_id, room.clock())
    deliver_due(room.services, seconds=5)
    assert [entry.state for entry in entries(room, made)] == ["withheld"]

"""Why somebody was told, or was not: an answer for every subscription and every snapshot, and it is true."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stillframe.capture import parse_view_spec
from stillframe.errors import NotFound
from stillframe.flows.dashboards import replace_dashboard
from stillframe.flows.evaluation_answer import Evaluation
from stillframe.flows.evaluations import list_evaluations
from stillframe.flows.subscriptions import Subscribed, SubscriptionChange, change_subscription
from stillframe.model.dashboard import Dashboard
from tests.flows import scoped
from tests.flows.gated import PROJECT, bandit, bring, check
from tests.flows.room import Room, board_spec, request
from tests.flows.upkeep import clean, grow_old

MOVED = {"value_delta_abs": 2, "on_field": "score"}


def lines(room: Room, board: Dashboard, made: Subscribed, **asked: Any) -> list[Evaluation]:
    """Return every line, newest first, as Alice."""
    asked = {"limit": 100} | asked
    found = list_evaluations(
        room.services, room.alice, dashboard_ref=board.id, subscription_id=made.subscription.id, **asked
    )
    return list(found.items)


def watched(room: Room, **more: Any) -> tuple[Dashboard, Subscribed]:
    """Return a dashboard with one snapshot, and Alice's subscription to it."""
    board = room.board()
    room.take(board, a=1)
    room.clock.move(seconds=1)
    return board, room.subscribe(board, "alice", MOVED, **more)


def test_there_is_a_line_for_every_snapshot_since_it_was_made(room: Room) -> None:
    """Told with its delivery, silent with its reason; what was before it is none of its business."""
    board, made = watched(room)
    taken = [room.take(board, a=score).record for score in (2, 5, 5)]
    same, told, silent = lines(room, board, made)
    assert [line.snapshot_id for line in (silent, told, same)] == [record.id for record in taken]
    assert (same.outcome, same.sentence) == ("false", "not met: nothing changed")
    assert (told.outcome, told.told, told.deliveries[0].state) == ("true", "alert", "sent")
    assert told.sentence == "alert told: score of a went from 2 to 5 (+3), limit 2"
    assert (told.verdict or {})["outcome"] == "true"
    assert (silent.outcome, silent.told, silent.suppressed) == ("false", None, None)
    assert silent.sentence == "not met: no score moved so far; most: score of a went from 1 to 2 (+1), limit 2"
    assert (silent.verdict or {})["limit"] == 2


def test_the_json_has_every_member(room: Room) -> None:
    """Null where there is nothing to say."""
    board, made = watched(room)
    record = room.take(board, a=5).record
    (found,) = (line.as_dict() for line in lines(room, board, made))
    assert (found["sequence"], found["timestamp"]) == (2, record.as_dict()["timestamp"])
    assert found["delivery"] == found["deliveries"][0]
    assert (found["told"], found["suppressed"], found["decision_id"]) == ("alert", None, None)
    assert found["baseline_snapshot_id"] == record.parent_snapshot_id


def test_what_is_judged_for_nobody_says_why(room: Room) -> None:
    """Empty, late, and a new baseline; the first snapshot too."""
    board = room.board()
    made = room.subscribe(board, "alice", MOVED)
    first = room.take(board, a=1).record
    room.take(board)
    room.take_as(room.alice, board, replace(request(a=9), as_of=first.as_of - timedelta(hours=1)))
    spec = board_spec(board.title)
    spec["panels"]["board"]["order"] = "asc"
    replace_dashboard(room.services, room.alice, dashboard_ref=board.id, view_spec=parse_view_spec(spec))
    room.take(board, a=90)
    found = lines(room, board, made)
    assert {(line.outcome, line.baseline_snapshot_id, line.verdict) for line in found} == {("not_judged", None, None)}
    begun, late, empty, beginning = (line.sentence for line in found)
    assert "new baseline" in begun
    assert "older" in late
    assert "empty" in empty
    assert "first snapshot" in beginning


def test_what_was_held_back_says_until_when_and_that_it_was_told_then(room: Room) -> None:
    """A snapshot's own line has both: why not at once, and what came of it."""
    board, made = watched(room, calm={"pending_for": 2})
    room.take(board, a=5)
    room.take(board, a=5)
    told, pending = lines(room, board, made)
    assert (pending.outcome, pending.told) == ("true", None)
    assert pending.suppressed is not None
    assert (pending.suppressed.reason, pending.suppressed.detail) == ("pending", "true at 1 of 2 snapshots in a row")
    assert pending.sentence.startswith("not told, true at 1 of 2 snapshots in a row: score of a went from 1 to 5")
    assert (told.told, told.baseline_snapshot_id) == ("alert", pending.baseline_snapshot_id)


def test_against_a_pin_what_is_known_is_said_to_be(room: Room) -> None:
    """True, told before, and therefore silent."""
    board = room.board()
    pin = room.take(board, a=1).record.id
    room.clock.move(seconds=1)
    made = room.subscribe(board, "alice", MOVED, baseline="pinned", baseline_snapshot_id=pin)
    room.take(board, a=5)
    room.take(board, a=6)
    known, told = lines(room, board, made)
    assert (told.told, known.told, known.outcome, known.baseline_snapshot_id) == ("alert", None, "true", pin)
    assert known.suppressed is not None
    assert known.suppressed.reason == "known"


def test_drift_is_explained_from_what_was_last_told(room: Room) -> None:
    """Each line names the snapshot that it was compared with then, not the one of today."""
    board, made = watched(room, baseline="last_notified")
    first, second, third, fourth = (room.take(board, a=score).record for score in (2, 3, 4, 5))
    found = [(line.told, line.baseline_snapshot_id) for line in lines(room, board, made)]
    begin = first.parent_snapshot_id
    assert found == [("alert", second.id), (None, second.id), ("alert", begin), (None, begin)]
    assert {third.id, fourth.id} == {line.snapshot_id for line in lines(room, board, made)[:2]}


def test_while_it_was_paused_it_was_judged_for_nobody(room: Room) -> None:
    """A rule that was true, and a delivery that never was."""
    board, made = watched(room)
    with room.services.store.write() as unit:
        unit.subscriptions.pause([made.subscription.id], reason="a test", at=room.clock())
    room.take(board, a=5)
    (line,) = lines(room, board, made)
    assert (line.outcome, line.told) == ("not_judged", None)
    assert "paused" in line.sentence


def test_another_rule_says_nothing_about_what_was_before_it(room: Room) -> None:
    """What was told then stays told; what was silent was silent by another rule."""
    board, made = watched(room)
    room.take(board, a=5)
    room.take(board, a=6)
    change_subscription(
        room.services,
        room.alice,
        dashboard_ref=board.id,
        subscription_id=made.subscription.id,
        change=SubscriptionChange(threshold={"value_delta_abs": 1, "on_field": "score"}),
    )
    room.take(board, a=7)
    now, silent, told = lines(room, board, made)
    assert (now.told, silent.outcome, told.told) == ("alert", "not_judged", "alert")
    assert "another rule" in silent.sentence


def test_without_payloads_what_is_kept_is_said(room: Room) -> None:
    """The outcome stands, and the tree of what was true; the reasons of a silence are gone with the frames."""
    board, made = watched(room)
    room.take(board, a=2)
    room.take(board, a=5)
    grow_old(room)
    room.take(board, a=5)
    clean(room)
    _, told, silent = lines(room, board, made)
    assert (silent.outcome, silent.verdict, silent.sentence) == ("false", None, "not met: the rule was not met")
    assert (told.outcome, told.told, (told.verdict or {})["observed"]) == ("true", "alert", 3)


def test_a_rule_that_could_not_be_judged_says_so(room: Room) -> None:
    """Unknown is no false."""
    board = room.board()
    room.take(board, a=1)
    room.clock.move(seconds=1)
    made = room.subscribe(board, "alice", {"value_delta_abs": 1, "on_field": "elo"}, allow_missing=True)
    room.take(board, a=5)
    (line,) = lines(room, board, made)
    assert (line.outcome, line.sentence) == ("unknown", "cannot be judged: neither snapshot has a field 'elo'")


def test_of_release_gates_there_is_a_line_for_every_decision(room: Room) -> None:
    """Told where it was asked for, and silent with what was decided where it was not."""
    scoped.settle_in(room)
    bring(room, bandit(high=1))
    with room.services.store.read() as unit:
        board = unit.dashboards.get(f"project:{PROJECT}")
    assert board is not None
    made = room.subscribe(board, "alice", None, on={"gate": ["fail"]})
    room.clock.move(seconds=1)
    silent_id, told_id = (check(room, bandit(high=high)).document["id"] for high in (1, 9))
    told, silent = lines(room, board, made)
    assert (told.decision_id, told.told, told.outcome) == (told_id, "gate", "true")
    assert (silent.decision_id, silent.told, silent.outcome) == (silent_id, None, "false")
    assert silent.sentence.endswith("asked for fail")


def test_pages_go_on_to_the_first_snapshot_since_it_was_made(room: Room) -> None:
    """One after the other, and the last page says that it is the last."""
    board, made = watched(room)
    for score in range(5):
        room.take(board, a=score)
    seen, cursor = [], None
    while True:
        page = list_evaluations(
            room.services,
            room.alice,
            dashboard_ref=board.id,
            subscription_id=made.subscription.id,
            limit=2,
            cursor=cursor,
        )
        seen += [line.sequence for line in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [6, 5, 4, 3, 2]


def test_only_its_owner_and_editors_ask_why(room: Room) -> None:
    """To the others it is not there."""
    board, made = watched(room)
    with pytest.raises(NotFound):
        list_evaluations(
            room.services, room.bob, dashboard_ref=board.id, subscription_id=made.subscription.id, limit=10
        )

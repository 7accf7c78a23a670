"""One line of an explanation: what is kept is said, what is not kept is worked out anew, and never more is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stillframe.flows.evaluation_answer import Evaluation
from stillframe.flows.evaluations import list_evaluations
from stillframe.flows.projects import change_project
from stillframe.flows.services import Limits, Services
from stillframe.flows.subscriptions import Subscribed
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from stillframe.store import Store
from tests.flows import scoped
from tests.flows.room import Room

MOVED = {"value_delta_abs": 2, "on_field": "score"}


def newest(services: Services, caller: Caller, board: Dashboard, made: Subscribed) -> Evaluation:
    """Return the line of the newest snapshot."""
    page = list_evaluations(services, caller, dashboard_ref=board.id, subscription_id=made.subscription.id, limit=1)
    return page.items[0]


def forget_verdicts(store: Store, room: Room) -> None:
    """Let the verdicts be so old that none is kept."""
    with store.write() as unit:
        unit.ageing.remove("verdicts", before=room.clock(), most=1_000)


@pytest.mark.parametrize(("score", "outcome"), [(2, "false"), (9, "not_judged")])
def test_where_verdicts_are_kept_for_days_older_ones_are_worked_out_anew(
    room: Room, score: float, outcome: str
) -> None:
    """What was not met is so again; what would have been met, and was not told, was judged for nobody."""
    board = room.board()
    room.take(board, a=1)
    room.clock.move(seconds=1)
    made = room.subscribe(board, "alice", MOVED)
    if outcome == "not_judged":
        with room.services.store.write() as unit:
            unit.subscriptions.pause([made.subscription.id], reason="a test", at=room.clock())
    room.take(board, a=score)
    room.clock.move(days=3)
    forget_verdicts(room.services.store, room)
    assert newest(room.services, room.alice, board, made).outcome == "not_judged"
    aged = replace(room.services, limits=replace(room.services.limits, log_days={"verdicts": 2}))
    assert isinstance(aged.limits, Limits)
    assert newest(aged, room.alice, board, made).outcome == outcome


def test_nobody_reads_in_a_reason_what_they_may_not_see(room: Room) -> None:
    """The tree that was kept speaks of all; an editor who no longer sees a project is told that, and no more."""
    scoped.settle_in(room)
    scoped.score(room, "my-service", 90)
    scoped.score(room, "a/b", 80)
    scoped.take(room, "group", "team-a")
    with room.services.store.read() as unit:
        board = unit.dashboards.get("group:team-a")
    assert board is not None
    room.clock.move(seconds=1)
    made = room.subscribe(board, "alice", {"value_delta_abs": 5, "on_field": "health"})
    scoped.score(room, "a/b", 20)
    scoped.take(room, "group", "team-a")
    whole = newest(room.services, room.alice, board, made)
    assert (whole.told, "a/b" in str(whole.verdict)) == ("alert", True)
    change_project(room.services, room.root, name="a/b", group_id="team-b")
    seen = newest(room.services, room.alice, board, made)
    assert (seen.told, seen.outcome, seen.verdict) == ("alert", "true", None)
    assert seen.sentence == "alert told: it speaks of projects that you may not see"
    assert "a/b" not in str(seen.as_dict())

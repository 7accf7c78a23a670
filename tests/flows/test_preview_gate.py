"""The decisions of a period, as a subscription to release gates would have heard them."""

from __future__ import annotations

from stillframe.flows.past import Period, past_of
from stillframe.flows.preview_gate import decisions_told
from tests.flows import scoped
from tests.flows.gated import PROJECT, bandit, bring, check
from tests.flows.room import Room


def test_decisions_of_the_period_come_oldest_first(room: Room) -> None:
    """What was decided before it, and what nobody asked for, is not among them."""
    scoped.settle_in(room)
    bring(room, bandit(high=1))
    documents = []
    for high in (9, 1, 8, 7):
        room.clock.move(minutes=5)
        documents.append(check(room, bandit(high=high)).document)
    with room.services.store.read() as unit:
        board = unit.dashboards.get(f"project:{PROJECT}")
        assert board is not None
        past = past_of(unit, board, Period(), now=room.clock())
        told = decisions_told(unit, past, since=None, outcomes=("fail",)).notices
        since = told[1].at
        later = decisions_told(unit, past, since=since, outcomes=("fail",)).notices
    failed = [document["id"] for document in documents if document["decision"] == "fail"]
    assert len(failed) == 3
    assert [notice.reason["id"] for notice in told] == failed
    assert [notice.reason["id"] for notice in later] == failed[1:]

"""Suggested limits: what is suggested was tried, and what was not searched to its end says so."""

from __future__ import annotations

from itertools import accumulate
from random import Random
from typing import Any

from stillframe.flows.past import Period
from stillframe.flows.preview import preview
from stillframe.flows.preview_limits import MOST_NODES, Suggested, Suggestion
from stillframe.flows.subscriptions import SubscriptionRequest
from stillframe.model.dashboard import Dashboard
from stillframe.rules.limits import LimitNode
from tests.flows.room import Room


def walked(room: Room, *, days: int = 90) -> Dashboard:
    """Return a dashboard whose value walks at random, a step a day."""
    board, walk = room.board(), Random(5)
    for place in accumulate(walk.gauss(0, 1) for _ in range(days)):
        room.clock.move(hours=24)
        room.take(board, a=100 + place)
    return board


def suggested(room: Room, board: Dashboard, rule: Any, **more: Any) -> tuple[Suggested, ...]:
    request = SubscriptionRequest(subscriber_kind="persona", subscriber_id="alice", threshold=rule, **more)
    return tuple(preview(room.services, room.alice, dashboard_ref=board.id, request=request, period=Period()).limits)


def test_every_suggestion_gives_what_it_says(room: Room) -> None:
    """With the rule changed to it, and all else the same, whatever the baseline and the manners."""
    board = walked(room)
    rule = {"value_delta_abs": 1.5, "on_field": "score"}
    for more in ({}, {"baseline": "last_notified"}, {"calm": {"notify_on_resolve": True}}):
        (found,) = suggested(room, board, rule, **more)
        assert any(one.limit is not None for one in found.suggestions)
        for one in found.suggestions:
            if one.limit is not None:
                again = SubscriptionRequest(
                    subscriber_kind="persona",
                    subscriber_id="alice",
                    threshold={**rule, "value_delta_abs": one.limit},
                    **more,  # type: ignore[arg-type]  # because the members of a mapping share a type
                )
                tried = preview(room.services, room.alice, dashboard_ref=board.id, request=again, period=Period())
                assert len(tried.notices) == one.notices


def test_each_limit_of_a_rule_has_suggestions_of_its_own(room: Room) -> None:
    """By its path, the others as they are; of very large rules only the first few are looked at."""
    board = walked(room, days=20)
    moved = {"value_delta_abs": 1, "on_field": "score"}
    found = suggested(room, board, {"OR": [moved, {"top_n_reordering": 3}]})
    assert [(one.node.path, one.node.member) for one in found] == [
        ("$.OR[0]", "value_delta_abs"),
        ("$.OR[1]", "top_n_reordering.min_changes"),
    ]
    assert len(suggested(room, board, {"OR": [moved | {"min_abs": floor} for floor in range(1, 12)]})) == MOST_NODES


def test_what_was_not_searched_to_its_end_is_no_no() -> None:
    """`none` and `not looked for` are two answers."""
    node = LimitNode(path="$", member="set_added_min", limit=1, counts=True)
    left = Suggested(node=node, suggestions=(Suggestion(per_month=1, searched=False),)).as_dict()
    assert left["suggestions"] == [{"per_month": 1, "limit": None, "notices": None, "searched": False}]

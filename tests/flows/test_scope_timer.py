"""The timer of scopes: projects first, each slot once, and one that fails stands in nobody's way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stillframe.flows.scope_timer import autosnapshot_scopes
from stillframe.model.times import time_text
from tests.flows.room import Room
from tests.flows.scoped import score, settle_in


@pytest.fixture
def timed(room: Room) -> Room:
    """The room with a timer of 15 minutes."""
    room.services = replace(room.services, limits=replace(room.services.limits, scope_interval_minutes=15))
    return room


def passed(room: Room) -> list[tuple[str, str]]:
    return [(tick.dashboard_id, tick.outcome) for tick in autosnapshot_scopes(room.services, wait_for_sends=False)]


def test_off_unless_it_is_asked_for(room: Room) -> None:
    """No interval, no snapshot."""
    settle_in(room)
    assert passed(room) == []


def test_where_there_is_no_project_there_is_no_portfolio(timed: Room) -> None:
    """An empty house makes no evidence of itself; a group without projects has its empty picture."""
    assert passed(timed) == []
    timed.team("team-a")
    assert passed(timed) == [("group:team-a", "taken")]


def test_groups_and_the_portfolio_speak_of_the_projects_of_this_slot(timed: Room) -> None:
    """Projects first, then groups, then everybody's; people's own portfolios are theirs to take."""
    settle_in(timed)
    score(timed, "my-service", 80)
    ticks = autosnapshot_scopes(timed.services, wait_for_sends=False)
    kinds = [tick.dashboard_id.partition(":")[0] for tick in ticks]
    assert kinds == ["project"] * 3 + ["group"] * 2 + ["portfolio"]
    taken = {tick.dashboard_id: tick.taken.record for tick in ticks if tick.taken is not None}
    evidence = taken["group:team-a"].source_bundle
    assert [entry["snapshot_id"] for entry in evidence] == [taken["project:my-service"].id]
    assert {record.initiator for record in taken.values()} == {"scheduler"}
    assert {record.reason for record in taken.values()} == {f"slot {time_text(ticks[0].slot)}"}


def test_a_slot_is_taken_once_and_missed_ones_are_one(timed: Room) -> None:
    """However often it runs; what came by hand is no slot's."""
    settle_in(timed)
    assert len(passed(timed)) == 6
    score(timed, "my-service", 80)
    assert passed(timed) == []
    timed.clock.move(hours=5)
    assert len(passed(timed)) == 6
    assert passed(timed) == []


def test_a_new_scope_has_its_slot_at_once(timed: Room) -> None:
    """Without waiting for the next one, and the others are left alone."""
    settle_in(timed)
    passed(timed)
    timed.project("late")
    assert passed(timed) == [("project:late", "taken")]


def test_one_that_fails_stops_no_other_and_says_why(timed: Room) -> None:
    """A retention class that nobody configured fails everything alike; the pass ends and tells of each."""
    settle_in(timed)
    limits = replace(timed.services.limits, retention_days={"other": 1})
    timed.services = replace(timed.services, limits=limits)
    ticks = autosnapshot_scopes(timed.services, wait_for_sends=False)
    assert [tick.outcome for tick in ticks] == ["failed"] * 6
    assert all("standard" in str(tick.as_dict()["error"]) and tick.as_dict()["snapshot"] is None for tick in ticks)

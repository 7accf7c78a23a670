"""The evidence store: a scope is named whole, a list is of what one may see, and the policy says what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.errors import InvalidInput, NotFound
from stillframe.flows.evidence import (
    MOST_OFFSET,
    Wanted,
    create_snapshot,
    get_snapshot,
    list_snapshots,
    named_scope,
    snapshot_policy,
)
from stillframe.flows.storing import SnapshotRequest
from stillframe.model.identity import Caller
from stillframe.model.scope import Scope
from tests.flows.room import Room, someone
from tests.flows.scoped import SECRET, given, score, settle_in, shown, take


def refs(room: Room, who: Caller, **wanted: Any) -> list[str]:
    found = list_snapshots(room.services, who, wanted=Wanted(**wanted)).items
    return [item["scope_ref"] or item["dashboard_id"] for item in found]


def test_without_any_project_the_portfolio_is_of_none(room: Room) -> None:
    """An installation that begins has a picture of nothing, and no mean is made up for it."""
    made = create_snapshot(
        room.services, room.root, scope="portfolio", project_name=None, group_id=None, request=SnapshotRequest()
    )
    seen = get_snapshot(room.services, room.root, snapshot_id=made.record.id)
    assert (seen.record.scope_ref, shown(seen), seen.payload.summaries) == ("portfolio:all", [], {})
    assert made.record.capture_status == "good"


@pytest.mark.parametrize(
    ("named", "path"),
    [
        ({"scope": "planet"}, "$.scope"),
        ({"scope": "project"}, "$.project_name"),
        ({"scope": "project", "project_name": "a", "group_id": "b"}, "$.group_id"),
        ({"scope": "group"}, "$.group_id"),
        ({"scope": "group", "group_id": "b", "project_name": "a"}, "$.project_name"),
        ({"scope": "portfolio", "project_name": "a"}, "$.project_name"),
        ({"scope": "portfolio", "group_id": "b"}, "$.group_id"),
    ],
)
def test_a_scope_that_is_not_one_is_refused_where_it_stands(room: Room, named: dict[str, str], path: str) -> None:
    """The member at fault is named."""
    asked: dict[str, Any] = {"project_name": None, "group_id": None, **named}
    with pytest.raises(InvalidInput) as refused:
        named_scope(room.root, **asked)
    assert [fault.path for fault in refused.value.faults] == [path]


def test_a_portfolio_is_ones_own_and_an_administrators_is_everybodys(room: Room) -> None:
    """No body says whose."""
    for who, name in ((room.root, "all"), (room.bob, "bob")):
        assert named_scope(who, scope="portfolio", project_name=None, group_id=None) == Scope(
            kind="portfolio", name=name
        )


def test_only_a_project_brings_a_summary(room: Room) -> None:
    """What a group or a portfolio shows is computed, and nothing is stored of a try to say otherwise."""
    settle_in(room)
    for named in ({"scope": "group", "group_id": "team-a"}, {"scope": "portfolio"}):
        asked: dict[str, Any] = {"project_name": None, "group_id": None, **named}
        with pytest.raises(InvalidInput) as refused:
            create_snapshot(room.services, room.root, request=SnapshotRequest(), summary=given(1), **asked)
        assert [fault.path for fault in refused.value.faults] == ["$.summaries"]
    assert refs(room, room.root) == []


def test_a_list_is_of_what_one_may_see_and_newest_first(room: Room) -> None:
    """One's groups, their projects, one's own portfolio, and everybody's where one of its projects is one's own."""
    settle_in(room)
    score(room, "my-service", 90)
    score(room, SECRET, 10)
    take(room, "group", "team-a")
    take(room, "portfolio", "all")
    take(room, "portfolio", "bob", who=room.bob)
    mine = ["portfolio:bob", "portfolio:all", "group:team-a", "project:my-service"]
    assert refs(room, room.bob) == mine
    assert refs(room, room.alice) == mine[1:]
    assert refs(room, room.charlie) == ["portfolio:all", f"project:{SECRET}"]
    assert refs(room, someone(room.services, room.root, "eva")) == []
    assert refs(room, room.root) == [*mine[:3], f"project:{SECRET}", mine[3]]
    analyst = someone(room.services, room.root, "ana", "analyst")
    assert refs(room, analyst) == [*mine[1:3], f"project:{SECRET}", mine[3]]
    assert refs(room, room.bob, scope="portfolio") == mine[:2]


def test_the_portfolios_of_a_group_are_those_with_a_project_of_it(room: Room) -> None:
    """Asked for a group, one's own portfolio is there only while it has one of its projects."""
    settle_in(room)
    take(room, "portfolio", "bob", who=room.bob)
    take(room, "portfolio", "charlie", who=room.charlie)
    take(room, "portfolio", "all")
    assert refs(room, room.bob, scope="portfolio", group_id="team-a") == ["portfolio:all", "portfolio:bob"]
    assert refs(room, room.root, scope="portfolio", group_id="team-b") == ["portfolio:all", "portfolio:charlie"]
    assert refs(room, room.root, scope="portfolio", group_id="team-a") == ["portfolio:all", "portfolio:bob"]


def test_what_is_asked_for_and_hidden_is_absent(room: Room) -> None:
    """What is not one's own is not there, in the same words as what is nowhere."""
    settle_in(room)
    score(room, SECRET, 10)
    for hidden, absent in (
        ({"project_name": SECRET}, {"project_name": "no"}),
        ({"group_id": "team-b"}, {"group_id": "no"}),
        ({"dashboard_id": f"project:{SECRET}"}, {"dashboard_id": "no"}),
        ({"scope": "portfolio", "group_id": "team-b"}, {"scope": "portfolio", "group_id": "no"}),
    ):
        said = []
        for wanted in (hidden, absent):
            with pytest.raises(NotFound) as refused:
                refs(room, room.bob, **wanted)
            said.append(refused.value.message)
        assert said[0] == said[1]


def test_a_list_of_a_project_and_a_group_that_it_is_not_in_is_empty(room: Room) -> None:
    """Both are seen, and no snapshot is of both."""
    settle_in(room)
    score(room, "my-service", 90)
    assert refs(room, room.root, project_name="my-service", group_id="team-a") == ["project:my-service"]
    assert refs(room, room.root, project_name="my-service", group_id="team-b") == []


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"limit": 0}, "$.limit"),
        ({"offset": -1}, "$.offset"),
        ({"offset": MOST_OFFSET + 1}, "$.offset"),
        ({"cursor": "no cursor"}, "$.cursor"),
        ({"wanted": Wanted(scope="planet")}, "$.scope"),
        ({"wanted": Wanted(scope="group", project_name="my-service")}, "$.project_name"),
        ({"wanted": Wanted(scope="group", dashboard_id="x")}, "$.scope"),
        ({"wanted": Wanted(project_name="x", dashboard_id="x")}, "$.project_name"),
        ({"wanted": Wanted(group_id="x", dashboard_id="x")}, "$.group_id"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(room: Room, asked: dict[str, Any], path: str) -> None:
    """The member at fault is named."""
    with pytest.raises(InvalidInput) as refused:
        list_snapshots(room.services, room.root, **{"wanted": Wanted(), **asked})
    assert [fault.path for fault in refused.value.faults] == [path]


def test_a_page_says_how_long_it_may_be(room: Room) -> None:
    """More than the configuration allows is clamped to it, and the next page begins where this one ends."""
    settle_in(room)
    for health in range(5):
        score(room, "my-service", health)
    most = room.services.limits.list_limit
    whole = list_snapshots(room.services, room.bob, wanted=Wanted(), limit=most + 1)
    assert (whole.limit_applied, whole.next_cursor, whole.as_dict()["offset"]) == (most, None, 0)
    page = list_snapshots(room.services, room.bob, wanted=Wanted(), limit=2, offset=1)
    rest = list_snapshots(room.services, room.bob, wanted=Wanted(), limit=10, cursor=page.next_cursor)
    assert [item["sequence"] for item in (*page.items, *rest.items)] == [4, 3, 2, 1]


def test_the_policy_is_what_the_configuration_keeps(room: Room) -> None:
    """Nothing is ever deleted, and each class says for how many days its payloads stand."""
    policy = snapshot_policy(room.services)
    assert policy["immutable_governance_mode"] == "no_delete_policy"
    assert policy["retention"] == dict(room.services.limits.retention_days)

"""Who may do what, for every route there is, everybody of the cast, at every place, on both databases."""

from __future__ import annotations

import pytest
from fastapi.routing import iter_route_contexts

from stillframe.api.service import PUBLIC_PATHS
from stillframe.api.signed_links import ROUTE as LINKS
from tests.api.cast import House, sent
from tests.api.rows import ROWS, route_of
from tests.api.world import KNOWN, STRANGERS, Place, World, standing

CELLS = sorted((row, place) for row, found in ROWS.items() for place in found.places)


def routes(house: House) -> set[str]:
    return {
        f"{method} {route.path}" for route in iter_route_contexts(house.app.routes) for method in route.methods or ()
    }


def test_every_route_has_a_row_and_every_row_a_route(world: World) -> None:
    """A route that nobody thought about is a hole in the door."""
    assert routes(world.house) == set(map(route_of, ROWS))


@pytest.mark.parametrize(("row", "place"), CELLS)
def test_each_of_the_cast_gets_what_their_standing_and_scope_allow(world: World, row: str, place: Place) -> None:
    """The role decides, then the scope; what you may not see is not there."""
    found, method = ROWS[row], row.split(" ", 1)[0]
    answered, expected, said = {}, {}, {}
    for who in KNOWN:
        path, body = found.asks(world, world.things[place])
        answer = world.house.ask(world.token_of(who, place), method, path, **sent(body))
        stands = standing(who, place)
        answered[who], expected[who] = (stands, answer.status_code), (stands, found.expects(place, stands))
        said[who] = answer.text[:300]
    assert answered == expected, {who: said[who] for who in KNOWN if answered[who] != expected[who]}


@pytest.mark.parametrize("row", sorted(ROWS))
def test_a_token_that_is_worth_nothing_opens_nothing(world: World, row: str) -> None:
    """Absent, revoked, expired or somebody's who left: the same 401, and nothing of what was asked is done."""
    method, template = route_of(row).split(" ", 1)
    path, body = ROWS[row].asks(world, world.things[ROWS[row].places[0]])
    for who in STRANGERS:
        answer = world.house.ask(who, method, path, **sent(body))
        if template in (*PUBLIC_PATHS, LINKS):
            assert answer.status_code == 200
            assert "checks" not in answer.text or template != "/readyz"
            continue
        assert (who, answer.status_code) == (who, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("who", STRANGERS)
def test_who_asks_comes_before_what_is_wrong_with_the_question(world: World, who: str | None) -> None:
    """A stranger learns nothing about parameters, bodies or what exists."""
    ask, board = world.house.ask, world.things["alone"].board
    assert ask(who, "GET", f"{board}/diff?top_n=none").status_code == 401
    assert ask(who, "POST", f"{board}/snapshot", content=b"{").status_code == 401
    assert ask(who, "GET", "/api/dashboard/absent").status_code == 401


def test_lists_hold_only_what_is_yours(world: World) -> None:
    """Charlie lists what is team-b's, Bob what is team-a's, an analyst both, and only admins what is Alice's own."""
    boards = {"alone-board", "team-board", "other-board"}
    for who, seen in {
        "alice": {"alone-board"},
        "bob": {"team-board"},
        "charlie": {"other-board"},
        "ana": {"team-board", "other-board"},
        "admin": boards,
    }.items():
        slugs = {one["slug"] for one in world.house.ask(who, "GET", "/api/dashboards").json()["items"]}
        assert (who, slugs & boards) == (who, seen)
    for who, projects, groups in (
        ("alice", set(), set()),
        ("bob", {"team/service"}, {"team-a"}),
        ("charlie", {"other/service"}, {"team-b"}),
        ("rex", {"team/service", "other/service"}, {"team-a", "team-b"}),
    ):
        listed = world.house.ask(who, "GET", "/api/projects").json()["items"]
        assert {one["name"] for one in listed} & {"team/service", "other/service"} == projects
        listed = world.house.ask(who, "GET", "/api/groups").json()["items"]
        assert {one["id"] for one in listed} & {"team-a", "team-b"} == groups
    tokens = world.house.ask("charlie", "GET", "/api/tokens").json()["items"]
    me = world.house.ask("charlie", "GET", "/api/me").json()
    assert {one["user_id"] for one in tokens} == {me["user_id"]}
    assert me["groups"] == {"team-b": "admin"}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_method_changes_or_removes_a_snapshot(world: World, method: str) -> None:
    """Evidence is frozen: 405 even for the admin, and the methods that there are."""
    here = world.things["team"]
    for path, allowed in (
        (f"/api/snapshot/{here.snapshot}", "GET"),
        (f"{here.board}/snapshots", "GET"),
        (f"/api/v2/dashboard/snapshots/{here.pair[0]}", "GET"),
        ("/api/v2/dashboard/snapshots", "POST"),
    ):
        answer = world.house.ask("admin", method, path, json={})
        assert answer.status_code == 405
        assert answer.headers["Allow"] == allowed
        assert answer.json()["error_code"] == "method_not_allowed"


def test_a_token_cannot_make_one_with_wider_scopes(world: World) -> None:
    """A stolen narrow token stays narrow."""
    assert world.house.ask("alice-capture", "POST", "/api/tokens", json={"scopes": ["manage"]}).status_code == 403
    assert world.house.ask("alice", "POST", "/api/tokens", json={"name": "bob"}).status_code == 403
    assert world.house.ask("alice", "POST", "/api/tokens", json={"role": "admin"}).status_code == 403

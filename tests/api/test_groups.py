"""Groups over HTTP: made by an admin, kept by their own admins, and a role holds from the next request on."""

from __future__ import annotations

import pytest

from stillframe.api.groups import door
from tests.api.cast import PUSHED_SPEC, House


def join(house: House, who: str, name: str, role: str, *, group: str = "team-a") -> int:
    status: int = house.ask(who, "PUT", f"/api/groups/{group}/members/{name}", json={"role": role}).status_code
    return status


def test_a_groups_life(house: House) -> None:
    """Made, named, joined, left: each step holds from the next request on."""
    made = house.made("admin", "/api/groups", {"id": "team-a", "name": "Team A"})
    assert (made["id"], made["name"]) == ("team-a", "Team A")
    assert join(house, "admin", "alice", "admin") == 200
    assert join(house, "alice", "bob", "editor") == 200
    spec = {**PUSHED_SPEC, "scope": {"group": "team-a"}}
    board = house.made("bob", "/api/dashboards", {"view_spec_json": spec})
    assert board["scope"] == {"group": "team-a"}
    assert join(house, "alice", "bob", "viewer") == 200
    assert house.ask("bob", "GET", "/api/dashboard/pushed").status_code == 200
    assert house.ask("bob", "PUT", "/api/dashboard/pushed", json={"view_spec_json": spec}).status_code == 403
    members = house.ask("bob", "GET", "/api/groups/team-a").json()["members"]
    assert [(member["user"], member["role"]) for member in members] == [("alice", "admin"), ("bob", "viewer")]
    assert house.ask("alice", "DELETE", "/api/groups/team-a/members/bob").status_code == 204
    assert house.ask("bob", "GET", "/api/dashboard/pushed").status_code == 404
    assert house.ask("bob", "GET", "/api/groups").json()["items"] == []
    assert len(door.router.routes) == 6


@pytest.mark.parametrize(
    ("body", "path", "says"),
    [
        ({"id": "Team A"}, "$.id", "a-z"),
        ({"id": "a", "name": ""}, "$.name", "1 to 200"),
        ({"id": "a", "nam": "A"}, "$.nam", "did you mean 'name'?"),
        ({}, "$.id", "required"),
    ],
)
def test_what_is_no_group_is_refused_where_it_is_wrong(
    house: House, body: dict[str, str], path: str, says: str
) -> None:
    """A path, and what is allowed there; nothing was made."""
    answer = house.ask("admin", "POST", "/api/groups", json=body)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["path"] == path
    assert says in fault["message"]
    assert house.ask("admin", "GET", "/api/groups").json()["items"] == []


def test_who_is_unknown_and_which_role_is_unknown(house: House) -> None:
    """404 for somebody who is not there, 422 with the roles that there are, 409 for an id that is taken."""
    house.made("admin", "/api/groups", {"id": "team-a"})
    assert join(house, "admin", "nobody", "viewer") == 404
    refused = house.ask("admin", "PUT", "/api/groups/team-a/members/bob", json={"role": "owner"})
    assert refused.status_code == 422
    assert "viewer, editor, admin" in refused.json()["errors"][0]["message"]
    assert house.ask("admin", "DELETE", "/api/groups/team-a/members/bob").status_code == 404
    assert house.ask("admin", "POST", "/api/groups", json={"id": "team-a"}).status_code == 409


def test_a_list_is_walked_by_its_cursor(house: House) -> None:
    """By id."""
    for name in "bca":
        house.made("admin", "/api/groups", {"id": name})
    first = house.ask("admin", "GET", "/api/groups?limit=2").json()
    rest = house.ask("admin", "GET", f"/api/groups?limit=2&cursor={first['next_cursor']}").json()
    assert [one["id"] for one in [*first["items"], *rest["items"]]] == ["a", "b", "c"]
    assert rest["next_cursor"] is None

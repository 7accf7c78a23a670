"""Projects over HTTP: any name that a build has, in one group, moved with their history."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from stillframe.api.projects import door
from tests.api.cast import House

NAMES = ("policy", "compare", "a/b", "a/b/trends", "snapshots", "v1.0 beta", "Überprüfung", "x~y+z@w")


@pytest.fixture
def team(house: House) -> House:
    """A house with team-a, whose editor is Bob and whose admin is Alice, and team-b."""
    for group in ("team-a", "team-b"):
        house.made("admin", "/api/groups", {"id": group})
    for name, role in (("alice", "admin"), ("bob", "editor")):
        house.ask("admin", "PUT", f"/api/groups/team-a/members/{name}", json={"role": role})
    return house


@pytest.mark.parametrize("name", NAMES)
def test_a_project_is_found_by_whatever_name_it_has(team: House, name: str) -> None:
    """Also a word that is part of other paths, and one with slashes, written plain or encoded."""
    made = team.made("bob", "/api/projects", {"name": name, "group_id": "team-a"})
    assert (made["name"], made["title"], made["scope_ref"]) == (name, name, f"project:{name}")
    for path in (quote(name), quote(name, safe="")):
        assert team.ask("bob", "GET", f"/api/projects/{path}").json() == made
    assert len(door.router.routes) == 4


def test_a_project_is_moved_and_nobody_who_stays_behind_sees_it(team: House) -> None:
    """An admin of the old group who is an editor of the new one moves it; a group that is not theirs is absent."""
    team.made("bob", "/api/projects", {"name": "svc", "group_id": "team-a", "title": "Service"})
    for group in ("team-b", "absent"):
        assert team.ask("alice", "PATCH", "/api/projects/svc", json={"group_id": group}).status_code == 404
    team.ask("admin", "PUT", "/api/groups/team-b/members/alice", json={"role": "editor"})
    assert team.ask("bob", "PATCH", "/api/projects/svc", json={"title": "Mine"}).status_code == 403
    moved = team.ask("alice", "PATCH", "/api/projects/svc", json={"group_id": "team-b"}).json()
    assert (moved["group_id"], moved["title"]) == ("team-b", "Service")
    assert team.ask("bob", "GET", "/api/projects/svc").status_code == 404
    assert team.ask("bob", "GET", "/api/projects").json()["items"] == []
    assert team.ask("bob", "GET", "/api/projects?group_id=team-b").status_code == 404
    listed = team.ask("alice", "GET", "/api/projects?group_id=team-b").json()["items"]
    assert [one["name"] for one in listed] == ["svc"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"name": "a//b", "group_id": "team-a"}, "$.name"),
        ({"name": "", "group_id": "team-a"}, "$.name"),
        ({"name": "a"}, "$.group_id"),
        ({"name": "a", "group_id": "team-a", "title": "\x1b"}, "$.title"),
        ({"name": "a", "group_id": "team-a", "owner": "me"}, "$.owner"),
    ],
)
def test_what_is_no_project_is_refused_where_it_is_wrong(team: House, body: dict[str, str], path: str) -> None:
    """A path for each fault; nothing was made."""
    answer = team.ask("bob", "POST", "/api/projects", json=body)
    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["errors"]] == [path]
    assert team.ask("bob", "GET", "/api/projects").json()["items"] == []


@pytest.mark.parametrize("body", [{}, {"title": None}, {"group_id": None}, {"name": "b"}])
def test_a_change_changes_something(team: House, body: dict[str, str]) -> None:
    """Neither nothing nor null; and a name is for ever."""
    team.made("bob", "/api/projects", {"name": "svc", "group_id": "team-a"})
    assert team.ask("alice", "PATCH", "/api/projects/svc", json=body).status_code == 422


@pytest.mark.parametrize("limit", ["0", "-1", "1000000", "many"])
def test_a_limit_is_within_its_bounds(team: House, limit: str) -> None:
    """Said, and not guessed."""
    assert team.ask("bob", "GET", f"/api/projects?limit={limit}").status_code == 422


def test_a_taken_name_is_a_conflict(team: House) -> None:
    """Also when it is a name of a group that one does not see: names are one list."""
    team.made("admin", "/api/projects", {"name": "svc", "group_id": "team-b"})
    assert team.ask("bob", "POST", "/api/projects", json={"name": "svc", "group_id": "team-a"}).status_code == 409

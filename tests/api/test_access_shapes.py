"""Answers about people and what they may see are what their documentation says, member by member."""

from __future__ import annotations

from stillframe.api.access_shapes import NewTokenShape, TokenShape
from tests.api.cast import House
from tests.api.test_shapes import check


def test_what_is_answered_about_groups_and_projects_is_what_is_documented(house: House) -> None:
    """A story through the answers; members beside the documented ones, or missing, fail."""
    ask, group, member = house.ask, "/api/groups/{group_id}", "/api/groups/{group_id}/members/{user_name}"
    check(house, ask("admin", "POST", "/api/groups", json={"id": "team-a"}), ("post", "/api/groups"))
    joined = ask("admin", "PUT", "/api/groups/team-a/members/bob", json={"role": "editor"})
    check(house, joined, ("put", member))
    check(house, ask("bob", "GET", "/api/groups"), ("get", "/api/groups"))
    check(house, ask("bob", "GET", "/api/groups/team-a"), ("get", group))
    check(house, ask("admin", "PATCH", "/api/groups/team-a", json={"name": "A"}), ("patch", group))
    body = {"name": "a/b", "group_id": "team-a"}
    check(house, ask("bob", "POST", "/api/projects", json=body), ("post", "/api/projects"))
    check(house, ask("bob", "GET", "/api/projects"), ("get", "/api/projects"))
    check(house, ask("bob", "GET", "/api/projects/a/b"), ("get", "/api/projects/{name}"))
    changed = ask("admin", "PATCH", "/api/projects/a/b", json={"title": "A"})
    check(house, changed, ("patch", "/api/projects/{name}"))
    check(house, ask("bob", "GET", "/api/me"), ("get", "/api/me"))
    house.ask("bob", "GET", "/api/audit")
    lines = check(house, ask("admin", "GET", "/api/audit"), ("get", "/api/audit"))["items"]
    assert {line["outcome"] for line in lines} == {"done", "refused"}


def test_only_a_token_just_made_has_its_text() -> None:
    """What is known of a token afterwards has no member for it."""
    assert set(NewTokenShape.model_fields) - set(TokenShape.model_fields) == {"token", "user", "role"}

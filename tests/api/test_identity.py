"""Users, personas and tokens over HTTP: a token is shown once and dies when it is told to."""

from __future__ import annotations

from stillframe.api.identity import door
from tests.api.cast import House


def test_a_token_is_shown_once_works_and_dies_when_revoked(house: House) -> None:
    """From the answer to DELETE on, it opens nothing."""
    made = house.made("alice", "/api/tokens", {"label": "ci", "scopes": ["read"], "expires_in_days": 1})
    house.tokens["ci"] = made["token"]
    assert house.ask("ci", "GET", "/api/me").json()["scopes"] == ["read"]
    assert made["token"] not in house.ask("alice", "GET", "/api/tokens").text
    assert house.ask("alice", "DELETE", f"/api/tokens/{made['id']}").status_code == 204
    assert house.ask("ci", "GET", "/api/me").status_code == 401


def test_an_admin_makes_a_user_changes_the_role_and_ends_the_access(house: House) -> None:
    """Each change holds from the next request on."""
    house.tokens["dora"] = house.made("admin", "/api/tokens", {"name": "dora", "role": "viewer"})["token"]
    assert house.ask("dora", "GET", "/api/users").status_code == 403
    assert house.ask("admin", "PATCH", "/api/users/dora", json={"role": "admin"}).json()["role"] == "admin"
    assert house.ask("dora", "GET", "/api/users").status_code == 200
    assert house.ask("admin", "PATCH", "/api/users/dora", json={"disabled": True}).json()["disabled_at"]
    assert house.ask("dora", "GET", "/api/me").status_code == 401
    assert house.ask("admin", "PATCH", "/api/users/nobody", json={"role": "admin"}).status_code == 404


def test_a_persona_is_made_for_oneself_and_by_an_admin_for_others(house: House) -> None:
    """A slug that a mention could not name, or that is taken, is refused."""
    mine = house.made("alice", "/api/personas", {"slug": "desk"})
    assert mine["owner_id"] == house.ask("alice", "GET", "/api/me").json()["user_id"]
    assert house.ask("alice", "POST", "/api/personas", json={"slug": "desk"}).status_code == 409
    assert house.ask("alice", "POST", "/api/personas", json={"slug": "Not A Slug"}).status_code == 422
    assert house.ask("alice", "POST", "/api/personas", json={"slug": "b", "owner_name": "bob"}).status_code == 403
    bobs = house.made("admin", "/api/personas", {"slug": "bobs", "owner_name": "bob"})
    assert [one["id"] for one in house.ask("bob", "GET", "/api/personas").json()["items"]] == [bobs["id"]]
    assert len(door.router.routes) == 8

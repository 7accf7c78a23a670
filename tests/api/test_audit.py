"""The audit log over HTTP: admins read it by actor, object and time; a line bears the id of its request."""

from __future__ import annotations

import pytest

from stillframe.api.audit import door
from tests.api.cast import House


def test_a_change_is_in_the_log_under_the_id_of_its_request(house: House) -> None:
    """The same id as in the answer and in the access log."""
    answer = house.ask("admin", "POST", "/api/groups", json={"id": "team-a"})
    (line,) = house.ask("admin", "GET", "/api/audit?object=group:team-a").json()["items"]
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["actor"], line["action"], line["outcome"]) == ("root", "group.create", "done")
    assert len(door.router.routes) == 1


def test_the_log_is_asked_by_actor_and_time_and_walked_by_its_cursor(house: House) -> None:
    """Newest first."""
    for slug in ("a", "b", "c"):
        house.made("alice", "/api/personas", {"slug": slug})
    house.made("bob", "/api/personas", {"slug": "d"})
    first = house.ask("admin", "GET", "/api/audit?actor=alice&limit=2").json()
    rest = house.ask("admin", "GET", f"/api/audit?actor=alice&limit=2&cursor={first['next_cursor']}").json()
    lines = [*first["items"], *rest["items"]]
    assert [line["object"] for line in lines][:3] == ["persona:c", "persona:b", "persona:a"]
    since = lines[1]["at"]
    found = house.ask("admin", "GET", "/api/audit", params={"actor": "alice", "from": since}).json()["items"]
    assert [line["object"] for line in found][:2] == ["persona:c", "persona:b"]
    assert house.ask("admin", "GET", "/api/audit?from=2100-01-01T00:00:00Z").json()["items"] == []


@pytest.mark.parametrize("query", ["from=yesterday", "limit=0", "limit=1000000", "cursor=nothing"])
def test_what_is_no_question_is_refused(house: House, query: str) -> None:
    """A problem document that says where."""
    answer = house.ask("admin", "GET", f"/api/audit?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == f"$.{query.partition('=')[0]}"


def test_only_admins_read_the_log_and_that_they_may_not_is_in_it(house: House) -> None:
    """Who looks where they may not is seen by those who may."""
    assert house.ask("charlie", "GET", "/api/audit").status_code == 403
    (line,) = house.ask("admin", "GET", "/api/audit?actor=charlie").json()["items"]
    assert (line["action"], line["object"], line["outcome"]) == ("GET /api/audit", "/api/audit", "refused")
    assert line["detail"]["error_code"] == "forbidden"

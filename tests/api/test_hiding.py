"""What you may not see is not there: the same answer as for what does not exist, to the byte; and nobody is more."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from stillframe.api.signed_links import ROUTE as LINKS
from tests.api.cast import COVERED_PROFILE, Form, coverage, sent
from tests.api.rows import ROWS, route_of
from tests.api.world import Place, Things, World, suppression_of, unique

PARAMETER = re.compile(r"\{(\w+)(?::path)?\}")
ABSENT = "00000000-0000-7000-8000-000000000000"
HIDDEN = sorted((row, one.places[-1]) for row, one in ROWS.items() if PARAMETER.search(row) and LINKS not in row)
"""
Each row with an object in its path, asked by Bob where he is a stranger: at the last of its places.

A signed link is for whoever holds it.
"""
NESTED = sorted(row for row, found in ROWS.items() if "{subscription_id}" in row)


def objects_in(template: str, path: str) -> dict[str, str]:
    """What a path names, by the parameters of its route."""
    pattern = PARAMETER.sub(lambda found: f"(?P<{found[1]}>{'.+' if ':path' in found[0] else '[^/?]+'})", template)
    match = re.match(rf"{pattern}(\?|$)", path)
    assert match, (template, path)
    return match.groupdict()


def answered(
    world: World, who: str, row: str, path: str, body: Mapping[str, Any] | Form | None
) -> tuple[int, Any, list[str]]:
    """What somebody is told: everything but the id of the request itself."""
    answer = world.house.ask(who, row.split(" ", 1)[0], path, **sent(body))
    headers = sorted(f"{name}: {value}" for name, value in answer.headers.items() if name != "x-request-id")
    return answer.status_code, {**answer.json(), "request_id": ""}, headers


@pytest.mark.parametrize(("row", "place"), HIDDEN)
def test_an_object_that_bob_may_not_see_looks_like_an_absent_one(world: World, row: str, place: Place) -> None:
    """By every route that has an object in its path."""
    path, body = ROWS[row].asks(world, world.things[place])
    template = route_of(row).split(" ", 1)[1]
    name, value = next(iter(objects_in(template, path).items()))
    there = answered(world, "bob", row, path, body)
    absent = answered(world, "bob", row, path.replace(value, ABSENT, 1), body)
    assert there == absent, name
    assert there[0] in ((403,) if "/users/" in row else (404,))


@pytest.mark.parametrize("row", NESTED)
def test_a_subscription_that_bob_may_not_see_looks_like_an_absent_one(world: World, row: str) -> None:
    """He sees the dashboard, and not what others are told of it."""
    path, body = ROWS[row].asks(world, world.things["team"])
    value = objects_in(route_of(row).split(" ", 1)[1], path)["subscription_id"]
    there = answered(world, "bob", row, path, body)
    assert there == answered(world, "bob", row, path.replace(value, ABSENT), body)
    assert there[0] == 404


NAMED: Mapping[str, Callable[[Things, Things | None], tuple[str, str, Any]]] = {
    "a view spec's group": lambda here, there: (
        "POST",
        "/api/dashboards",
        {"view_spec_json": _scoped(here, {"group": there.group if there else "absent"})},
    ),
    "a view spec's project": lambda here, there: (
        "POST",
        "/api/dashboards/apply",
        {"view_spec_json": _scoped(here, {"project": there.project if there else "absent"}), "dry_run": True},
    ),
    "a new project's group": lambda _, there: (
        "POST",
        "/api/projects",
        {"name": unique("mine"), "group_id": there.group if there else "absent"},
    ),
    "a moved project's group": lambda here, there: (
        "PATCH",
        f"/api/projects/{here.project}",
        {"group_id": there.group if there else "absent"},
    ),
    "a list's group": lambda _, there: ("GET", f"/api/projects?group_id={there.group if there else 'absent'}", None),
    "a snapshot's project": lambda _, there: (
        "POST",
        "/api/v2/dashboard/snapshots",
        {"scope": "project", "project_name": there.project if there else "absent"},
    ),
    "a snapshot's group": lambda _, there: (
        "POST",
        "/api/v2/dashboard/snapshots",
        {"scope": "group", "group_id": there.group if there else "absent"},
    ),
    "a compared snapshot": lambda here, there: (
        "POST",
        "/api/v2/dashboard/snapshots/compare",
        {"from_snapshot_id": here.pair[0], "to_snapshot_id": there.pair[1] if there else ABSENT},
    ),
    "a compared project": lambda _, there: (
        "POST",
        "/api/v2/dashboard/snapshots/compare",
        {
            "project_name": there.project if there else "absent",
            "from_timestamp": "2000-01-01T00:00:00Z",
            "to_timestamp": "2000-01-01T00:00:00Z",
        },
    ),
    "an export's baseline": lambda here, there: (
        "POST",
        f"/api/v2/dashboard/snapshots/{here.pair[1]}/export",
        {"format": "json", "baseline_snapshot_id": there.pair[0] if there else ABSENT},
    ),
    "a list's project": lambda _, there: (
        "GET",
        f"/api/v2/dashboard/snapshots?project_name={there.project if there else 'absent'}",
        None,
    ),
    "a list of a group": lambda _, there: (
        "GET",
        f"/api/v2/dashboard/snapshots?group_id={there.group if there else 'absent'}",
        None,
    ),
    "a list of a dashboard": lambda _, there: (
        "GET",
        f"/api/v2/dashboard/snapshots?dashboard_id={there.place if there else 'absent'}-board",
        None,
    ),
    "a diff's end": lambda here, there: (
        "GET",
        f"{here.board}/diff?from={there.snapshot if there else ABSENT}&to={here.snapshot}",
        None,
    ),
    "a release check's project": lambda _, there: (
        "POST",
        "/api/v1/release/check",
        Form(
            request={"project_name": there.project if there else "absent", "profile": COVERED_PROFILE},
            reports={"coverage.json": coverage()},
        ),
    ),
    "a history's project": lambda _, there: (
        "GET",
        f"/api/v1/release/history?project_name={there.project if there else 'absent'}",
        None,
    ),
    "a suppression's project": lambda _, there: (
        "POST",
        "/api/v1/release/suppressions",
        suppression_of(there.project if there else "absent"),
    ),
    "suppressions of a project": lambda _, there: (
        "GET",
        f"/api/v1/release/suppressions?project_name={there.project if there else 'absent'}",
        None,
    ),
    "an inbox": lambda _, there: ("GET", f"/api/notifications?persona={there.maker if there else 'absent'}-desk", None),
}


def _scoped(here: Things, scope: dict[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = here.spec(unique("scoped"))["view_spec_json"]
    return {**document, "slug": "scoped", "scope": scope}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_what_a_body_or_a_query_names_looks_absent_too(world: World, name: str) -> None:
    """As one of team-a's admins: what is team-b's cannot be told from what nobody has."""
    here = world.things["team"]
    told = []
    for there in (world.things["other"], None):
        method, path, body = NAMED[name](here, there)
        told.append(answered(world, "kim", method, path, body))
    assert told[0] == told[1]
    assert told[0][0] == 404


WIDENED: tuple[dict[str, str], ...] = (
    {"X-Role": "admin", "X-User": "admin", "X-Forwarded-User": "admin", "X-Remote-User": "admin"},
    {"X-Groups": "team-a, team-b", "X-Scopes": "manage", "Forwarded": "for=127.0.0.1", "X-Forwarded-For": "127.0.0.1"},
    {"Cookie": "user=admin; role=admin; session=admin", "X-Original-Method": "GET", "X-HTTP-Method-Override": "GET"},
)
QUERY = "role=admin&user=admin&user_id=admin&group_id=team-a&groups=team-a&scopes=manage&token=admin&as=admin"


@pytest.mark.parametrize("headers", WIDENED)
def test_no_header_and_no_query_makes_anybody_more(world: World, headers: dict[str, str]) -> None:
    """The credential says all: what Charlie may not, he may not with any of these beside it."""
    here, ask = world.things["team"], world.house.ask
    for path, status in (
        (here.board, 404),
        (f"/api/projects/{here.project}", 404),
        ("/api/groups/team-a", 404),
        (f"/api/snapshot/{here.snapshot}", 404),
        ("/api/audit", 403),
        ("/api/users", 403),
    ):
        assert ask("charlie", "GET", f"{path}?{QUERY}", headers=headers).status_code == status
    assert ask("kim-read", "POST", f"{here.board}/snapshot?{QUERY}", headers=headers, json={}).status_code == 403
    me = ask("charlie", "GET", f"/api/me?{QUERY}", headers=headers).json()
    assert (me["name"], me["role"], me["groups"]) == ("charlie", "viewer", {"team-b": "admin"})
    assert ask(None, "GET", f"/api/me?{QUERY}", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("path", "member"),
    [
        ("{board}/snapshot", "initiator"),
        ("{board}/snapshot", "caller"),
        ("/api/v2/dashboard/snapshots", "initiator"),
        ("/api/v2/dashboard/snapshots", "role"),
        ("{board}/subscriptions", "owner_id"),
        ("/api/personas", "owner_id"),
        ("/api/tokens", "user_id"),
        ("/api/projects", "created_by"),
        ("/api/dashboards", "owner_id"),
    ],
)
def test_no_body_says_who_asks(world: World, path: str, member: str) -> None:
    """A member that would is unknown: 422, and nothing is made."""
    body: dict[str, Any] = {
        "/api/v2/dashboard/snapshots": {"scope": "project", "project_name": world.things["team"].project},
        "/api/projects": {"name": unique("forged"), "group_id": "team-a"},
        "/api/dashboards": world.things["team"].spec(unique("forged")),
        "/api/personas": {"slug": unique("forged")},
    }.get(path, {})
    where = path.format(board=world.things["team"].board)
    answer = world.house.ask("erin", "POST", where, json={**body, member: "admin"})
    assert answer.status_code == 422, answer.text
    assert f"$.{member}" in [fault["path"] for fault in answer.json()["errors"]]


def test_the_record_says_whom_the_credential_proved(world: World) -> None:
    """Not what anybody wrote."""
    here = world.things["team"]
    taken = world.house.made("erin", f"{here.board}/snapshot", {"reason": "initiator: admin", **_data()})
    assert taken["initiator"] == "erin"
    body = {"scope": "project", "project_name": here.project, "reason": "as admin"}
    assert world.house.made("kim-capture", "/api/v2/dashboard/snapshots", body)["initiator"] == "kim"


def _data() -> dict[str, Any]:
    return {"data": {"board": [], "papers": 1}}

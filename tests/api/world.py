"""The world of the matrix: one house on one database, three places in it, and everybody who may or may not see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from stillframe.flows.identity import disable_user, local_caller, revoke_token
from stillframe.model.times import time_text
from tests.api.cast import COVERED_PROFILE, PUSHED_SPEC, RULE, Form, House, coverage, open_house, push, swapped

Place: TypeAlias = Literal["alone", "team", "other"]
"""`alone`: Alice's own, of no group. `team`: of team-a. `other`: of team-b, of the cast only Charlie's."""
Standing: TypeAlias = Literal[
    "owner", "keeper", "editor", "viewer", "analyst", "reviewer", "stranger", "admin", "read", "capture"
]
"""`owner` and `editor` made what is there. `read`, `capture`: a narrow token of the owner, or of the keeper."""

KNOWN = ("alice", "bob", "erin", "kim", "ana", "rex", "charlie", "admin", "read", "capture")
STRANGERS = (None, "revoked", "expired", "disabled")
"""No token, or one that is worth nothing any more."""
TEAM_ROLES: Mapping[str, Standing] = MappingProxyType(
    {"bob": "viewer", "erin": "editor", "kim": "keeper", "read": "read", "capture": "capture"}
)
GROUPS: Mapping[Place, str] = MappingProxyType({"team": "team-a", "other": "team-b"})
MAKERS: Mapping[Place, str] = MappingProxyType({"alone": "alice", "team": "erin", "other": "olga"})
_numbers = count(1)


def unique(prefix: str) -> str:
    return f"{prefix}-{next(_numbers)}"


def standing(who: str, place: Place) -> Standing:
    """How somebody stands to what is at a place."""
    if who == "admin":
        return "admin"
    if place == "alone":
        return {"alice": "owner", "read": "read", "capture": "capture"}.get(who, "stranger")  # type: ignore[return-value]  # because the words are standings
    if who in ("ana", "rex"):
        return "analyst" if who == "ana" else "reviewer"
    if place == "team":
        return TEAM_ROLES.get(who, "stranger")
    return "keeper" if who == "charlie" else "stranger"


@dataclass(frozen=True, kw_only=True)
class Things:
    """
    What there is at a place, each by its path, id or name.

    Shape   `subscription`: the maker's, with a delivery. `project`, `pair`: of a group's place only; `pair` are two
            snapshots of the project's health, or of the board. `decision`: what a gate decided of the project.
    """

    place: Place
    maker: str
    board: str
    snapshot: str
    subscription: str
    project: str
    pair: tuple[str, str]
    decision: str

    @property
    def comments(self) -> str:
        return f"/api/artifacts/{self.board.rsplit('/', 1)[1]}/comments"

    @property
    def group(self) -> str:
        return GROUPS[self.place]

    def spec(self, slug: str) -> dict[str, Any]:
        """A view spec of this place."""
        scope = {} if self.place == "alone" else {"scope": {"group": self.group}}
        return {"view_spec_json": {**PUSHED_SPEC, **scope, "slug": slug, "title": slug}}


@dataclass(frozen=True, kw_only=True)
class World:
    """The house, and what there is at each place."""

    house: House
    things: Mapping[Place, Things]

    def token_of(self, who: str, place: Place) -> str:
        """Whose token somebody carries here: the narrow ones are the owner's or the keeper's."""
        return f"{'alice' if place == 'alone' else 'kim'}-{who}" if who in ("read", "capture") else who


@contextmanager
def open_world(folder: Path, database: str | None) -> Iterator[World]:
    """Open a furnished house over SQLite, or over the PostgreSQL database at a URL."""
    settings = "" if database is None else f'[database]\nurl = "{database}"\n'
    with open_house(folder, settings=settings) as house:
        people(house)
        with house.services.store.write() as unit:
            unit.workers.beat("a-worker", kind="worker", now=house.services.clock() + timedelta(days=1))
        yield World(house=house, things={place: furnished(house, place) for place in ("alone", "team", "other")})


def people(house: House) -> None:
    """Hire the cast, make the groups, and end the access of those who have none."""
    for name, role in {
        "erin": "viewer",
        "kim": "viewer",
        "olga": "viewer",
        "ana": "analyst",
        "rex": "reviewer",
    }.items():
        house.hire(name, role=role)
    for name in ("alice", "kim"):
        for scope in ("read", "capture"):
            house.hire(name, who=f"{name}-{scope}", scopes=[scope])
    house.hire("kim", who="expired", days=1e-9)
    house.hire("kim", who="revoked")
    house.hire("dismissed", who="disabled")
    admin = local_caller(house.services, "tests")
    revoke_token(house.services, admin, house.ask("revoked", "GET", "/api/me").json()["token_id"])
    disable_user(house.services, admin, user_name="dismissed")
    roles = {
        "team-a": {"bob": "viewer", "erin": "editor", "kim": "admin", "dismissed": "admin"},
        "team-b": {"olga": "editor", "charlie": "admin"},
    }
    for group, members in roles.items():
        house.made("admin", "/api/groups", {"id": group})
        for name, role in members.items():
            answer = house.ask("admin", "PUT", f"/api/groups/{group}/members/{name}", json={"role": role})
            assert answer.status_code == 200, answer.text


def furnished(house: House, place: Place) -> Things:
    """Make one of everything at a place, as its maker."""
    maker = MAKERS[place]
    scope = {} if place == "alone" else {"scope": {"group": GROUPS[place]}}
    spec = {**PUSHED_SPEC, **scope, "slug": f"{place}-board"}
    board = f"/api/dashboard/{house.made(maker, '/api/dashboards', {'view_spec_json': spec})['id']}"
    house.made(maker, "/api/personas", {"slug": f"{maker}-desk"})
    body = {"subscriber_kind": "persona", "subscriber_id": f"{maker}-desk", "threshold_json": RULE}
    subscription = house.made(maker, f"{board}/subscriptions", body)["id"]
    first = house.made(maker, f"{board}/snapshot", push())["id"]
    second = house.made(maker, f"{board}/snapshot", push(swapped()))
    assert second["dispatch"]["delivered"] == 1
    project, pair = ("", (first, second["id"])) if place == "alone" else project_at(house, place)
    decision = "" if place == "alone" else house.made(maker, "/api/v1/release/check", candidate_of(project))["id"]
    return Things(
        place=place,
        maker=maker,
        board=board,
        snapshot=second["id"],
        subscription=subscription,
        project=project,
        pair=pair,
        decision=decision,
    )


def project_at(house: House, place: Place) -> tuple[str, tuple[str, str]]:
    """Make a project with two snapshots of its health."""
    maker, name = MAKERS[place], f"{place}/service"
    house.made(maker, "/api/projects", {"name": name, "group_id": GROUPS[place]})
    taken = [
        house.made(maker, "/api/v2/dashboard/snapshots", project_snapshot(name, score))["id"] for score in (70, 80)
    ]
    return name, (taken[0], taken[1])


def project_snapshot(name: str, score: float) -> dict[str, Any]:
    """The body of a project's snapshot with a summary."""
    summary = {"schema": "stillframe.summary/1", "summaries": {"health": {"score": score}}}
    return {"scope": "project", "project_name": name, "summaries": summary}


def candidate_of(project: str) -> Form:
    """A candidate that passes its gate."""
    request = {"project_name": project, "profile": COVERED_PROFILE}
    return Form(request=request, reports={"coverage.json": coverage()})


def suppression_of(project: str) -> dict[str, Any]:
    """The body of a suppression of a finding that nothing else is about, until tomorrow."""
    tomorrow = time_text(datetime.now(UTC) + timedelta(days=1))
    return {"project_name": project, "finding_id": unique("finding"), "reason": "Accepted.", "expires_at": tomorrow}

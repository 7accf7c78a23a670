"""The rows of the matrix: for each route how it is asked at a place, and what each standing is answered there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

from stillframe.api.evidence import ALIAS, PREFIX
from stillframe.api.release import PREFIX as RELEASE
from stillframe.api.service import PUBLIC_PATHS
from stillframe.api.signed_links import ROUTE as LINKS
from stillframe.flows.signed_links import unsubscribe_link
from tests.api.cast import Form, coverage, push
from tests.api.world import (
    Place,
    Standing,
    Things,
    World,
    candidate_of,
    project_snapshot,
    suppression_of,
    unique,
)

Body: TypeAlias = Mapping[str, Any] | Form | None
Asks: TypeAlias = Callable[[World, Things], tuple[str, Body]]
Expected: TypeAlias = Mapping[Standing, int]

ANYWHERE: tuple[Place, ...] = ("alone", "team", "other")
IN_GROUPS: tuple[Place, ...] = ("team", "other")
ONCE: tuple[Place, ...] = ("alone",)
"""For what is about no place."""
THEN = "from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"
RULE_NEVER_MET = {"set_added_min": 99}


@dataclass(frozen=True, kw_only=True)
class Row:
    """
    One way to ask a route so that only the caller's standing decides.

    Shape   `asks` may first make what is to be changed. `alone`: what is expected where there is no group, if that is
            something else.
    """

    asks: Asks
    expected: Expected
    alone: Expected | None = None
    places: tuple[Place, ...] = ANYWHERE

    def expects(self, place: Place, standing: Standing) -> int:
        return (self.alone if place == "alone" and self.alone is not None else self.expected)[standing]


def reads(status: int = 200, **others: int) -> Expected:
    """Whoever sees it may; to strangers it is not there."""
    return _all(status) | {"stranger": 404} | others


def discusses(status: int) -> Expected:
    """Whoever sees it may, with a whole token."""
    return reads(status, read=403, capture=403)


def edits(status: int = 200, **others: int) -> Expected:
    """Editors may; who only sees it may not."""
    return discusses(status) | {"viewer": 403, "analyst": 403, "reviewer": 403} | others


def keeps(status: int = 200) -> Expected:
    """Only the group's admins may."""
    return edits(status, editor=403)


def own_or_edits(status: int, **others: int) -> Expected:
    """Whoever made it and the editors may; to everybody else it is not there."""
    return reads(status, viewer=404, analyst=404, reviewer=404) | others


def answers_for(status: int) -> Expected:
    """Reviewers and the admins may; who only sees it may not."""
    return reads(403, admin=status, reviewer=status)


def anybody(status: int = 200, **others: int) -> Expected:
    """Every valid token."""
    return _all(status) | others


def makes(status: int = 201) -> Expected:
    """Every valid token that is whole."""
    return anybody(status, read=403, capture=403)


def admins(status: int = 200) -> Expected:
    """Nobody else."""
    return _all(403) | {"admin": status}


def mine(status: int = 200, **others: int) -> Expected:
    """Its owner and the admins; to everybody else it is not there."""
    return _all(404) | {"owner": status, "admin": status, "read": status, "capture": status} | others


def _all(status: int) -> dict[Standing, int]:
    names: tuple[Standing, ...] = (
        "owner", "keeper", "editor", "viewer", "analyst", "reviewer", "stranger", "admin", "read", "capture",
    )  # fmt: skip
    return dict.fromkeys(names, status)


def at(path: str, body: Body = None) -> Asks:
    return lambda _, things: (path.format(it=things), body)


def mail_link(world: World, things: Things) -> tuple[str, Body]:
    """Where the reader of a mail unsubscribes: whoever has the link is its reader."""
    asked = {
        "subscriber_kind": "email",
        "subscriber_id": f"{unique('ana')}@example.org",
        "threshold_json": RULE_NEVER_MET,
    }
    made = world.house.made("admin", f"{things.board}/subscriptions", asked)
    return unsubscribe_link(world.house.services, made["id"]), None


def new_board(_: World, things: Things) -> tuple[str, Body]:
    return "/api/dashboards", things.spec(unique("made"))


def applied_board(_: World, things: Things) -> tuple[str, Body]:
    return "/api/dashboards/apply", things.spec(unique("applied"))


def same_board(_: World, things: Things) -> tuple[str, Body]:
    return things.board, things.spec(f"{things.place}-board")


def emptied(world: World, things: Things) -> tuple[str, Body]:
    made = world.house.made(things.maker, "/api/dashboards", things.spec(unique("emptied")))
    board = f"/api/dashboard/{made['id']}"
    world.house.made(things.maker, f"{board}/snapshot", push())
    empty = world.house.made(things.maker, f"{board}/snapshot", push([]))
    assert empty["capture_status"] == "empty"
    return f"/api/snapshot/{empty['id']}/accept", None


def webhook_body() -> dict[str, Any]:
    url = f"https://93.184.215.14/{unique('hook')}"
    return {"subscriber_kind": "webhook", "subscriber_id": url, "threshold_json": RULE_NEVER_MET}


def webhook(_: World, things: Things) -> tuple[str, Body]:
    return f"{things.board}/subscriptions", webhook_body()


def subscription(body: Body = None) -> Asks:
    def asks(world: World, things: Things) -> tuple[str, Body]:
        made = world.house.made(things.maker, f"{things.board}/subscriptions", webhook_body())
        return f"{things.board}/subscriptions/{made['id']}", body

    return asks


def renewed(world: World, things: Things) -> tuple[str, Body]:
    path, _ = subscription()(world, things)
    return f"{path}/secret", None


def delivery(world: World, things: Things) -> tuple[str, Body]:
    path = f"{things.board}/subscriptions/{things.subscription}/deliveries"
    found = world.house.ask(things.maker, "GET", path).json()["items"]
    return f"/api/deliveries/{found[0]['id']}/replay", None


def comment(world: World, things: Things) -> tuple[str, Body]:
    made = world.house.made(things.maker, things.comments, {"body": "Is this so?", "comment_type": "question"})
    return f"/api/comments/{made['id']}/resolve", None


def notification(world: World, things: Things) -> tuple[str, Body]:
    world.house.made(things.maker, things.comments, {"body": f"@{things.maker}-desk look"})
    inbox = f"/api/notifications?persona={things.maker}-desk&limit=1"
    found = world.house.ask(things.maker, "GET", inbox).json()["items"]
    return f"/api/notifications/{found[0]['id']}/read", None


def token(world: World, things: Things) -> tuple[str, Body]:
    return f"/api/tokens/{world.house.made(things.maker, '/api/tokens', {})['id']}", None


def newcomer(path: str, body: Body = None) -> Asks:
    """Hire somebody whom the path then names."""

    def asks(world: World, things: Things) -> tuple[str, Body]:
        name = unique("newcomer")
        world.house.hire(name)
        return path.format(it=things, name=name), body

    return asks


def member(world: World, things: Things) -> tuple[str, Body]:
    name = unique("member")
    world.house.hire(name)
    path = f"/api/groups/{things.group}/members/{name}"
    world.house.ask("admin", "PUT", path, json={"role": "viewer"})
    return path, None


def new_project(_: World, things: Things) -> tuple[str, Body]:
    return "/api/projects", {"name": unique("project"), "group_id": things.group}


def new_group(_: World, __: Things) -> tuple[str, Body]:
    return "/api/groups", {"id": unique("group")}


def health(prefix: str) -> Asks:
    return lambda _, things: (f"{prefix}/snapshots", project_snapshot(things.project, 75))


def group_health(prefix: str) -> Asks:
    return lambda _, things: (f"{prefix}/snapshots", {"scope": "group", "group_id": things.group})


def compared(prefix: str) -> Asks:
    return lambda _, things: (
        f"{prefix}/snapshots/compare",
        {"from_snapshot_id": things.pair[0], "to_snapshot_id": things.pair[1]},
    )


def compared_in_time(prefix: str) -> Asks:
    return lambda _, things: (
        f"{prefix}/snapshots/compare",
        {
            "project_name": things.project,
            "from_timestamp": "2100-01-01T00:00:00Z",
            "to_timestamp": "2100-01-01T00:00:00Z",
        },
    )


def reports(_: World, things: Things) -> tuple[str, Body]:
    return f"/api/projects/{things.project}/reports", Form(reports={"coverage.json": coverage()})


def candidate(_: World, things: Things) -> tuple[str, Body]:
    return f"{RELEASE}/check", candidate_of(things.project)


def new_suppression(_: World, things: Things) -> tuple[str, Body]:
    return f"{RELEASE}/suppressions", suppression_of(things.project)


def suppression(world: World, things: Things) -> tuple[str, Body]:
    made = world.house.made("rex", f"{RELEASE}/suppressions", suppression_of(things.project))
    return f"{RELEASE}/suppressions/{made['id']}", None


def _live() -> Iterator[tuple[str, Row]]:
    board = "/api/dashboard/{dashboard_ref}"
    yield "POST /api/dashboards", Row(asks=new_board, expected=edits(201), alone=makes())
    yield "POST /api/dashboards/apply", Row(asks=applied_board, expected=edits(), alone=makes(200))
    yield "GET /api/dashboards", Row(asks=at("/api/dashboards"), expected=anybody(), places=ONCE)
    yield f"GET {board}", Row(asks=at("{it.board}"), expected=reads())
    yield f"PUT {board}", Row(asks=same_board, expected=edits())
    # What is pushed has no live view, which only those learn who may see the dashboard.
    yield f"GET {board}/live", Row(asks=at("{it.board}/live"), expected=reads(422))
    yield f"POST {board}/snapshot", Row(asks=at("{it.board}/snapshot", push()), expected=edits(201, capture=201))
    for name in ("snapshots", "diff", "attempts", "series", "subscriptions"):
        yield f"GET {board}/{name}", Row(asks=at(f"{{it.board}}/{name}"), expected=reads())
    yield "GET /api/snapshot/{snapshot_id}", Row(asks=at("/api/snapshot/{it.snapshot}"), expected=reads())
    yield "POST /api/snapshot/{snapshot_id}/accept", Row(asks=emptied, expected=edits())


def _telling() -> Iterator[tuple[str, Row]]:
    listed = "/api/dashboard/{dashboard_ref}/subscriptions"
    one = f"{listed}/{{subscription_id}}"
    theirs = "{it.board}/subscriptions/{it.subscription}"
    change = subscription({"baseline": "last_notified"})
    yield f"POST {listed}", Row(asks=webhook, expected=edits(201))
    yield f"GET {one}", Row(asks=at(theirs), expected=own_or_edits(200))
    # An editor may remove what somebody else subscribed, and not change what they are told.
    changes = own_or_edits(200, keeper=403, read=403, capture=403)
    yield f"PATCH {one}", Row(asks=change, expected=changes, alone=own_or_edits(200, read=403, capture=403))
    yield f"DELETE {one}", Row(asks=subscription(), expected=own_or_edits(204, read=403, capture=403))
    yield f"GET {one}/deliveries", Row(asks=at(f"{theirs}/deliveries"), expected=own_or_edits(200))
    yield f"GET {one}/evaluations", Row(asks=at(f"{theirs}/evaluations"), expected=own_or_edits(200))
    tried = at("{it.board}/subscriptions/preview", webhook_body())
    yield f"POST {listed}/preview", Row(asks=tried, expected=reads())
    # The board's two frames show the same: whoever may send a test hears that there is no change to send.
    handles = own_or_edits(409, read=403, capture=403)
    yield f"POST {one}/test", Row(asks=at(f"{theirs}/test"), expected=handles)
    resumes = own_or_edits(200, read=403, capture=403)
    yield f"POST {one}/resume", Row(asks=at(f"{theirs}/resume"), expected=resumes)
    rotates = own_or_edits(201, read=403, capture=403)
    yield f"POST {one}/secret", Row(asks=renewed, expected=rotates)
    # A persona was told in the transaction itself: whoever may send again hears that there is nothing to send.
    replays = own_or_edits(409, read=403, capture=403)
    yield "POST /api/deliveries/{delivery_id}/replay", Row(asks=delivery, expected=replays)
    comments = "/api/artifacts/{artifact_ref}/comments"
    yield f"POST {comments}", Row(asks=at("{it.comments}", {"body": "Seen."}), expected=discusses(201))
    yield f"GET {comments}", Row(asks=at("{it.comments}"), expected=reads())
    yield "POST /api/comments/{comment_id}/resolve", Row(asks=comment, expected=edits())
    yield "GET /api/notifications", Row(asks=at("/api/notifications"), expected=anybody(), places=ONCE)
    yield "POST /api/notifications/{notification_id}/read", Row(asks=notification, expected=mine(), places=ONCE)


def _people() -> Iterator[tuple[str, Row]]:
    persona: Asks = lambda _, __: ("/api/personas", {"slug": unique("persona")})  # noqa: E731  # because a row is one line
    yield "POST /api/personas", Row(asks=persona, expected=makes(), places=ONCE)
    yield "POST /api/tokens", Row(asks=at("/api/tokens", {"expires_in_days": 1}), expected=makes(), places=ONCE)
    removes = mine(204, read=403, capture=403)
    yield "DELETE /api/tokens/{token_id}", Row(asks=token, expected=removes, places=ONCE)
    for path in ("/api/personas", "/api/tokens", "/api/me", *PUBLIC_PATHS):
        yield f"GET {path}", Row(asks=at(path), expected=anybody(), places=ONCE)
    yield f"GET {LINKS}", Row(asks=mail_link, expected=anybody(), places=ONCE)
    yield f"POST {LINKS}", Row(asks=mail_link, expected=anybody(), places=ONCE)
    for path in ("/api/users", "/api/audit", "/metrics"):
        yield f"GET {path}", Row(asks=at(path), expected=admins(), places=ONCE)
    role = newcomer("/api/users/{name}", {"role": "admin"})
    yield "PATCH /api/users/{user_name}", Row(asks=role, expected=admins(), places=ONCE)


def _owning() -> Iterator[tuple[str, Row]]:
    yield "POST /api/groups", Row(asks=new_group, expected=admins(201), places=ONCE)
    yield "GET /api/groups", Row(asks=at("/api/groups"), expected=anybody(), places=ONCE)
    group, path = "/api/groups/{group_id}", "/api/groups/{it.group}"
    yield f"GET {group}", Row(asks=at(path), expected=reads(), places=IN_GROUPS)
    yield f"PATCH {group}", Row(asks=at(path, {"name": "A group"}), expected=keeps(), places=IN_GROUPS)
    joins = newcomer(f"{path}/members/{{name}}", {"role": "viewer"})
    yield f"PUT {group}/members/{{user_name}}", Row(asks=joins, expected=keeps(), places=IN_GROUPS)
    yield f"DELETE {group}/members/{{user_name}}", Row(asks=member, expected=keeps(204), places=IN_GROUPS)
    yield "POST /api/projects", Row(asks=new_project, expected=edits(201), places=IN_GROUPS)
    yield "GET /api/projects", Row(asks=at("/api/projects"), expected=anybody(), places=ONCE)
    of_group = at("/api/projects?group_id={it.group}")
    yield "GET /api/projects (of a group)", Row(asks=of_group, expected=reads(), places=IN_GROUPS)
    project, path = "/api/projects/{name:path}", "/api/projects/{it.project}"
    yield f"GET {project}", Row(asks=at(path), expected=reads(), places=IN_GROUPS)
    yield f"PATCH {project}", Row(asks=at(path, {"title": "A project"}), expected=keeps(), places=IN_GROUPS)


def _release() -> Iterator[tuple[str, Row]]:
    takes = edits(201, capture=201)
    yield "POST /api/projects/{name:path}/reports", Row(asks=reports, expected=takes, places=IN_GROUPS)
    yield f"POST {RELEASE}/check", Row(asks=candidate, expected=edits(capture=200), places=IN_GROUPS)
    yield f"GET {RELEASE}/profiles", Row(asks=at(f"{RELEASE}/profiles"), expected=anybody(), places=ONCE)
    one = at(f"{RELEASE}/history/{{it.decision}}")
    yield f"GET {RELEASE}/history/{{decision_id}}", Row(asks=one, expected=reads(), places=IN_GROUPS)
    for name in ("history", "suppressions"):
        every = f"{RELEASE}/{name}"
        yield f"GET {every}", Row(asks=at(every), expected=anybody(), places=ONCE)
        of_project = at(f"{every}?project_name={{it.project}}")
        yield f"GET {every} (of a project)", Row(asks=of_project, expected=reads(), places=IN_GROUPS)
    every = f"{RELEASE}/suppressions"
    yield f"POST {every}", Row(asks=new_suppression, expected=answers_for(201), places=IN_GROUPS)
    lifts = Row(asks=suppression, expected=answers_for(204), places=IN_GROUPS)
    yield f"DELETE {every}/{{suppression_id}}", lifts


def _evidence(prefix: str) -> Iterator[tuple[str, Row]]:
    every, one = f"{prefix}/snapshots", f"{prefix}/snapshots/{{snapshot_id}}"
    takes = edits(201, capture=201)
    yield f"POST {every} (of a project)", Row(asks=health(prefix), expected=takes, places=IN_GROUPS)
    yield f"POST {every} (of a group)", Row(asks=group_health(prefix), expected=takes, places=IN_GROUPS)
    portfolio = anybody(201, read=403)
    yield f"POST {every}", Row(asks=at(every, {"scope": "portfolio"}), expected=portfolio, places=ONCE)
    yield f"GET {every}", Row(asks=at(every), expected=anybody(), places=ONCE)
    of_group = at(f"{every}?group_id={{it.group}}")
    yield f"GET {every} (of a group)", Row(asks=of_group, expected=reads(), places=IN_GROUPS)
    of_project = at(f"{every}?project_name={{it.project}}")
    yield f"GET {every} (of a project)", Row(asks=of_project, expected=reads(), places=IN_GROUPS)
    of_board = at(f"{every}?dashboard_id={{it.place}}-board")
    yield f"GET {every} (of a dashboard)", Row(asks=of_board, expected=reads())
    yield f"GET {every}/policy", Row(asks=at(f"{every}/policy"), expected=anybody(), places=ONCE)
    yield f"GET {one}", Row(asks=at(f"{every}/{{it.pair[0]}}"), expected=reads())
    yield f"POST {every}/compare", Row(asks=compared(prefix), expected=reads())
    in_time = compared_in_time(prefix)
    yield f"POST {every}/compare (in time)", Row(asks=in_time, expected=reads(), places=IN_GROUPS)
    export = at(f"{every}/{{it.pair[0]}}/export", {"format": "json"})
    yield f"POST {one}/export", Row(asks=export, expected=reads())
    project = f"{every}/{{project_name:path}}"
    replay = at(f"{every}/{{it.pair[0]}}/replay")
    yield f"POST {one}/replay", Row(asks=replay, expected=reads(), alone=reads(422))
    now = at(f"{every}/{{it.project}}/health")
    yield f"GET {project}/health", Row(asks=now, expected=reads(), places=IN_GROUPS)
    for name, query in (
        ("trends", THEN),
        ("diff", "from=2100-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"),
        ("compare-periods", f"{THEN}&baseline_from=2000-01-01T00:00:00Z&baseline_to=2100-01-01T00:00:00Z"),
    ):
        asks = at(f"{every}/{{it.project}}/{name}?{query}")
        yield f"GET {project}/{name}", Row(asks=asks, expected=reads(), places=IN_GROUPS)


ROWS: Mapping[str, Row] = MappingProxyType(
    dict([*_live(), *_telling(), *_people(), *_owning(), *_release(), *_evidence(PREFIX), *_evidence(ALIAS)])
)
"""By `METHOD path`; a second way to ask the same route says in brackets which."""


def route_of(row: str) -> str:
    """The route of a row's name."""
    return row.partition(" (")[0]

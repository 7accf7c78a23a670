"""Who may do what, for every route there is and everybody of the cast: a route without a row fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from types import MappingProxyType
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from stillframe.api.service import PUBLIC_PATHS
from stillframe.flows.identity import disable_user, local_caller, revoke_token
from tests.api.cast import PUSHED_SPEC, RULE, House, open_house, push, swapped

KNOWN = ("owner", "other", "bob", "admin", "read", "capture")
STRANGERS = (None, "revoked", "expired", "disabled")
"""No token, or one that is worth nothing any more: 401 everywhere but where no token is needed."""
_numbers = count(1)


@dataclass(frozen=True, kw_only=True)
class World:
    """
    Alice's dashboard with a history, a thread and subscriptions, and everybody who may or may not see it.

    Charlie owns another dashboard; Bob owns a persona with a subscription that the admin made; `read` and `capture` are
    tokens of Alice's with less than her whole power.
    """

    house: House
    board: str
    snapshot: str
    comment: str
    bobs_subscription: str
    people: dict[str, str] = field(default_factory=dict)

    def token_of(self, who: str) -> str:
        return {"owner": "alice", "other": "charlie"}.get(who, who)


@dataclass(frozen=True, kw_only=True)
class Row:
    """
    One route: how to ask it so that only the caller's standing decides, and what each of `KNOWN` is answered.

    Shape   `expected`: one status for each of `KNOWN`, in their order. `asks` may first make what is to be changed.
    """

    asks: Callable[[World], tuple[str, Mapping[str, Any] | None]]
    expected: tuple[int, int, int, int, int, int]


def unique(prefix: str) -> str:
    return f"{prefix}-{next(_numbers)}"


def spec_named(slug: str) -> dict[str, Any]:
    return {"view_spec_json": {**PUSHED_SPEC, "slug": slug, "title": slug}}


def empty_snapshot(world: World) -> tuple[str, None]:
    board = world.house.made("alice", "/api/dashboards", spec_named(unique("emptied")))["id"]
    world.house.made("alice", f"/api/dashboard/{board}/snapshot", push())
    empty = world.house.made("alice", f"/api/dashboard/{board}/snapshot", push([]))
    assert empty["capture_status"] == "empty"
    return f"/api/snapshot/{empty['id']}/accept", None


def subscription(world: World, rule: Mapping[str, Any] | None = None) -> str:
    body = webhook_body() if rule is None else {**webhook_body(), "threshold_json": rule}
    made = world.house.made("alice", f"{world.board}/subscriptions", body)
    return f"{world.board}/subscriptions/{made['id']}"


def webhook_body() -> dict[str, Any]:
    url = f"https://93.184.215.14/{unique('hook')}"
    return {"subscriber_kind": "webhook", "subscriber_id": url, "threshold_json": {"set_added_min": 99}}


def persona_delivery(world: World) -> tuple[str, None]:
    subscription = f"{world.board}/subscriptions/{world.bobs_subscription}"
    found = world.house.ask("admin", "GET", f"{subscription}/deliveries").json()["items"]
    return f"/api/deliveries/{found[0]['id']}/replay", None


def comment(world: World) -> tuple[str, None]:
    made = world.house.made("alice", world.comment, {"body": "Is this so?", "comment_type": "question"})
    return f"/api/comments/{made['id']}/resolve", None


def notification(world: World) -> tuple[str, None]:
    world.house.made("alice", world.comment, {"body": "@alice-desk look"})
    found = world.house.ask("alice", "GET", "/api/notifications?persona=alice-desk&limit=1").json()["items"]
    return f"/api/notifications/{found[0]['id']}/read", None


def token(world: World) -> tuple[str, None]:
    return f"/api/tokens/{world.house.made('alice', '/api/tokens', {})['id']}", None


def victim(world: World) -> tuple[str, Mapping[str, Any]]:
    name = unique("victim")
    world.house.hire(name)
    return f"/api/users/{name}", {"role": "admin"}


def at(path: str, body: Mapping[str, Any] | None = None) -> Callable[[World], tuple[str, Mapping[str, Any] | None]]:
    return lambda world: (path.format(world=world), body)


SEEN_BY_ITS_OWN = (200, 404, 404, 200, 200, 200)
MANAGED_BY_ITS_OWN = (200, 404, 404, 200, 403, 403)
MADE_BY_ANYBODY = (201, 201, 201, 201, 403, 403)
ANYBODY = (200, 200, 200, 200, 200, 200)
ADMINS = (403, 403, 403, 200, 403, 403)

ROWS: Mapping[str, Row] = MappingProxyType(
    {
        "POST /api/dashboards": Row(
            asks=lambda _: ("/api/dashboards", spec_named(unique("made"))), expected=MADE_BY_ANYBODY
        ),
        "POST /api/dashboards/apply": Row(
            asks=lambda _: ("/api/dashboards/apply", spec_named(unique("applied"))),
            expected=(200, 200, 200, 200, 403, 403),
        ),
        "GET /api/dashboards": Row(asks=at("/api/dashboards"), expected=ANYBODY),
        "GET /api/dashboard/{dashboard_ref}": Row(asks=at("{world.board}"), expected=SEEN_BY_ITS_OWN),
        "PUT /api/dashboard/{dashboard_ref}": Row(
            asks=at("{world.board}", {"view_spec_json": PUSHED_SPEC}), expected=MANAGED_BY_ITS_OWN
        ),
        "GET /api/dashboard/{dashboard_ref}/live": Row(
            # What is pushed has no live view, which only those learn who may see the dashboard.
            asks=at("{world.board}/live"),
            expected=(422, 404, 404, 422, 422, 422),
        ),
        "POST /api/dashboard/{dashboard_ref}/snapshot": Row(
            asks=at("{world.board}/snapshot", push()), expected=(201, 404, 404, 201, 403, 201)
        ),
        "GET /api/dashboard/{dashboard_ref}/snapshots": Row(
            asks=at("{world.board}/snapshots"), expected=SEEN_BY_ITS_OWN
        ),
        "GET /api/snapshot/{snapshot_id}": Row(asks=at("/api/snapshot/{world.snapshot}"), expected=SEEN_BY_ITS_OWN),
        "POST /api/snapshot/{snapshot_id}/accept": Row(asks=empty_snapshot, expected=MANAGED_BY_ITS_OWN),
        "GET /api/dashboard/{dashboard_ref}/diff": Row(asks=at("{world.board}/diff"), expected=SEEN_BY_ITS_OWN),
        "GET /api/dashboard/{dashboard_ref}/attempts": Row(asks=at("{world.board}/attempts"), expected=SEEN_BY_ITS_OWN),
        "GET /api/dashboard/{dashboard_ref}/series": Row(asks=at("{world.board}/series"), expected=SEEN_BY_ITS_OWN),
        "POST /api/dashboard/{dashboard_ref}/subscriptions": Row(
            asks=lambda world: (f"{world.board}/subscriptions", webhook_body()), expected=(201, 404, 404, 201, 403, 403)
        ),
        "GET /api/dashboard/{dashboard_ref}/subscriptions": Row(
            asks=at("{world.board}/subscriptions"), expected=SEEN_BY_ITS_OWN
        ),
        "GET /api/dashboard/{dashboard_ref}/subscriptions/{subscription_id}": Row(
            asks=at("{world.board}/subscriptions/{world.bobs_subscription}"), expected=SEEN_BY_ITS_OWN
        ),
        "PATCH /api/dashboard/{dashboard_ref}/subscriptions/{subscription_id}": Row(
            asks=lambda world: (subscription(world), {"baseline": "last_notified"}), expected=MANAGED_BY_ITS_OWN
        ),
        "DELETE /api/dashboard/{dashboard_ref}/subscriptions/{subscription_id}": Row(
            asks=lambda world: (subscription(world), None), expected=(204, 404, 404, 204, 403, 403)
        ),
        "GET /api/dashboard/{dashboard_ref}/subscriptions/{subscription_id}/deliveries": Row(
            asks=at("{world.board}/subscriptions/{world.bobs_subscription}/deliveries"), expected=SEEN_BY_ITS_OWN
        ),
        # A persona was told in the transaction itself: whoever may send again hears that there is nothing to send.
        "POST /api/deliveries/{delivery_id}/replay": Row(
            asks=persona_delivery, expected=(409, 404, 404, 409, 403, 403)
        ),
        "POST /api/artifacts/{artifact_ref}/comments": Row(
            asks=at("{world.comment}", {"body": "Seen."}), expected=(201, 404, 404, 201, 403, 403)
        ),
        "GET /api/artifacts/{artifact_ref}/comments": Row(asks=at("{world.comment}"), expected=SEEN_BY_ITS_OWN),
        "POST /api/comments/{comment_id}/resolve": Row(asks=comment, expected=MANAGED_BY_ITS_OWN),
        "GET /api/notifications": Row(asks=at("/api/notifications"), expected=ANYBODY),
        "POST /api/notifications/{notification_id}/read": Row(asks=notification, expected=SEEN_BY_ITS_OWN),
        "POST /api/personas": Row(
            asks=lambda _: ("/api/personas", {"slug": unique("persona")}), expected=MADE_BY_ANYBODY
        ),
        "GET /api/personas": Row(asks=at("/api/personas"), expected=ANYBODY),
        "POST /api/tokens": Row(asks=at("/api/tokens", {"expires_in_days": 1}), expected=MADE_BY_ANYBODY),
        "GET /api/tokens": Row(asks=at("/api/tokens"), expected=ANYBODY),
        "DELETE /api/tokens/{token_id}": Row(asks=token, expected=(204, 404, 404, 204, 403, 403)),
        "GET /api/users": Row(asks=at("/api/users"), expected=ADMINS),
        "PATCH /api/users/{user_name}": Row(asks=victim, expected=ADMINS),
        "GET /api/me": Row(asks=at("/api/me"), expected=ANYBODY),
        **{f"GET {path}": Row(asks=at(path), expected=ANYBODY) for path in PUBLIC_PATHS},
    }
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The cast with what they own, behind one real door for all cells."""
    with open_house(tmp_path_factory.mktemp("matrix")) as house:
        yield furnished(house)


def furnished(house: House) -> World:
    strangers(house)
    board = f"/api/dashboard/{house.made('alice', '/api/dashboards', {'view_spec_json': PUSHED_SPEC})['id']}"
    house.made("charlie", "/api/dashboards", spec_named("charlies"))
    house.made("bob", "/api/personas", {"slug": "bob-desk"})
    house.made("alice", "/api/personas", {"slug": "alice-desk"})
    body = {"subscriber_kind": "persona", "subscriber_id": "bob-desk", "threshold_json": RULE}
    bobs = house.made("admin", f"{board}/subscriptions", body)
    house.made("alice", f"{board}/snapshot", push())
    snapshot = house.made("alice", f"{board}/snapshot", push(swapped()))
    assert snapshot["dispatch"]["delivered"] == 1
    with house.services.store.write() as unit:
        unit.workers.beat("a-worker", kind="worker", now=house.services.clock())
    return World(
        house=house,
        board=board,
        snapshot=snapshot["id"],
        comment=f"/api/artifacts/{board.rsplit('/', 1)[1]}/comments",
        bobs_subscription=bobs["id"],
    )


def strangers(house: House) -> None:
    house.hire("alice", who="read", scopes=["read"])
    house.hire("alice", who="capture", scopes=["capture"])
    house.hire("alice", who="expired", days=1e-9)
    house.hire("alice", who="revoked")
    house.hire("dismissed", who="disabled")
    admin = local_caller(house.services, "tests")
    newest = house.ask("revoked", "GET", "/api/me").json()["token_id"]
    revoke_token(house.services, admin, newest)
    disable_user(house.services, admin, user_name="dismissed")


def routes(house: House) -> set[str]:
    return {
        f"{method} {route.path}" for route in iter_route_contexts(house.app.routes) for method in route.methods or ()
    }


def test_every_route_has_a_row_and_every_row_a_route(world: World) -> None:
    """A route that nobody thought about is a hole in the door."""
    assert routes(world.house) == set(ROWS)


@pytest.mark.parametrize("who", KNOWN)
@pytest.mark.parametrize("route", sorted(ROWS))
def test_each_of_the_cast_gets_what_their_standing_and_scope_allow(world: World, route: str, who: str) -> None:
    """The role decides, then the scope; what you may not see is not there."""
    row = ROWS[route]
    path, body = row.asks(world)
    method = route.split(" ", 1)[0]
    answer = world.house.ask(world.token_of(who), method, path, json=body)
    expected = row.expected[KNOWN.index(who)]
    assert answer.status_code == expected, answer.text


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("route", sorted(ROWS))
def test_a_token_that_is_worth_nothing_opens_nothing(world: World, route: str, who: str | None) -> None:
    """Absent, revoked, expired or somebody's who left: the same 401, and nothing of what was asked is done."""
    method, template = route.split(" ", 1)
    path, body = ROWS[route].asks(world)
    answer = world.house.ask(who, method, path, json=body)
    if template in PUBLIC_PATHS:
        assert answer.status_code == 200
        assert "checks" not in answer.text or template != "/readyz"
        return
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("who", STRANGERS)
def test_who_asks_comes_before_what_is_wrong_with_the_question(world: World, who: str | None) -> None:
    """A stranger learns nothing about parameters, bodies or what exists."""
    ask = world.house.ask
    assert ask(who, "GET", f"{world.board}/diff?top_n=none").status_code == 401
    assert ask(who, "POST", f"{world.board}/snapshot", content=b"{").status_code == 401
    assert ask(who, "GET", "/api/dashboard/absent").status_code == 401


@pytest.mark.parametrize(
    ("method", "template"),
    [
        ("GET", "/api/dashboard/{}"),
        ("PUT", "/api/dashboard/{}"),
        ("POST", "/api/dashboard/{}/snapshot"),
        ("GET", "/api/dashboard/{}/diff"),
        ("GET", "/api/artifacts/{}/comments"),
        ("POST", "/api/dashboard/{}/subscriptions"),
    ],
)
def test_what_charlie_may_not_see_looks_like_what_is_absent(world: World, method: str, template: str) -> None:
    """The body of the 404 is the same, so that nobody can ask what exists."""
    body = {"view_spec_json": PUSHED_SPEC} if method == "PUT" else webhook_body() if "subscr" in template else None
    board = world.board.rsplit("/", 1)[1]
    answers = [world.house.ask("charlie", method, template.format(ref), json=body) for ref in (board, "absent")]
    documents = [{**answer.json(), "request_id": ""} for answer in answers]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert documents[0] == documents[1]


def test_lists_hold_only_what_is_yours(world: World) -> None:
    """Charlie lists his own dashboard; Alice's is not in it; the admin sees both."""
    slugs = {
        who: {one["slug"] for one in world.house.ask(who, "GET", "/api/dashboards").json()["items"]}
        for who in ("charlie", "admin")
    }
    assert "charlies" in slugs["charlie"]
    assert "pushed" not in slugs["charlie"]
    assert {"charlies", "pushed"} <= slugs["admin"]
    tokens = world.house.ask("charlie", "GET", "/api/tokens").json()["items"]
    me = world.house.ask("charlie", "GET", "/api/me").json()["user_id"]
    assert {one["user_id"] for one in tokens} == {me}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_method_changes_or_removes_a_snapshot(world: World, method: str) -> None:
    """Evidence is frozen: 405 even for the admin, and the methods that there are."""
    for path in (f"/api/snapshot/{world.snapshot}", f"{world.board}/snapshots"):
        answer = world.house.ask("admin", method, path, json={})
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET"
        assert answer.json()["error_code"] == "method_not_allowed"


def test_a_token_cannot_make_one_with_wider_scopes(world: World) -> None:
    """A stolen narrow token stays narrow."""
    world.house.hire("alice", who="narrow", scopes=["manage"])
    assert world.house.ask("capture", "POST", "/api/tokens", json={"scopes": ["manage"]}).status_code == 403
    assert world.house.ask("alice", "POST", "/api/tokens", json={"name": "bob"}).status_code == 403
    assert world.house.ask("alice", "POST", "/api/tokens", json={"role": "admin"}).status_code == 403

"""The audit log: a line for each change, in its transaction, and for each refusal; never a secret in any."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from pysqlite3 import dbapi2 as sqlite3  # the library that the store uses: two in one process undo each other's locks
from structlog.testing import capture_logs

from stillframe.errors import Forbidden, InvalidInput, Unauthenticated
from stillframe.flows.auditing import LONGEST_OBJECT, audited, list_audit, note_refusal
from stillframe.flows.dashboards import replace_dashboard
from stillframe.flows.deliveries import list_deliveries, replay_delivery
from stillframe.flows.discussion import resolve_comment, write_comment
from stillframe.flows.history import accept_snapshot
from stillframe.flows.identity import (
    create_persona,
    create_token,
    disable_user,
    local_caller,
    revoke_token,
    set_role,
)
from stillframe.flows.subscriptions import (
    SubscriptionChange,
    SubscriptionRequest,
    change_subscription,
    remove_subscription,
    subscribe,
)
from stillframe.model.audit import AuditEntry
from stillframe.testing import WebhookReceiver
from tests.flows.room import ANY, Room, request
from tests.flows.test_dashboards import spec


def lines(room: Room, **wanted: Any) -> list[AuditEntry]:
    """Lines of the log, oldest first."""
    return list_audit(room.services, room.root, limit=200, **wanted).items[::-1]


def actions(room: Room, about: str) -> list[str]:
    return [line.action for line in lines(room, object=about)]


def test_a_change_that_did_not_happen_has_no_line(room: Room) -> None:
    """The line is in the transaction: rolled back together."""

    def fail() -> None:
        with room.services.store.write() as unit:
            audited(room.services, unit, room.alice, action="thing.change", object="thing:1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert actions(room, "thing:1") == []


def test_a_line_says_who_what_when_and_in_which_request(room: Room) -> None:
    """The request's id is what the access log and the answer have."""
    with structlog.contextvars.bound_contextvars(request_id="r-1"), room.services.store.write() as unit:
        audited(room.services, unit, room.alice, action="thing.change", object="x" * 900, old=1, new=[2, None])
    (line,) = lines(room, object="x" * LONGEST_OBJECT)
    assert line.as_dict() == {
        "key": line.key,
        "at": line.as_dict()["at"],
        "actor": "alice",
        "actor_id": room.alice.user_id,
        "action": "thing.change",
        "object": "x" * LONGEST_OBJECT,
        "outcome": "done",
        "detail": {"old": 1, "new": [2, None]},
        "request_id": "r-1",
    }
    assert line.at == room.clock()


def test_a_refusal_is_noted_with_its_error(room: Room) -> None:
    """Of somebody known, and of nobody."""
    note_refusal(room.services, room.bob, action="GET /x", object="/x", error=Forbidden("no"))
    note_refusal(room.services, None, action="GET /x", object="/x", error=Unauthenticated())
    known, nobody = lines(room, object="/x")
    assert (known.actor, known.outcome, dict(known.detail)) == (
        "bob",
        "refused",
        {"error_code": "forbidden", "message": "no"},
    )
    assert (nobody.actor, nobody.actor_id, nobody.detail["error_code"]) == ("anonymous", None, "unauthenticated")


def test_a_log_that_cannot_be_written_changes_no_answer(room: Room, tmp_path: Path) -> None:
    """A full disk does not turn a 403 into a 500; it is said in the log of the process."""
    with closing(sqlite3.connect(tmp_path / "stillframe.db")) as other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
        other.commit()
    with capture_logs() as logs:
        note_refusal(room.services, room.bob, action="GET /x", object="/x", error=Forbidden("no"))
    assert [line["event"] for line in logs] == ["refusal_not_noted"]


def test_only_admins_read_the_log(room: Room) -> None:
    """It says who was refused what."""
    for caller in (room.alice, room.standing("bob")):
        with pytest.raises(Forbidden):
            list_audit(room.services, caller, limit=5)


def test_the_log_is_asked_by_actor_object_and_time(room: Room) -> None:
    """Newest first, page by page."""
    began = room.clock()
    room.clock.move(minutes=1)
    boards = [room.board(title, owner=owner) for title in ("A", "B") for owner in (room.alice,)]
    room.board("C", owner=room.bob)
    found = list_audit(room.services, room.root, limit=1, actor="alice", since=room.clock())
    assert [line.object for line in found.items] == [f"dashboard:{boards[1].id}"]
    rest = list_audit(room.services, room.root, limit=1, actor="alice", since=room.clock(), cursor=found.next_cursor)
    assert ([line.object for line in rest.items], rest.next_cursor) == ([f"dashboard:{boards[0].id}"], None)
    room.clock.move(minutes=1)
    assert lines(room, since=room.clock()) == []
    assert len(lines(room, since=began)) > 3
    with pytest.raises(InvalidInput):
        list_audit(room.services, room.root, limit=1, cursor="nothing")


def test_every_change_of_people_has_a_line(room: Room) -> None:
    """Users, roles, tokens and personas; what changed nothing has none."""
    made = create_token(room.services, room.root, user_name="dora", days=1, scopes=("read",))
    for _ in range(2):
        set_role(room.services, room.root, user_name="dora", role="analyst")
        revoke_token(room.services, room.root, made.token.id)
        disable_user(room.services, room.root, user_name="dora")
    create_persona(room.services, room.alice, slug="desk")
    assert [(line.action, dict(line.detail)) for line in lines(room, object="user:dora")] == [
        ("user.create", {"role": "viewer"}),
        ("user.role", {"old": "viewer", "new": "analyst"}),
        ("user.disable", {}),
    ]
    created, revoked = lines(room, object=f"token:{made.token.id}")
    assert (created.detail["user"], created.detail["scopes"]) == ("dora", ["read"])
    assert revoked.action == "token.revoke"
    assert actions(room, "persona:desk") == ["persona.create"]


def test_whoever_opens_the_database_is_in_the_log_from_then_on(room: Room) -> None:
    """`local:USER` is made as an administrator, by itself."""
    local_caller(room.services, "ops")
    (made,) = lines(room, object="user:local:ops")
    assert (made.actor, made.action, dict(made.detail)) == ("local:ops", "user.create", {"role": "admin"})


def test_every_change_of_a_dashboard_has_a_line(room: Room) -> None:
    """Its view spec, what is frozen, what is accepted; a plain snapshot is its own record."""
    board = room.board()
    replace_dashboard(room.services, room.alice, dashboard_ref=board.id, view_spec=spec("Board", top_n=3))
    plain = room.take(board, a=1).record
    frozen = room.take_as(room.alice, board, replace(request(a=2), immutable=True)).record
    empty = room.take(board).record
    for _ in range(2):
        accept_snapshot(room.services, room.alice, snapshot_id=empty.id)
    created, changed = lines(room, object=f"dashboard:{board.id}")
    assert (created.action, changed.action) == ("dashboard.create", "dashboard.change")
    assert changed.detail["changes"] == ["$.top_n: absent → 3"]
    assert [actions(room, f"snapshot:{found.id}") for found in (plain, frozen, empty)] == [
        [],
        ["snapshot.freeze"],
        ["snapshot.accept"],
    ]


def test_every_change_of_what_hangs_on_a_dashboard_has_a_line(room: Room, receiver: WebhookReceiver) -> None:
    """Subscriptions, a notice that is sent again, a comment that is resolved."""
    board = room.board()
    made = room.subscribe(board, receiver, ANY).subscription
    room.take(board, a=1)
    room.take(board, a=2)
    room.settle()
    named = {"dashboard_ref": board.id, "subscription_id": made.id}
    (sent,) = list_deliveries(room.services, room.alice, limit=5, **named).items
    replay_delivery(room.services, room.alice, delivery_id=sent.id)
    for _ in range(2):
        change = SubscriptionChange(threshold={"set_added_min": 2}, baseline="last_notified")
        change_subscription(room.services, room.alice, change=change, **named)
    remove_subscription(room.services, room.alice, **named)
    comment = write_comment(room.services, room.alice, artifact_ref=board.id, body="Is it so?")
    for _ in range(2):
        resolve_comment(room.services, room.alice, comment_id=comment.id)
    told = lines(room, object=f"subscription:{made.id}")
    assert [line.action for line in told] == ["subscription.create", "subscription.change", "subscription.remove"]
    assert told[0].detail == {"dashboard_id": board.id, "subscriber_kind": "webhook"}
    assert told[1].detail["changed"] == ["threshold", "baseline", "baseline_snapshot_id"]
    assert actions(room, f"delivery:{sent.id}") == ["delivery.replay"]
    assert actions(room, f"comment:{comment.id}") == ["comment.resolve"]


def test_no_secret_is_in_the_log(room: Room, receiver: WebhookReceiver, tmp_path: Path) -> None:
    """A canary in each place where a credential stands: the table has none of them, not even encoded."""
    token = create_token(room.services, room.alice, user_name="alice", label="ci")
    board = room.board()
    url = receiver.url("/canary-in-a-path")
    asked = SubscriptionRequest(subscriber_kind="webhook", subscriber_id=url, threshold=ANY)
    made = subscribe(room.services, room.alice, dashboard_ref=board.id, request=asked)
    named = {"dashboard_ref": board.id, "subscription_id": made.subscription.id}
    change_subscription(room.services, room.alice, change=SubscriptionChange(threshold={"set_added_min": 2}), **named)
    remove_subscription(room.services, room.alice, **named)
    connection = spec(
        sources={"pushed": {"type": "sql", "connection": "canary-connection", "query": "select 1"}},
        panels={"board": {"source": "pushed", "kind": "table"}},
        primary={"rows": "board"},
    )
    with pytest.raises(Forbidden) as refused:
        replace_dashboard(room.services, room.alice, dashboard_ref=board.id, view_spec=connection)
    note_refusal(room.services, room.alice, action="PUT /x", object="/x", error=refused.value)
    room.services.store.close()
    with closing(sqlite3.connect(tmp_path / "stillframe.db")) as other:
        written = repr(other.execute("SELECT * FROM audit").fetchall())
    assert "subscription.remove" in written
    assert made.secret is not None
    for secret in (
        token.text,
        token.text.removeprefix("sf_"),
        "canary",
        made.secret,
        made.secret.removeprefix("whsec_"),
    ):
        assert secret not in written

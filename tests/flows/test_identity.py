"""Credentials prove a caller as long as they hold, and nobody makes one that can do more than its maker."""

from __future__ import annotations

import os
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite3  # the library that the store uses: two in one process undo each other's locks

from stillframe.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from stillframe.flows.dispatch import deliver_due
from stillframe.flows.identity import (
    authenticate,
    create_persona,
    create_token,
    disable_user,
    list_personas,
    list_tokens,
    list_users,
    local_caller,
    revoke_token,
    set_role,
)
from stillframe.testing import Answer, WebhookReceiver
from tests.flows.room import Room, someone
from tests.store.cast import statements


def test_a_token_ends_at_its_expiry_and_not_before(room: Room) -> None:
    """A minute before it proves its owner, at the minute it proves nobody."""
    made = create_token(room.services, room.alice, user_name="alice", days=1)
    room.clock.move(hours=24, minutes=-1)
    assert authenticate(room.services, made.text).name == "alice"
    room.clock.move(minutes=1)
    with pytest.raises(Unauthenticated):
        authenticate(room.services, made.text)


def test_whatever_is_wrong_with_a_token_is_answered_alike(room: Room) -> None:
    """Unknown, revoked, expired, disabled: whoever guesses learns nothing."""
    revoked = create_token(room.services, room.alice, user_name="alice")
    revoke_token(room.services, room.alice, revoked.token.id)
    expired = create_token(room.services, room.alice, user_name="alice", days=0.001)
    disabled = create_token(room.services, room.root, user_name="dora")
    disable_user(room.services, room.root, user_name="dora")
    room.clock.move(hours=1)
    said = set()
    for text in ("sf_unknown", "no prefix", revoked.text, expired.text, disabled.text):
        with pytest.raises(Unauthenticated) as refused:
            authenticate(room.services, text)
        said.add(refused.value.message)
    assert len(said) == 1


def test_the_text_of_a_token_is_kept_nowhere(room: Room, tmp_path: Path) -> None:
    """Whoever reads the database reads digests."""
    made = create_token(room.services, room.alice, user_name="alice")
    room.services.store.close()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("stillframe.db*"))
    assert made.token.id.encode() in content
    assert made.text.removeprefix("sf_").encode() not in content
    assert made.text not in repr(made)


def test_a_token_makes_none_with_wider_scopes(room: Room) -> None:
    """A credential that may only read cannot give itself more, and neither can one that may capture."""
    for scopes in (("read",), ("read", "capture")):
        text = create_token(room.services, room.alice, user_name="alice", scopes=scopes).text
        narrow = authenticate(room.services, text)
        with pytest.raises(Forbidden):
            create_token(room.services, narrow, user_name="alice", scopes=("read", "manage"))


def test_only_an_admin_makes_tokens_for_others(room: Room) -> None:
    """Neither for another user, nor for oneself with another role."""
    with pytest.raises(Forbidden):
        create_token(room.services, room.alice, user_name="bob")
    with pytest.raises(Forbidden):
        create_token(room.services, room.alice, user_name="alice", role="admin")
    with pytest.raises(Conflict, match="user role"):
        create_token(room.services, room.root, user_name="bob", role="admin")


def test_a_token_is_seen_and_revoked_by_its_owner_and_admins_only(room: Room) -> None:
    """To everybody else it is not there; and an id that no token could have is absent too."""
    made = create_token(room.services, room.alice, user_name="alice")
    assert made.token.id not in [token.id for token in list_tokens(room.services, room.bob)]
    for caller, token_id in ((room.bob, made.token.id), (room.alice, "é"), (room.root, "absent")):
        with pytest.raises(NotFound):
            revoke_token(room.services, caller, token_id)
    revoke_token(room.services, room.root, made.token.id)
    with pytest.raises(Unauthenticated):
        authenticate(room.services, made.text)


def test_the_use_of_a_token_is_noted_once_a_minute(room: Room) -> None:
    """A write for each request would be the dearest part of many."""
    made = create_token(room.services, room.alice, user_name="alice")
    noted = []
    for _ in range(4):
        authenticate(room.services, made.text)
        (token,) = [token for token in list_tokens(room.services, room.alice) if token.id == made.token.id]
        noted.append(token.last_used_at)
        room.clock.move(seconds=25)
    assert noted[0] == noted[1] == noted[2] != noted[3]


def test_who_asks_costs_two_questions(room: Room) -> None:
    """The token with its user, and the groups: every request pays for it, those of the hot path too."""
    made = create_token(room.services, room.alice, user_name="alice")
    room.team("team-a", alice="viewer")
    authenticate(room.services, made.text)
    with statements() as sent:
        assert authenticate(room.services, made.text).groups == {"team-a": "viewer"}
    assert len([statement for statement in sent if statement.startswith(("SELECT", "UPDATE"))]) == 2


def test_a_store_that_cannot_write_still_lets_people_look(room: Room, tmp_path: Path) -> None:
    """Noting the use of a token is no reason to refuse a reader."""
    made = create_token(room.services, room.alice, user_name="alice")
    with closing(sqlite3.connect(tmp_path / "stillframe.db")) as other:
        other.execute("CREATE TRIGGER full BEFORE UPDATE ON tokens BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
        other.commit()
    assert authenticate(room.services, made.text).name == "alice"


@pytest.mark.parametrize("slug", ["", "-a", "a-", "A", "a_b", "a b", "ä", "a" * 64, "a\n"])
def test_a_persona_has_a_slug_that_a_mention_can_name(room: Room, slug: str) -> None:
    """What `@slug` cannot reach would never hear of anything."""
    with pytest.raises(InvalidInput):
        create_persona(room.services, room.alice, slug=slug)


def test_a_persona_is_one_persons(room: Room) -> None:
    """A taken slug is a conflict, another owner needs an admin, and a list shows one's own."""
    create_persona(room.services, room.alice, slug="a" * 63)
    with pytest.raises(Conflict):
        create_persona(room.services, room.bob, slug="alice")
    with pytest.raises(Forbidden):
        create_persona(room.services, room.bob, slug="mine", owner_name="alice")
    assert [persona.slug for persona in list_personas(room.services, room.bob)] == ["bob"]
    assert len(list_personas(room.services, room.root)) == 3


@pytest.mark.parametrize("name", ["", "-a", "a b", "a\nb", "x" * 201, "stillframe", "Scheduler"])
def test_no_user_has_a_name_that_misleads(room: Room, name: str) -> None:
    """Names stand in logs, records and threads; those that the product signs with are taken."""
    with pytest.raises(InvalidInput):
        create_token(room.services, room.root, user_name=name)


def test_users_are_the_admins_business(room: Room) -> None:
    """Listing, roles and disabling are refused to everybody else; a role takes effect with the next request."""
    for act in (
        lambda: list_users(room.services, room.alice),
        lambda: set_role(room.services, room.alice, user_name="alice", role="admin"),
        lambda: disable_user(room.services, room.alice, user_name="bob"),
    ):
        with pytest.raises(Forbidden):
            act()
    text = create_token(room.services, room.alice, user_name="alice").text
    set_role(room.services, room.root, user_name="alice", role="admin")
    assert authenticate(room.services, text).is_admin
    with pytest.raises(NotFound):
        set_role(room.services, room.root, user_name="nobody", role="admin")


def test_whoever_can_open_the_database_is_an_admin_under_their_own_name(room: Room) -> None:
    """The evidence says who it was, and the same person is the same user every time."""
    name = f"user{os.getpid()}"
    first, again = local_caller(room.services, name), local_caller(room.services, name)
    assert (first.user_id, first.name, first.role) == (again.user_id, f"local:{name}", "admin")


@pytest.mark.parametrize("days", [0, -1, float("nan"), 4_000])
def test_a_token_lives_a_sensible_time(room: Room, days: float) -> None:
    """Neither none nor for ever by accident."""
    with pytest.raises(InvalidInput):
        create_token(room.services, room.alice, user_name="alice", days=days)


@pytest.mark.parametrize("scopes", [(), ("write",)])
def test_a_token_has_scopes_that_exist(room: Room, scopes: tuple[str, ...]) -> None:
    """None at all, or one that nobody knows, is refused with those there are."""
    with pytest.raises(InvalidInput, match="read, capture, manage"):
        create_token(room.services, room.alice, user_name="alice", scopes=scopes)


def test_who_loses_sight_of_a_dashboard_is_sent_nothing_more_of_it(room: Room, receiver: WebhookReceiver) -> None:
    """An administrator's webhook on somebody else's board ends with the role, also for what was still pending."""
    board = room.board()
    admin = someone(room.services, room.root, "ada", "admin")
    room.take(board, a=1)
    made = room.subscribe(board, receiver, {"any_change": True}, caller=admin)
    own = room.board("Ada's", owner=admin)
    kept = room.subscribe(own, receiver, {"any_change": True}, caller=admin)
    receiver.behave(Answer(status=500), Answer())
    assert room.dispatch(board, a=2).failed == 1
    room.settle()
    set_role(room.services, room.root, user_name="ada", role="viewer")
    room.clock.move(minutes=10)
    assert deliver_due(room.services, seconds=5) == {}
    assert room.dispatch(board, a=3).matched == 0
    with room.services.store.read() as unit:
        states = {found.subscription.id: unit.subscriptions.get(found.subscription.id) for found in (made, kept)}
        inbox = unit.notifications.list(admin.user_id, persona=None, unread_only=False, limit=10).items
    assert [getattr(found, "state", None) for found in states.values()] == ["paused", "active"]
    assert [line.text for line in inbox] == ["Subscriptions paused because you may no longer see their dashboards: 1."]
    disable_user(room.services, room.root, user_name="ada")
    with room.services.store.read() as unit:
        assert unit.subscriptions.owned_by(admin.user_id) == []
    assert len(receiver.ledger) == 1


@pytest.mark.postgres
def test_a_capture_and_a_user_who_is_disabled_take_their_locks_in_one_order(
    shared_room: Room, receiver: WebhookReceiver
) -> None:
    """First the head, then subscriptions: else each could wait for the other, and the database would refuse one."""
    room = shared_room
    board = room.board()
    made = room.subscribe(board, receiver, {"any_change": True}).subscription
    disabling = threading.Thread(
        target=lambda: disable_user(room.services, room.root, user_name="alice"), name="disabling"
    )
    with room.services.store.write() as unit:
        unit.heads.lock(board.id)
        disabling.start()
        time.sleep(0.4)  # until it waits for the head
        unit.subscriptions.update(made)
    disabling.join(10)
    with room.services.store.read() as unit:
        found = unit.subscriptions.get(made.id)
    assert found is not None
    assert found.state == "paused"

"""Groups: made by admins, kept by their own admins, and a member who leaves sees and hears nothing more."""

from __future__ import annotations

import pytest

from stillframe.errors import Conflict, Forbidden, InvalidInput, NotFound
from stillframe.flows.auditing import list_audit
from stillframe.flows.groups import create_group, get_group, list_groups, remove_member, rename_group, set_member
from stillframe.flows.identity import authenticate, create_token
from stillframe.flows.permission import visible_dashboard
from stillframe.testing import WebhookReceiver
from tests.flows.room import ANY, Room


def states(room: Room, name: str) -> list[str]:
    """The subscriptions of somebody that are still active."""
    with room.services.store.read() as unit:
        return [found.dashboard_id for found in unit.subscriptions.owned_by(room.standing(name).user_id)]


def test_a_group_is_made_with_its_health_dashboard(room: Room) -> None:
    """In one transaction: what is about a group is there as soon as the group is."""
    group = create_group(room.services, room.root, group_id="team-a", name="  Team\t A ")
    assert (group.id, group.name, group.created_by) == ("team-a", "Team A", room.root.name)
    with room.services.store.read() as unit:
        health = unit.dashboards.get("group:team-a")
    assert health is not None
    assert (health.kind, health.group_id, health.title) == ("health", "team-a", "Team A")
    assert create_group(room.services, room.root, group_id="b").name == "b"


def test_only_admins_make_groups(room: Room) -> None:
    """Whoever could make a group could take a name from a team that comes later."""
    with pytest.raises(Forbidden):
        create_group(room.services, room.alice, group_id="mine")
    create_group(room.services, room.root, group_id="mine")
    with pytest.raises(Conflict, match="exists"):
        create_group(room.services, room.root, group_id="mine")


@pytest.mark.parametrize("group_id", ["", "Team", "a b", "-a", "a/b", "a" * 65, "ä"])
def test_an_id_can_stand_in_an_address(room: Room, group_id: str) -> None:
    """It is part of paths, of references and of files' names."""
    with pytest.raises(InvalidInput, match=r"\$\.id"):
        create_group(room.services, room.root, group_id=group_id)


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "a\x1bb", "a\u202eb", "\ud800"])
def test_a_name_can_be_shown(room: Room, name: str) -> None:
    """It stands in pages, documents and terminals; nothing was made with a name that cannot."""
    with pytest.raises(InvalidInput, match=r"\$\.name"):
        create_group(room.services, room.root, group_id="a", name=name)
    assert list_groups(room.services, room.root) == []


def test_members_see_their_groups_and_analysts_see_all(room: Room) -> None:
    """A list holds what one may read, and who is not in a group does not learn that it is there."""
    room.team("team-a", bob="viewer")
    room.team("team-b", charlie="admin")
    bob = room.standing("bob")
    assert [group.id for group in list_groups(room.services, bob)] == ["team-a"]
    assert [group.id for group in list_groups(room.services, room.root)] == ["team-a", "team-b"]
    members = get_group(room.services, bob, group_id="team-a").as_dict()["members"]
    assert [(member["user"], member["role"]) for member in members] == [("bob", "viewer")]
    said = []
    for group_id in ("team-b", "absent"):
        with pytest.raises(NotFound) as refused:
            get_group(room.services, bob, group_id=group_id)
        said.append((refused.value.message, refused.value.invisible))
    assert said[0][0] == said[1][0]
    assert [invisible for _, invisible in said] == [True, False]


def test_a_role_in_a_group_holds_from_the_next_request_on(room: Room) -> None:
    """The credential proves who it is; what they may do is read anew each time."""
    text = create_token(room.services, room.bob, user_name="bob").text
    assert authenticate(room.services, text).groups == {}
    room.team("team-a", bob="viewer")
    assert authenticate(room.services, text).groups == {"team-a": "viewer"}
    set_member(room.services, room.root, group_id="team-a", user_name="bob", role="editor")
    assert authenticate(room.services, text).groups == {"team-a": "editor"}
    remove_member(room.services, room.root, group_id="team-a", user_name="bob")
    assert authenticate(room.services, text).groups == {}


def test_a_groups_own_admin_keeps_it(room: Room) -> None:
    """They rename it and say who is in it; editors and viewers do not, and to strangers it is absent."""
    room.team("team-a", alice="admin", bob="editor")
    alice, bob = room.standing("alice"), room.standing("bob")
    member = set_member(room.services, alice, group_id="team-a", user_name="charlie", role="viewer")
    room.clock.move(minutes=1)
    promoted = set_member(room.services, alice, group_id="team-a", user_name="charlie", role="editor")
    assert (promoted.role, promoted.since) == ("editor", member.since)
    assert rename_group(room.services, alice, group_id="team-a", name="The A team").name == "The A team"
    for act in (
        lambda: set_member(room.services, bob, group_id="team-a", user_name="bob", role="admin"),
        lambda: remove_member(room.services, bob, group_id="team-a", user_name="charlie"),
        lambda: rename_group(room.services, bob, group_id="team-a", name="Ours"),
    ):
        with pytest.raises(Forbidden, match="role admin in its group"):
            act()
    remove_member(room.services, alice, group_id="team-a", user_name="charlie")
    with pytest.raises(NotFound):
        set_member(room.services, room.charlie, group_id="team-a", user_name="charlie", role="admin")


def test_the_last_admin_of_a_group_may_go(room: Room) -> None:
    """Those of the house remain, so no group is ever locked."""
    room.team("team-a", alice="admin")
    remove_member(room.services, room.standing("alice"), group_id="team-a", user_name="alice")
    assert get_group(room.services, room.root, group_id="team-a").members == []
    set_member(room.services, room.root, group_id="team-a", user_name="bob", role="admin")


def test_who_and_which_role_must_exist(room: Room) -> None:
    """An unknown user is absent; an unknown role is refused with those there are; nothing was changed."""
    room.team("team-a")
    with pytest.raises(NotFound, match="nobody"):
        set_member(room.services, room.root, group_id="team-a", user_name="nobody", role="viewer")
    with pytest.raises(InvalidInput, match="viewer, editor, admin"):
        set_member(room.services, room.root, group_id="team-a", user_name="bob", role="owner")
    for name in ("nobody", "bob"):
        with pytest.raises(NotFound):
            remove_member(room.services, room.root, group_id="team-a", user_name=name)
    assert get_group(room.services, room.root, group_id="team-a").members == []


def test_a_group_renamed_renames_its_dashboard(room: Room) -> None:
    """Its history goes on: what it shows is the same."""
    room.team("team-a")
    with room.services.store.read() as unit:
        before = unit.dashboards.get("group:team-a")
    rename_group(room.services, room.root, group_id="team-a", name="The A team")
    with room.services.store.read() as unit:
        after = unit.dashboards.get("group:team-a")
    assert before is not None
    assert after is not None
    assert after.title == after.view_spec["title"] == "The A team"
    assert after.view_spec_hash == before.view_spec_hash


def test_who_leaves_a_group_is_sent_nothing_more_of_it(room: Room, receiver: WebhookReceiver) -> None:
    """Also of dashboards that they made themselves: those are the group's."""
    room.team("team-a", bob="editor")
    bob = room.standing("bob")
    board = room.board(owner=bob, scope={"group": "team-a"})
    own = room.board("Bob's", owner=bob)
    for dashboard in (board, own):
        room.subscribe(dashboard, receiver, ANY, caller=bob)
    set_member(room.services, room.root, group_id="team-a", user_name="bob", role="viewer")
    assert states(room, "bob") == [board.id, own.id]
    remove_member(room.services, room.root, group_id="team-a", user_name="bob")
    assert states(room, "bob") == [own.id]
    with room.services.store.read() as unit:
        inbox = unit.notifications.list(bob.user_id, persona=None, unread_only=False, limit=10).items
        with pytest.raises(NotFound):
            visible_dashboard(unit, room.standing("bob"), board.id)
    assert [line.text for line in inbox] == ["Subscriptions paused because you may no longer see their dashboards: 1."]


def test_every_change_of_a_group_is_in_the_log_once(room: Room) -> None:
    """Who, what, from what to what; what changed nothing has no line."""
    room.team("team-a", bob="viewer")
    for _ in range(2):
        set_member(room.services, room.root, group_id="team-a", user_name="bob", role="editor")
        rename_group(room.services, room.root, group_id="team-a", name="A")
    remove_member(room.services, room.root, group_id="team-a", user_name="bob")
    lines = list_audit(room.services, room.root, object="group:team-a", limit=10).items
    assert [(line.action, dict(line.detail)) for line in reversed(lines)] == [
        ("group.create", {"name": "team-a"}),
        ("group.member", {"user": "bob", "old": None, "new": "viewer"}),
        ("group.member", {"user": "bob", "old": "viewer", "new": "editor"}),
        ("group.rename", {"old": "team-a", "new": "A"}),
        ("group.member", {"user": "bob", "old": "editor", "new": None}),
    ]
    assert {(line.actor, line.outcome) for line in lines} == {(room.root.name, "done")}

"""Who may do what: the decision table, and the laws that hold over all of it."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.model.identity import GROUP_ROLES, ROLES, TOKEN_SCOPES, Caller, GroupRole, Role
from stillframe.rules.access import Action, may, readable_groups, reads_every_group, scopes_included

ACTIONS: tuple[Action, ...] = get_args(Action)
TEAM = "team-a"
ALICE = Caller(user_id="u-alice", name="alice", role="viewer")
CHARLIE = Caller(user_id="u-charlie", name="charlie", role="viewer", groups={"team-b": "admin"})
ADMIN = Caller(user_id="u-admin", name="admin", role="admin")


def bob(group_role: GroupRole, role: Role = "viewer") -> Caller:
    return Caller(user_id="u-bob", name="bob", role=role, groups={TEAM: group_role})


def test_every_action_has_an_answer_for_everybody() -> None:
    """No action falls through: each gives a decision with a sentence."""
    assert all(
        may(caller, action, owner_id="u-alice", group_id=group).sentence
        for caller in (ALICE, CHARLIE, ADMIN, bob("viewer"))
        for action in ACTIONS
        for group in (None, TEAM)
    )


@pytest.mark.parametrize("action", ACTIONS)
def test_an_admin_with_a_whole_token_may_do_everything(action: Action) -> None:
    """The role admin is denied nothing, in a group or without."""
    assert may(ADMIN, action, owner_id="u-alice").allowed
    assert may(ADMIN, action, owner_id="u-alice", group_id=TEAM).allowed


@pytest.mark.parametrize(
    ("action", "owner", "stranger"),
    [
        ("dashboard.read", None, "role"),
        ("dashboard.create", None, "role"),
        ("dashboard.change", None, "role"),
        ("connection.use", "role", "role"),
        ("snapshot.take", None, "role"),
        ("snapshot.accept", None, "role"),
        ("snapshot.take_all", "role", "role"),
        ("report.take", None, "role"),
        ("release.check", None, "role"),
        ("release.read", None, "role"),
        ("suppression.list", None, "role"),
        ("suppression.change", "role", "role"),
        ("subscription.list_all", None, "role"),
        ("subscription.change", None, "role"),
        ("delivery.replay", None, "role"),
        ("comment.write", None, "role"),
        ("persona.create", None, None),
        ("persona.use", None, "role"),
        ("persona.list_all", "role", "role"),
        ("token.create_other", "role", "role"),
        ("token.revoke", None, "role"),
        ("user.manage", "role", "role"),
        ("notification.read", None, "role"),
        ("group.create", "role", "role"),
        ("audit.read", "role", "role"),
        ("retention.clean", "role", "role"),
    ],
)
def test_an_owner_may_what_a_stranger_may_not(action: Action, owner: str | None, stranger: str | None) -> None:
    """What is Alice's, and no group's, is hers and the admins'; Charlie gets nothing of it."""
    assert may(ALICE, action, owner_id="u-alice").denial == owner
    assert may(CHARLIE, action, owner_id="u-alice").denial == stranger


@pytest.mark.parametrize(
    ("action", "viewer", "editor", "keeper"),
    [
        ("dashboard.read", None, None, None),
        ("dashboard.create", "role", None, None),
        ("dashboard.change", "role", None, None),
        ("snapshot.take", "role", None, None),
        ("snapshot.freeze", "role", None, None),
        ("subscription.list", None, None, None),
        ("subscription.address", "role", None, None),
        ("comment.write", None, None, None),
        ("comment.resolve", "role", None, None),
        ("group.read", None, None, None),
        ("group.change", "role", "role", None),
        ("project.read", None, None, None),
        ("project.create", "role", None, None),
        ("project.change", "role", "role", None),
        ("connection.use", "role", "role", "role"),
        ("audit.read", "role", "role", "role"),
    ],
)
def test_a_role_in_the_group_gives_what_it_says(
    action: Action, viewer: str | None, editor: str | None, keeper: str | None
) -> None:
    """Viewers read, editors make, admins of the group say who is in it; who made a thing of the group has no say."""
    denials = [may(bob(role), action, owner_id="u-alice", group_id=TEAM).denial for role in GROUP_ROLES]
    assert denials == [viewer, editor, keeper]
    assert may(ALICE, action, owner_id="u-alice", group_id=TEAM).denial == "role"
    assert may(CHARLIE, action, owner_id="u-alice", group_id=TEAM).denial == "role"


def test_a_refusal_names_the_role_that_is_missing() -> None:
    """Whoever is refused knows whom to ask for what."""
    assert "editor or admin in its group" in may(bob("viewer"), "snapshot.take", group_id=TEAM).sentence
    assert "admin in its group" in may(bob("editor"), "group.change", group_id=TEAM).sentence
    assert "members of its group" in may(CHARLIE, "project.read", group_id=TEAM).sentence
    assert "owner" in may(CHARLIE, "dashboard.read", owner_id="u-alice").sentence


@pytest.mark.parametrize(
    ("role", "everything"), [("viewer", False), ("analyst", True), ("reviewer", True), ("admin", True)]
)
def test_some_roles_read_every_group(role: Role, everything: bool) -> None:
    """None stands for every group; a viewer reads those that they are in."""
    caller = bob("editor", role)
    assert reads_every_group(caller) is everything
    assert readable_groups(caller) == (None if everything else {TEAM})
    assert may(caller, "project.read", group_id="team-b").allowed is everything
    assert may(caller, "dashboard.read", owner_id="u-alice").allowed is (role == "admin")


@given(
    action=st.sampled_from(ACTIONS),
    scopes=st.lists(st.sampled_from(TOKEN_SCOPES), min_size=1, unique=True),
    role=st.sampled_from(ROLES),
    group_role=st.sampled_from(GROUP_ROLES),
    group=st.sampled_from([None, TEAM, "team-b"]),
    owner=st.sampled_from(["u-bob", "u-alice", None]),
)
def test_less_power_never_allows_more(
    action: Action, scopes: list[str], role: Role, group_role: GroupRole, group: str | None, owner: str | None
) -> None:
    """Whatever a narrower token, or a smaller role in the group, may do, the larger one may too."""
    narrow = Caller(user_id="u-bob", name="bob", role=role, groups={TEAM: group_role}, scopes=tuple(scopes))  # type: ignore[arg-type]  # because the strategy draws from the scopes
    if may(narrow, action, owner_id=owner, group_id=group).allowed:
        for larger in GROUP_ROLES[GROUP_ROLES.index(group_role) :]:
            assert may(bob(larger, role), action, owner_id=owner, group_id=group).allowed
        assert may(bob(group_role, "admin"), action, owner_id=owner, group_id=group).allowed


def test_a_reading_token_only_looks() -> None:
    """The scope read brings neither captures nor changes."""
    reader = Caller(user_id="u-admin", name="admin", role="admin", scopes=("read",))
    assert scopes_included(reader) == {"read"}
    assert may(reader, "dashboard.read").allowed
    assert may(reader, "snapshot.take").denial == "scope"
    assert may(reader, "user.manage").denial == "scope"


def test_a_capturing_token_reads_and_captures_and_no_more() -> None:
    """The scope capture is for machines that push."""
    pusher = Caller(user_id="u-alice", name="alice", role="viewer", scopes=("capture",))
    assert may(pusher, "snapshot.take", owner_id="u-alice").allowed
    assert may(pusher, "dashboard.read", owner_id="u-alice").allowed
    assert may(pusher, "dashboard.change", owner_id="u-alice").denial == "scope"


@pytest.mark.parametrize(
    ("role", "denial"), [("viewer", "role"), ("analyst", "role"), ("reviewer", None), ("admin", None)]
)
def test_only_a_reviewer_answers_for_a_finding(role: Role, denial: str | None) -> None:
    """Whoever builds a release does not say which of its findings count; a role in the group gives no such right."""
    assert may(bob("admin", role), "suppression.change", owner_id="u-bob", group_id=TEAM).denial == denial

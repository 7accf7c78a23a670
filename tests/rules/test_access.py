"""Who may do what: the decision table, and the laws that hold over all of it."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.model.identity import TOKEN_SCOPES, Caller
from stillframe.rules.access import Action, may, scopes_included

ACTIONS: tuple[Action, ...] = get_args(Action)
ALICE = Caller(user_id="u-alice", name="alice", role="viewer")
CHARLIE = Caller(user_id="u-charlie", name="charlie", role="viewer")
ADMIN = Caller(user_id="u-admin", name="admin", role="admin")


def test_every_action_has_an_answer_for_everybody() -> None:
    """No action falls through: each gives a decision with a sentence."""
    assert all(
        may(caller, action, owner_id="u-alice").sentence for caller in (ALICE, CHARLIE, ADMIN) for action in ACTIONS
    )


@pytest.mark.parametrize("action", ACTIONS)
def test_an_admin_with_a_whole_token_may_do_everything(action: Action) -> None:
    """The role admin is denied nothing."""
    assert may(ADMIN, action, owner_id="u-alice").allowed


@pytest.mark.parametrize(
    ("action", "owner", "stranger"),
    [
        ("dashboard.read", None, "role"),
        ("dashboard.create", None, None),
        ("dashboard.change", None, "role"),
        ("connection.use", "role", "role"),
        ("snapshot.take", None, "role"),
        ("snapshot.accept", None, "role"),
        ("subscription.list_all", None, "role"),
        ("subscription.change", None, "role"),
        ("delivery.replay", None, "role"),
        ("comment.write", None, "role"),
        ("persona.use", None, "role"),
        ("persona.list_all", "role", "role"),
        ("token.create_other", "role", "role"),
        ("token.revoke", None, "role"),
        ("user.manage", "role", "role"),
        ("notification.read", None, "role"),
    ],
)
def test_an_owner_may_what_a_stranger_may_not(action: Action, owner: str | None, stranger: str | None) -> None:
    """What is Alice's is hers and the admins'; Charlie gets nothing of it."""
    assert may(ALICE, action, owner_id="u-alice").denial == owner
    assert may(CHARLIE, action, owner_id="u-alice").denial == stranger


@given(action=st.sampled_from(ACTIONS), scopes=st.lists(st.sampled_from(TOKEN_SCOPES), min_size=1, unique=True))
def test_a_narrower_token_never_allows_more(action: Action, scopes: list[str]) -> None:
    """Whatever a token with some scopes may do, the same caller with all scopes may too."""
    narrow = Caller(user_id="u-alice", name="alice", role="viewer", scopes=tuple(scopes))  # type: ignore[arg-type]  # because the strategy draws from the scopes
    if may(narrow, action, owner_id="u-alice").allowed:
        assert may(ALICE, action, owner_id="u-alice").allowed


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

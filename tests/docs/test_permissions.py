"""The page on permissions: its tables say what the code decides, for every action and every kind of caller."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pytest

from stillframe.model.audit import AuditEntry
from stillframe.model.identity import GROUP_ROLES, ROLES, TOKEN_SCOPES, Caller, GroupRole, Role, TokenScope
from stillframe.rules.access import Action, may
from tests.docs.documents import table_of

ACTIONS: tuple[Action, ...] = get_args(Action)
TEAM = "team-a"
IN_GROUP: Mapping[str, set[str]] = {
    "reader": {"viewer", "editor", "admin"},
    "editor": {"editor", "admin"},
    "keeper": {"admin"},
}
"""Which roles in a group the page's words stand for."""


@pytest.fixture(scope="module")
def page(repository: Path) -> Path:
    """The page."""
    return repository / "docs" / "reference" / "permissions.md"


@pytest.fixture(scope="module")
def table(page: Path) -> dict[str, tuple[str, str]]:
    """Action to standing and scope, as the page says."""
    rows = table_of(page, heading="Action")
    return {action.strip("`"): (standing, scope.strip("`")) for action, standing, scope, _ in rows}


def caller(
    name: str,
    *,
    role: Role = "viewer",
    group_role: GroupRole | None = None,
    scopes: tuple[TokenScope, ...] = TOKEN_SCOPES,
) -> Caller:
    groups = {} if group_role is None else {TEAM: group_role}
    return Caller(user_id=name, name=name, role=role, groups=groups, scopes=scopes)


def test_the_table_has_every_action_once_in_order(table: dict[str, tuple[str, str]]) -> None:
    """An action that the page forgets is one that nobody knows is guarded."""
    assert list(table) == list(ACTIONS)


@pytest.mark.parametrize("action", ACTIONS)
def test_the_table_says_who_may_with_what_belongs_to_no_group(
    table: dict[str, tuple[str, str]], action: Action
) -> None:
    """Alice owns it, Charlie does not, and an admin is nobody's equal."""
    standing, _ = table[action]
    assert may(caller("charlie", role="admin"), action, owner_id="alice").allowed
    assert may(caller("alice"), action, owner_id="alice").allowed is (standing not in ("admin", "reviewer"))
    for role in ("viewer", "analyst", "reviewer"):
        stranger = caller("charlie", role=role, group_role="admin")
        assert may(stranger, action, owner_id="alice").allowed is (standing in ("anyone", role))


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("group_role", [None, *GROUP_ROLES])
def test_the_table_says_which_role_in_the_group_is_enough(
    table: dict[str, tuple[str, str]], action: Action, group_role: GroupRole | None
) -> None:
    """What belongs to a group is nobody's own: whoever made it has the standing that their role in the group gives."""
    standing, _ = table[action]
    enough = standing == "anyone" or group_role in IN_GROUP.get(standing, set())
    assert may(caller("bob", group_role=group_role), action, owner_id="alice", group_id=TEAM).allowed is enough
    if standing in IN_GROUP:
        assert may(caller("alice", group_role=group_role), action, owner_id="alice", group_id=TEAM).allowed is enough
    assert not may(caller("bob", group_role=group_role), action, owner_id="alice", group_id="other").allowed or (
        standing == "anyone"
    )


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", ROLES)
def test_the_table_of_roles_says_who_reads_every_group(
    table: dict[str, tuple[str, str]], action: Action, role: Role
) -> None:
    """Analysts and reviewers read, and change nothing that is not theirs; reviewers do what is a reviewer's."""
    standing, _ = table[action]
    reads = role in ("analyst", "reviewer") and standing == "reader"
    enough = role == "admin" or standing in ("anyone", role) or reads
    assert may(caller("ana", role=role), action, owner_id="alice", group_id=TEAM).allowed is enough


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("scope", TOKEN_SCOPES)
def test_the_table_says_which_token_is_enough(
    table: dict[str, tuple[str, str]], action: Action, scope: TokenScope
) -> None:
    """Each scope includes those before it; a role does not make up for a scope."""
    enough = TOKEN_SCOPES.index(scope) >= TOKEN_SCOPES.index(table[action][1])  # type: ignore[arg-type]  # because the page has text
    assert may(caller("alice", role="admin", scopes=(scope,)), action, owner_id="alice").allowed is enough


def test_the_page_has_every_role_and_standing(page: Path) -> None:
    """A role that the page forgets is given by guess."""
    assert [row[0].strip("`") for row in table_of(page, heading="Role")] == list(ROLES)
    assert {row[0] for row in table_of(page, heading="Standing")} == {
        row[1] for row in table_of(page, heading="Action")
    }


def test_the_page_has_every_member_of_a_line_of_the_log(page: Path) -> None:
    """What is logged of people is said to them."""
    said = {name.strip("` ") for row in table_of(page, heading="Member") for name in row[0].split(",")}
    assert said == set(AuditEntry.__slots__) - {"key"}

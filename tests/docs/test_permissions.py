"""The page on permissions: its table says what the code decides, for every action and every kind of caller."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from stillframe.model.identity import TOKEN_SCOPES, Caller, Role, TokenScope
from stillframe.rules.access import Action, may
from tests.docs.documents import table_of

ACTIONS: tuple[Action, ...] = get_args(Action)


@pytest.fixture(scope="module")
def table(repository: Path) -> dict[str, tuple[str, str]]:
    """Action to standing and scope, as the page says."""
    rows = table_of(repository / "docs" / "reference" / "permissions.md", heading="Action")
    return {action.strip("`"): (standing, scope.strip("`")) for action, standing, scope, _ in rows}


def caller(name: str, *, role: Role = "viewer", scopes: tuple[TokenScope, ...] = TOKEN_SCOPES) -> Caller:
    return Caller(user_id=name, name=name, role=role, scopes=scopes)


def test_the_table_has_every_action_once_in_order(table: dict[str, tuple[str, str]]) -> None:
    """An action that the page forgets is one that nobody knows is guarded."""
    assert list(table) == list(ACTIONS)


@pytest.mark.parametrize("action", ACTIONS)
def test_the_table_says_who_may(table: dict[str, tuple[str, str]], action: Action) -> None:
    """Alice owns it, Charlie does not, and an admin is nobody's equal."""
    standing, _ = table[action]
    assert may(caller("charlie", role="admin"), action, owner_id="alice").allowed
    assert may(caller("alice"), action, owner_id="alice").allowed is (standing in ("owner", "anyone"))
    assert may(caller("charlie"), action, owner_id="alice").allowed is (standing == "anyone")


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("scope", TOKEN_SCOPES)
def test_the_table_says_which_token_is_enough(
    table: dict[str, tuple[str, str]], action: Action, scope: TokenScope
) -> None:
    """Each scope includes those before it; a role does not make up for a scope."""
    enough = TOKEN_SCOPES.index(scope) >= TOKEN_SCOPES.index(table[action][1])  # type: ignore[arg-type]  # because the page has text
    assert may(caller("alice", role="admin", scopes=(scope,)), action, owner_id="alice").allowed is enough

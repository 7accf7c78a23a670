"""Users, personas, tokens and callers: what of them is shown, and who is an administrator."""

from __future__ import annotations

from datetime import UTC, datetime

from stillframe.model.identity import TOKEN_SCOPES, Caller, Persona, Token, User

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_token_shows_everything_but_itself() -> None:
    """Neither the token nor its digest is a member, so neither can be shown."""
    token = Token(id="t", user_id="u", name="ci", scopes=("read",), created_at=NOW, expires_at=None)
    assert token.as_dict() == {
        "id": "t",
        "user_id": "u",
        "name": "ci",
        "scopes": ["read"],
        "created_at": "2026-01-01T00:00:00.000Z",
        "expires_at": None,
        "last_used_at": None,
        "revoked_at": None,
    }


def test_a_disabled_user_shows_since_when() -> None:
    """Null means enabled."""
    user = User(id="u", name="bob", role="viewer", created_at=NOW)
    gone = User(id="u", name="bob", role="viewer", created_at=NOW, disabled_at=NOW)
    assert user.as_dict()["disabled_at"] is None
    assert gone.as_dict()["disabled_at"] == "2026-01-01T00:00:00.000Z"


def test_a_persona_shows_its_owner() -> None:
    """Whose inbox it is."""
    persona = Persona(id="p", slug="ops", name="Ops", owner_id="u", created_at=NOW)
    assert persona.as_dict()["owner_id"] == "u"


def test_a_caller_has_all_scopes_unless_its_token_is_narrower() -> None:
    """The local caller carries no token."""
    caller = Caller(user_id="u", name="alice", role="admin")
    assert caller.scopes == TOKEN_SCOPES
    assert caller.is_admin
    assert not Caller(user_id="u", name="bob", role="viewer").is_admin

"""Users, tokens and personas, as they were given."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from stillframe.errors import Conflict
from stillframe.model.identity import Persona, Token
from stillframe.store import Store
from tests.store.cast import NOON, new_id, user


def test_a_name_is_one_users(store: Store) -> None:
    """A second Alice is refused; roles and the end of a user are kept."""
    alice, bob = user("alice"), user("bob", role="admin")
    with store.write() as unit:
        unit.users.add(bob)
        unit.users.add(alice)
        with pytest.raises(Conflict):
            unit.users.add(user("alice"))
        unit.users.set_role(alice.id, "admin")
        unit.users.disable(alice.id, NOON)
        unit.users.disable(alice.id, NOON + timedelta(days=1))
    with store.read() as unit:
        ended = replace(alice, role="admin", disabled_at=NOON)
        assert unit.users.list() == [ended, bob]
        assert unit.users.get(alice.id) == unit.users.by_name("alice") == ended
        assert unit.users.get("charlie") is None


def test_a_token_is_found_by_its_digest_with_its_user(store: Store) -> None:
    """One read proves a caller; a revoked token is still found, so that the caller can say why not."""
    alice, bob = user("alice"), user("bob")
    token = Token(
        id=new_id(), user_id=alice.id, name="ci", scopes=("read", "capture"), created_at=NOON, expires_at=NOON
    )
    with store.write() as unit:
        unit.users.add(alice)
        unit.users.add(bob)
        unit.tokens.add(token, digest=b"d" * 32)
        assert unit.tokens.by_digest(b"d" * 32) == (token, alice)
        assert unit.tokens.by_digest(b"e" * 32) is None
        unit.tokens.touch(token.id, NOON)
        unit.tokens.revoke(token.id, NOON)
        unit.tokens.revoke(token.id, NOON + timedelta(days=1))
        assert (
            unit.tokens.list(alice.id) == unit.tokens.list(None) == [replace(token, last_used_at=NOON, revoked_at=NOON)]
        )
        assert unit.tokens.list(bob.id) == []


def test_a_slug_is_one_personas(store: Store) -> None:
    """A mention names exactly one inbox."""
    alice, bob = user("alice"), user("bob")
    voice = Persona(id=new_id(), slug="ops-lead", name="Ops", owner_id=alice.id, created_at=NOON)
    with store.write() as unit:
        unit.users.add(alice)
        unit.users.add(bob)
        unit.personas.add(voice)
        with pytest.raises(Conflict):
            unit.personas.add(replace(voice, id=new_id(), owner_id=bob.id))
        assert unit.personas.by_slug("ops-lead") == voice
        assert unit.personas.list(alice.id) == unit.personas.list(None) == [voice]
        assert unit.personas.list(bob.id) == []

"""Users, the tokens they carry and the personas they own."""

from __future__ import annotations

import builtins
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from stillframe.errors import Conflict
from stillframe.model.identity import Persona, Role, Token, User
from stillframe.store.tables import PERSONAS, TOKENS, USERS
from stillframe.store.types import TimeText
from stillframe.store.work import Work

_USER_BY_ID = USERS.select().where(USERS.c.id == bindparam("wanted"))
_USER_BY_NAME = USERS.select().where(USERS.c.name == bindparam("wanted"))
_TOUCHED = (
    update(TOKENS).where(TOKENS.c.id == bindparam("token_id")).values(last_used_at=bindparam("at", type_=TimeText()))
)
_TOKEN_BY_DIGEST = (
    select(TOKENS, *(column.label(f"user_{column.name}") for column in USERS.c if column.name != "id"))
    .join(USERS, USERS.c.id == TOKENS.c.user_id)
    .where(TOKENS.c.digest == bindparam("wanted"))
)


class Users:
    """Everybody who has a name and a role."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, user: User) -> None:
        """
        Keep a new user.

        Errors  Conflict if the name is taken.
        """
        row = {name: getattr(user, name) for name in User.__slots__}
        if not self._work.run(self._work.insert_once(USERS), row):
            raise Conflict(f"the user {user.name} exists")

    def get(self, user_id: str) -> User | None:
        row = self._work.row(_USER_BY_ID, {"wanted": user_id})
        return row and _user(row)

    def some(self, user_ids: Collection[str]) -> builtins.list[User]:
        """Return those of these users that there are."""
        return [_user(row) for row in self._work.rows(USERS.select().where(USERS.c.id.in_(sorted(user_ids))))]

    def by_name(self, name: str) -> User | None:
        row = self._work.row(_USER_BY_NAME, {"wanted": name})
        return row and _user(row)

    def list(self) -> list[User]:
        """Return all users by name."""
        return [_user(row) for row in self._work.rows(USERS.select().order_by(USERS.c.name))]

    def set_role(self, user_id: str, role: Role) -> None:
        self._work.run(update(USERS).where(USERS.c.id == user_id).values(role=role))

    def disable(self, user_id: str, at: datetime) -> None:
        """Note since when a user is disabled; the first time stays."""
        self._work.run(update(USERS).where(USERS.c.id == user_id, USERS.c.disabled_at.is_(None)).values(disabled_at=at))


class Tokens:
    """Tokens by the SHA-256 of their text; the text itself is kept nowhere."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, token: Token, digest: bytes) -> None:
        row = {name: getattr(token, name) for name in Token.__slots__}
        self._work.run(TOKENS.insert(), row | {"digest": digest, "scopes": list(token.scopes)})

    def by_digest(self, digest: bytes) -> tuple[Token, User] | None:
        """Return a token and its user, whatever state they are in; the caller decides what that state means."""
        row = self._work.row(_TOKEN_BY_DIGEST, {"wanted": digest})
        if row is None:
            return None
        user = User(
            id=row.user_id,
            name=row.user_name,
            role=row.user_role,
            created_at=row.user_created_at,
            disabled_at=row.user_disabled_at,
        )
        return _token(row), user

    def touch(self, token_id: str, at: datetime) -> None:
        self._work.run(_TOUCHED, {"token_id": token_id, "at": at})

    def revoke(self, token_id: str, at: datetime) -> None:
        """Note since when a token is worthless; the first time stays."""
        self._work.run(
            update(TOKENS).where(TOKENS.c.id == token_id, TOKENS.c.revoked_at.is_(None)).values(revoked_at=at)
        )

    def list(self, user_id: str | None) -> builtins.list[Token]:
        """Return one user's tokens, or everybody's, oldest first."""
        mine = TOKENS.select().order_by(TOKENS.c.created_at, TOKENS.c.id)
        return [
            _token(row) for row in self._work.rows(mine if user_id is None else mine.where(TOKENS.c.user_id == user_id))
        ]


class Personas:
    """Voices in discussions, each with an owner."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, persona: Persona) -> None:
        """
        Keep a new persona.

        Errors  Conflict if the slug is taken.
        """
        row = {name: getattr(persona, name) for name in Persona.__slots__}
        if not self._work.run(self._work.insert_once(PERSONAS), row):
            raise Conflict(f"the persona {persona.slug} exists")

    def by_slug(self, slug: str) -> Persona | None:
        row = self._work.row(PERSONAS.select().where(PERSONAS.c.slug == slug))
        return row and _persona(row)

    def list(self, owner_id: str | None) -> builtins.list[Persona]:
        """Return one user's personas, or all, by slug."""
        mine = PERSONAS.select().order_by(PERSONAS.c.slug)
        return [
            _persona(row)
            for row in self._work.rows(mine if owner_id is None else mine.where(PERSONAS.c.owner_id == owner_id))
        ]


def _user(row: Row[Any]) -> User:
    return User(id=row.id, name=row.name, role=row.role, created_at=row.created_at, disabled_at=row.disabled_at)


def _token(row: Row[Any]) -> Token:
    values = {name: getattr(row, name) for name in Token.__slots__}
    return Token(**values | {"scopes": tuple(row.scopes)})


def _persona(row: Row[Any]) -> Persona:
    return Persona(id=row.id, slug=row.slug, name=row.name, owner_id=row.owner_id, created_at=row.created_at)

"""Who may ask: users, their groups, the personas they own, the tokens they carry, and the caller that a credential
proves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias, get_args

from stillframe.model.times import time_text

Role: TypeAlias = Literal["viewer", "analyst", "reviewer", "admin"]
"""`analyst` reads every group; `reviewer` also suppresses findings; `admin` does everything."""
GroupRole: TypeAlias = Literal["viewer", "editor", "admin"]
"""`viewer` reads; `editor` also makes dashboards and snapshots; `admin` also says who is a member."""
TokenScope: TypeAlias = Literal["read", "capture", "manage"]
"""`read` looks; `capture` also takes snapshots; `manage` does everything that the role allows."""

ROLES: tuple[Role, ...] = get_args(Role)
GROUP_ROLES: tuple[GroupRole, ...] = get_args(GroupRole)
TOKEN_SCOPES: tuple[TokenScope, ...] = get_args(TokenScope)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody, or some program, that has a name and a role."""

    id: str
    name: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        disabled = None if self.disabled_at is None else time_text(self.disabled_at)
        return {
            "id": self.id,
            "name": self.name,
            "role": self.role,
            "created_at": time_text(self.created_at),
            "disabled_at": disabled,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A voice in discussions, with an inbox, that belongs to a user: an analyst, a team's bot, an agent."""

    id: str
    slug: str
    name: str
    owner_id: str
    created_at: datetime

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "slug": self.slug,
            "name": self.name,
            "owner_id": self.owner_id,
            "created_at": time_text(self.created_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a token; the token itself is shown once and kept only as its SHA-256."""

    id: str
    user_id: str
    name: str
    scopes: tuple[TokenScope, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        times = {name: getattr(self, name) for name in ("created_at", "expires_at", "last_used_at", "revoked_at")}
        shown = {name: None if time is None else time_text(time) for name, time in times.items()}
        return {"id": self.id, "user_id": self.user_id, "name": self.name, "scopes": list(self.scopes), **shown}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """
    Who asks, as the credential proves it; no body or query widens it.

    Shape   `groups`: the caller's role in each group that has them as a member.
    """

    user_id: str
    name: str
    role: Role
    groups: Mapping[str, GroupRole] = field(default_factory=dict)
    scopes: tuple[TokenScope, ...] = TOKEN_SCOPES
    token_id: str | None = None

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"

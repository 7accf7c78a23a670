"""Shapes of answers about people and what they may see: users, tokens, groups, projects, the audit log."""

from __future__ import annotations

from typing import Any

from stillframe.api.shapes import Shape
from stillframe.model.audit import AuditOutcome
from stillframe.model.identity import GroupRole, Role, TokenScope


class PersonaShape(Shape):
    """A persona."""

    id: str
    slug: str
    name: str
    owner_id: str
    created_at: str


class TokenShape(Shape):
    """What is known of a token; never the token."""

    id: str
    user_id: str
    name: str
    scopes: list[TokenScope]
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None


class NewTokenShape(TokenShape):
    """A token just made; `token` is shown this once."""

    token: str
    user: str
    role: Role


class UserShape(Shape):
    """A user."""

    id: str
    name: str
    role: Role
    created_at: str
    disabled_at: str | None


class CallerShape(Shape):
    """Who you are, as your token proves it."""

    user_id: str
    name: str
    role: Role
    groups: dict[str, GroupRole]
    scopes: list[TokenScope]
    token_id: str | None


class GroupShape(Shape):
    """A group."""

    id: str
    name: str
    created_at: str
    created_by: str


class MembershipShape(Shape):
    """A user's role in a group."""

    group_id: str
    user: str
    user_id: str
    role: GroupRole
    since: str


class GroupWithMembersShape(GroupShape):
    """A group and everybody in it."""

    members: list[MembershipShape]


class ProjectShape(Shape):
    """A project; `scope_ref` is the id of its health dashboard."""

    name: str
    group_id: str
    title: str
    scope_ref: str
    created_at: str
    created_by: str


class AuditEntryShape(Shape):
    """One line of the audit log; `actor_id` is null where nobody proved who they are."""

    key: int
    at: str
    actor: str
    actor_id: str | None
    action: str
    object: str
    outcome: AuditOutcome
    detail: dict[str, Any]
    request_id: str | None

"""Who may do what: one pure decision that every door asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from stillframe.model.identity import Caller, GroupRole, Role, TokenScope

Action: TypeAlias = Literal[
    "dashboard.read",
    "dashboard.create",
    "dashboard.change",
    "dashboard.list_all",
    "connection.use",
    "channel.use",
    "snapshot.take",
    "snapshot.freeze",
    "snapshot.accept",
    "snapshot.take_all",
    "report.take",
    "release.check",
    "release.read",
    "suppression.list",
    "suppression.change",
    "subscription.list",
    "subscription.list_all",
    "subscription.address",
    "subscription.change",
    "subscription.test",
    "subscription.secret",
    "subscription.resume",
    "delivery.read",
    "delivery.replay",
    "comment.write",
    "comment.resolve",
    "persona.create",
    "persona.use",
    "persona.list_all",
    "group.read",
    "group.create",
    "group.change",
    "project.read",
    "project.create",
    "project.change",
    "token.create",
    "token.create_other",
    "token.revoke",
    "user.manage",
    "notification.read",
    "audit.read",
    "metrics.read",
    "retention.clean",
]
Standing: TypeAlias = Literal["anyone", "owner", "reader", "editor", "keeper", "reviewer", "admin"]
"""
`owner`: whose it is. `reader`, `editor`, `keeper`: of the group that it belongs to; what belongs to no group is its
owner's. `reviewer`: whose role everywhere is that one. Each includes the administrators.
"""
Denial: TypeAlias = Literal["role", "scope"]

_NEEDS: Mapping[Action, tuple[Standing, TokenScope]] = MappingProxyType(
    {
        "dashboard.read": ("reader", "read"),
        "dashboard.create": ("editor", "manage"),
        "dashboard.change": ("editor", "manage"),
        "dashboard.list_all": ("admin", "read"),
        "connection.use": ("admin", "read"),
        "channel.use": ("admin", "manage"),
        "snapshot.take": ("editor", "capture"),
        "snapshot.freeze": ("editor", "capture"),
        "snapshot.accept": ("editor", "manage"),
        "snapshot.take_all": ("admin", "capture"),
        "report.take": ("editor", "capture"),
        "release.check": ("editor", "capture"),
        "release.read": ("reader", "read"),
        "suppression.list": ("reader", "read"),
        "suppression.change": ("reviewer", "manage"),
        "subscription.list": ("reader", "read"),
        "subscription.list_all": ("editor", "read"),
        "subscription.address": ("editor", "manage"),
        "subscription.change": ("owner", "manage"),
        "subscription.test": ("owner", "manage"),
        "subscription.secret": ("owner", "manage"),
        "subscription.resume": ("owner", "manage"),
        "delivery.read": ("owner", "read"),
        "delivery.replay": ("owner", "manage"),
        "comment.write": ("reader", "manage"),
        "comment.resolve": ("editor", "manage"),
        "persona.create": ("anyone", "manage"),
        "persona.use": ("owner", "manage"),
        "persona.list_all": ("admin", "read"),
        "group.read": ("reader", "read"),
        "group.create": ("admin", "manage"),
        "group.change": ("keeper", "manage"),
        "project.read": ("reader", "read"),
        "project.create": ("editor", "manage"),
        "project.change": ("keeper", "manage"),
        "token.create": ("anyone", "manage"),
        "token.create_other": ("admin", "manage"),
        "token.revoke": ("owner", "manage"),
        "user.manage": ("admin", "manage"),
        "notification.read": ("owner", "read"),
        "audit.read": ("admin", "read"),
        "metrics.read": ("admin", "read"),
        "retention.clean": ("admin", "manage"),
    }
)
_INCLUDED: Mapping[TokenScope, frozenset[TokenScope]] = MappingProxyType(
    {
        "read": frozenset({"read"}),
        "capture": frozenset({"read", "capture"}),
        "manage": frozenset({"read", "capture", "manage"}),
    }
)
_READ_EVERY_GROUP: frozenset[Role] = frozenset({"analyst", "reviewer", "admin"})
_GROUP_ROLES: Mapping[Standing, frozenset[GroupRole]] = MappingProxyType(
    {
        "reader": frozenset({"viewer", "editor", "admin"}),
        "editor": frozenset({"editor", "admin"}),
        "keeper": frozenset({"admin"}),
    }
)
_SAID: Mapping[Standing, str] = MappingProxyType(
    {
        "reader": "is for members of its group",
        "editor": "needs the role editor or admin in its group",
        "keeper": "needs the role admin in its group",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """
    Whether a caller may do something, and if not, which of the two reasons holds.

    Shape   `denial`: None when allowed; `role` when somebody else could; `scope` when the caller could with another
            token.
    """

    denial: Denial | None
    sentence: str

    @property
    def allowed(self) -> bool:
        return self.denial is None


ALLOWED = Decision(denial=None, sentence="allowed")


def may(caller: Caller, action: Action, *, owner_id: str | None = None, group_id: str | None = None) -> Decision:
    """
    Decide whether a caller may do an action on something.

    Shape   `group_id`: the group that it belongs to, whose roles then decide; without one it is `owner_id`'s.
    Source  docs/reference/permissions.md.
    """
    standing, scope = _NEEDS[action]
    if scope not in scopes_included(caller):
        return Decision(denial="scope", sentence=f"this token's scopes do not include '{scope}'")
    if standing == "anyone" or caller.is_admin:
        return ALLOWED
    if standing == "admin":
        return Decision(denial="role", sentence=f"{action} needs the role admin")
    if standing == "reviewer":
        is_one = caller.role == "reviewer"
        return ALLOWED if is_one else Decision(denial="role", sentence=f"{action} needs the role reviewer or admin")
    if standing == "owner" or group_id is None:
        mine = caller.user_id == owner_id
        return ALLOWED if mine else Decision(denial="role", sentence=f"{action} is its owner's and the admins'")
    if caller.groups.get(group_id) in _GROUP_ROLES[standing] or (standing == "reader" and reads_every_group(caller)):
        return ALLOWED
    return Decision(denial="role", sentence=f"{action} {_SAID[standing]}")


def reads_every_group(caller: Caller) -> bool:
    """Say whether the caller's global role reads every group: analyst, reviewer, admin."""
    return caller.role in _READ_EVERY_GROUP


def readable_groups(caller: Caller) -> frozenset[str] | None:
    """Return the groups that a caller may read; None means every group."""
    return None if reads_every_group(caller) else frozenset(caller.groups)


def scopes_included(caller: Caller) -> frozenset[TokenScope]:
    """Return every scope that the caller's own scopes bring with them."""
    return frozenset().union(*(_INCLUDED[scope] for scope in caller.scopes))

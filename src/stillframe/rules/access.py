"""Who may do what: one pure decision that every door asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from stillframe.model.identity import Caller, TokenScope

Action: TypeAlias = Literal[
    "dashboard.read",
    "dashboard.create",
    "dashboard.change",
    "dashboard.list_all",
    "connection.use",
    "snapshot.take",
    "snapshot.freeze",
    "snapshot.accept",
    "subscription.list",
    "subscription.list_all",
    "subscription.address",
    "subscription.change",
    "delivery.read",
    "delivery.replay",
    "comment.write",
    "comment.resolve",
    "persona.create",
    "persona.use",
    "persona.list_all",
    "token.create",
    "token.create_other",
    "token.revoke",
    "user.manage",
    "notification.read",
]
Standing: TypeAlias = Literal["anyone", "owner", "admin"]
Denial: TypeAlias = Literal["role", "scope"]

_NEEDS: Mapping[Action, tuple[Standing, TokenScope]] = MappingProxyType(
    {
        "dashboard.read": ("owner", "read"),
        "dashboard.create": ("anyone", "manage"),
        "dashboard.change": ("owner", "manage"),
        "dashboard.list_all": ("admin", "read"),
        "connection.use": ("admin", "read"),
        "snapshot.take": ("owner", "capture"),
        "snapshot.freeze": ("owner", "capture"),
        "snapshot.accept": ("owner", "manage"),
        "subscription.list": ("anyone", "read"),
        "subscription.list_all": ("owner", "read"),
        "subscription.address": ("owner", "manage"),
        "subscription.change": ("owner", "manage"),
        "delivery.read": ("owner", "read"),
        "delivery.replay": ("owner", "manage"),
        "comment.write": ("owner", "manage"),
        "comment.resolve": ("owner", "manage"),
        "persona.create": ("anyone", "manage"),
        "persona.use": ("owner", "manage"),
        "persona.list_all": ("admin", "read"),
        "token.create": ("anyone", "manage"),
        "token.create_other": ("admin", "manage"),
        "token.revoke": ("owner", "manage"),
        "user.manage": ("admin", "manage"),
        "notification.read": ("owner", "read"),
    }
)
_INCLUDED: Mapping[TokenScope, frozenset[TokenScope]] = MappingProxyType(
    {
        "read": frozenset({"read"}),
        "capture": frozenset({"read", "capture"}),
        "manage": frozenset({"read", "capture", "manage"}),
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


def may(caller: Caller, action: Action, *, owner_id: str | None = None) -> Decision:
    """
    Decide whether a caller may do an action on something that `owner_id` owns.

    Source  docs/reference/permissions.md.
    """
    standing, scope = _NEEDS[action]
    if scope not in scopes_included(caller):
        return Decision(denial="scope", sentence=f"this token's scopes do not include '{scope}'")
    if standing == "admin" and not caller.is_admin:
        return Decision(denial="role", sentence=f"{action} needs the role admin")
    if standing == "owner" and not caller.is_admin and caller.user_id != owner_id:
        return Decision(denial="role", sentence=f"{action} is its owner's and the admins'")
    return Decision(denial=None, sentence="allowed")


def scopes_included(caller: Caller) -> frozenset[TokenScope]:
    """Return every scope that the caller's own scopes bring with them."""
    return frozenset().union(*(_INCLUDED[scope] for scope in caller.scopes))

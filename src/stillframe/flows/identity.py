"""Users, personas and tokens: made, listed, revoked; and the caller that a credential proves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from stillframe.errors import Conflict, Forbidden, InvalidInput, NotFound, StoreError, Unauthenticated
from stillframe.flows.auditing import audited
from stillframe.flows.permission import may_on, require, standing_of
from stillframe.flows.services import Services
from stillframe.model.dashboard import Dashboard
from stillframe.model.discussion import Notification
from stillframe.model.identity import ROLES, TOKEN_SCOPES, Caller, Persona, Role, Token, TokenScope, User
from stillframe.model.times import milliseconds, time_text
from stillframe.rules.access import may, scopes_included
from stillframe.store import Unit

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_USER_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@:+-]{0,199}")
_PRODUCT_NAMES = ("all", "scheduler", "stillframe")
"""Names that the product itself signs with, and the one of everybody's portfolio."""
_TOUCH_EVERY_SECONDS = 60
_log = structlog.get_logger(__name__)
LONGEST_TOKEN_DAYS = 3_650
TOKEN_PREFIX = "sf_"  # noqa: S105 because this is the public prefix of every token, not one


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token just made: `text` is shown to its maker once and kept nowhere."""

    token: Token
    user: User
    text: str = field(repr=False)


def digest_of_token(text: str) -> bytes:
    """Return what is kept of a token: the SHA-256 of its text."""
    return hashlib.sha256(text.encode()).digest()


def authenticate(services: Services, text: str) -> Caller:
    """
    Return the caller that a token proves.

    Errors  Unauthenticated if it is unknown, revoked, expired, or its user is disabled: always the same words.
    Source  docs/reference/permissions.md.
    """
    now = services.clock()
    digest = digest_of_token(text)
    with services.store.read() as unit:
        found = unit.tokens.by_digest(digest) if text.startswith(TOKEN_PREFIX) else None
        groups = unit.groups.roles_of(found[1].id) if found is not None else {}
    if found is None:
        raise Unauthenticated("the token is not valid: unknown, revoked or expired")
    token, user = found
    expired = token.expires_at is not None and token.expires_at <= now
    if token.revoked_at is not None or expired or user.disabled_at is not None:
        raise Unauthenticated("the token is not valid: unknown, revoked or expired")
    if token.last_used_at is None or (now - token.last_used_at).total_seconds() >= _TOUCH_EVERY_SECONDS:
        _touch(services, token, now)
    return Caller(
        user_id=user.id, name=user.name, role=user.role, groups=groups, scopes=token.scopes, token_id=token.id
    )


def _touch(services: Services, token: Token, now: datetime) -> None:
    try:
        with services.store.write() as unit:
            unit.tokens.touch(token.id, now)
    except StoreError as error:
        # On a full disk people must still be able to look.
        _log.warning("token_use_not_noted", error_code=error.code, error=error.message)


def local_caller(services: Services, os_user: str) -> Caller:
    """Return the caller of a command that opened the database itself: who can open the file can do everything."""
    name = f"local:{os_user}"
    with services.store.read() as unit:
        user = unit.users.by_name(name)
    if user is None:
        with services.store.write() as unit:
            user = unit.users.by_name(name)
            if user is None:
                user = _new_user(services, name=name, role="admin")
                unit.users.add(user)
                themselves = Caller(user_id=user.id, name=name, role="admin")
                audited(services, unit, themselves, action="user.create", object=f"user:{name}", role="admin")
    return Caller(user_id=user.id, name=user.name, role="admin")


def create_token(
    services: Services,
    caller: Caller,
    *,
    user_name: str,
    role: Role | None = None,
    label: str | None = None,
    scopes: Sequence[str] = TOKEN_SCOPES,
    days: float | None = None,
) -> NewToken:
    """
    Make a token for a user; an admin may make one for anybody, and the user with it.

    Units   `days` until it expires; None means never.
    Errors  InvalidInput for unknown scopes or roles; Forbidden for somebody else's token; Conflict if the user has
            another role.
    """
    _check_token(role, scopes, days)
    if user_name != caller.name or (role is not None and role != caller.role):
        require(caller, "token.create_other")
    require(caller, "token.create")
    wider = set(scopes) - scopes_included(caller)
    if wider and not may(caller, "token.create_other").allowed:
        raise Forbidden(f"your token cannot make one with wider scopes: {', '.join(sorted(wider))}")
    now = milliseconds(services.clock())
    text = services.new_token()
    expires_at = None if days is None else milliseconds(now + timedelta(days=days))
    with services.store.write() as unit:
        user = unit.users.by_name(user_name)
        if user is None:
            user = _new_user(services, name=user_name, role=role or "viewer")
            unit.users.add(user)
            audited(services, unit, caller, action="user.create", object=f"user:{user.name}", role=user.role)
        if role is not None and user.role != role:
            raise Conflict(
                f"{user_name} has the role {user.role}; change it with `stillframe user role {user_name} {role}`"
            )
        kept: tuple[TokenScope, ...] = tuple(scope for scope in TOKEN_SCOPES if scope in scopes)
        token = Token(
            id=services.new_id(),
            user_id=user.id,
            name=label or user_name,
            scopes=kept,
            created_at=now,
            expires_at=expires_at,
        )
        unit.tokens.add(token, digest=digest_of_token(text))
        audited(
            services,
            unit,
            caller,
            action="token.create",
            object=f"token:{token.id}",
            user=user.name,
            scopes=list(kept),
            expires_at=None if expires_at is None else time_text(expires_at),
        )
    return NewToken(token=token, user=user, text=text)


def list_tokens(services: Services, caller: Caller) -> list[Token]:
    """Return the caller's tokens, or everybody's for an admin; never the tokens themselves."""
    with services.store.read() as unit:
        return unit.tokens.list(None if may(caller, "user.manage").allowed else caller.user_id)


def revoke_token(services: Services, caller: Caller, token_id: str) -> None:
    """
    Make a token worthless from now on.

    Errors  NotFound if there is none, or it is somebody else's.
    """
    with services.store.write() as unit:
        found = next((token for token in unit.tokens.list(None) if token.id == token_id), None)
        hidden = "there is no token here that you can see"
        if found is None:
            raise NotFound(hidden)
        if may(caller, "token.revoke", owner_id=found.user_id).denial == "role":
            raise NotFound(hidden, invisible=True)
        require(caller, "token.revoke", owner_id=found.user_id)
        if found.revoked_at is None:
            unit.tokens.revoke(token_id, services.clock())
            audited(services, unit, caller, action="token.revoke", object=f"token:{token_id}", token=found.name)


def list_users(services: Services, caller: Caller) -> list[User]:
    """Return all users, for an admin."""
    require(caller, "user.manage")
    with services.store.read() as unit:
        return unit.users.list()


def set_role(services: Services, caller: Caller, *, user_name: str, role: Role) -> User:
    """
    Give a user another role; their subscriptions to what they no longer see are paused, and they are told.

    Errors  InvalidInput for an unknown role; NotFound for an unknown user.
    """
    require(caller, "user.manage")
    _check_token(role, TOKEN_SCOPES, None)
    with services.store.write() as unit:
        old = named_user(unit, user_name)
        if old.role == role:
            return old
        unit.users.set_role(old.id, role)
        audited(services, unit, caller, action="user.role", object=f"user:{old.name}", old=old.role, new=role)
        return without_lost(services, unit, named_user(unit, user_name))


def disable_user(services: Services, caller: Caller, *, user_name: str) -> User:
    """Refuse every token of a user from now on, and pause their subscriptions; what they own stays."""
    require(caller, "user.manage")
    with services.store.write() as unit:
        old = named_user(unit, user_name)
        if old.disabled_at is not None:
            return old
        unit.users.disable(old.id, services.clock())
        audited(services, unit, caller, action="user.disable", object=f"user:{old.name}")
        return without_lost(services, unit, named_user(unit, user_name))


def create_persona(
    services: Services, caller: Caller, *, slug: str, name: str | None = None, owner_name: str | None = None
) -> Persona:
    """
    Make a persona that the caller owns; an admin may name another owner.

    Errors  InvalidInput for a slug that a mention could not name; Conflict if it is taken.
    """
    if not _SLUG.fullmatch(slug):
        raise InvalidInput.at("$.slug", "a slug is 1 to 63 of a-z, 0-9 and -, not at its ends: ops-lead")
    require(caller, "persona.create")
    if owner_name is not None and owner_name != caller.name:
        require(caller, "user.manage")
    with services.store.write() as unit:
        owner_id = caller.user_id if owner_name in (None, caller.name) else named_user(unit, str(owner_name)).id
        if unit.personas.by_slug(slug) is not None:
            raise Conflict(f"the persona {slug} exists")
        created_at = milliseconds(services.clock())
        persona = Persona(id=services.new_id(), slug=slug, name=name or slug, owner_id=owner_id, created_at=created_at)
        unit.personas.add(persona)
        audited(services, unit, caller, action="persona.create", object=f"persona:{slug}", owner_id=owner_id)
    return persona


def list_personas(services: Services, caller: Caller) -> list[Persona]:
    """Return the caller's personas, or all for an admin."""
    require(caller, "notification.read", owner_id=caller.user_id)
    with services.store.read() as unit:
        return unit.personas.list(None if may(caller, "persona.list_all").allowed else caller.user_id)


def without_lost(services: Services, unit: Unit, user: User) -> User:
    """
    Pause the subscriptions whose dashboard their owner may no longer see: nothing more is sent for them.

    Who sees less of a dashboard than before goes on, and is told of that.
    """
    standing = standing_of(unit, user)
    lost = []
    for subscription in unit.subscriptions.owned_by(user.id):
        dashboard = unit.dashboards.get(subscription.dashboard_id)
        seen = dashboard is not None and may_on(standing, "dashboard.read", dashboard).allowed
        if user.disabled_at is not None or not seen:
            lost.append(subscription)
    if lost:
        now = milliseconds(services.clock())
        # Heads first, as a capture does: it writes on the same subscriptions.
        for dashboard_id in sorted({subscription.dashboard_id for subscription in lost}):
            unit.heads.lock(dashboard_id)
        unit.subscriptions.pause(
            [found.id for found in lost], reason="its owner may no longer see this dashboard", at=now
        )
        text = f"Subscriptions paused because you may no longer see their dashboards: {len(lost)}."
        notice = Notification(id=services.new_id(), user_id=user.id, kind="notice", text=text, created_at=now)
        unit.notifications.add_many([notice])
    return user


def pause_left_behind(services: Services, unit: Unit, dashboard: Dashboard) -> None:
    """Pause the subscriptions of those who may no longer see a dashboard that moved to another scope."""
    owners = {found.owner_id for found in unit.subscriptions.list(dashboard.id, None)}
    for user in filter(None, map(unit.users.get, sorted(owners))):
        without_lost(services, unit, user)


def named_user(unit: Unit, name: str) -> User:
    """
    Return the user of this name.

    Errors  NotFound.
    """
    user = unit.users.by_name(name)
    if user is None:
        raise NotFound(f"there is no user {name[:100]}")
    return user


def _check_token(role: str | None, scopes: Sequence[str], days: float | None) -> None:
    if role is not None and role not in ROLES:
        raise InvalidInput.at("$.role", f"{role!r} is not a role; roles are {', '.join(ROLES)}")
    unknown = [scope for scope in scopes if scope not in TOKEN_SCOPES]
    if unknown or not scopes:
        raise InvalidInput.at(
            "$.scopes", f"scopes are one or more of {', '.join(TOKEN_SCOPES)}, not {', '.join(unknown) or 'none'}"
        )
    if days is not None and not 0 < days <= LONGEST_TOKEN_DAYS:
        raise InvalidInput.at("$.expires_in_days", f"more than 0 and at most {LONGEST_TOKEN_DAYS} days")


def _new_user(services: Services, *, name: str, role: Role) -> User:
    if not _USER_NAME.fullmatch(name):
        raise InvalidInput.at(
            "$.name", "a user name is 1 to 200 letters, digits and _ . @ : + -, beginning with a letter, digit or _"
        )
    if name.lower() in _PRODUCT_NAMES:
        raise InvalidInput.at("$.name", f"{name} is a name that Stillframe itself uses; take another")
    return User(id=services.new_id(), name=name, role=role, created_at=milliseconds(services.clock()))

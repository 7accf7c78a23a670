"""Groups: made, renamed, and who is a member of them in which role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stillframe.errors import Conflict, InvalidInput, NotFound
from stillframe.flows.auditing import audited
from stillframe.flows.identity import named_user, without_lost
from stillframe.flows.permission import require, visible_group
from stillframe.flows.scopes import add_health_dashboard, retitle_health_dashboard
from stillframe.flows.services import Services
from stillframe.model.identity import GROUP_ROLES, Caller, GroupRole
from stillframe.model.ownership import Group, Membership, shown_line
from stillframe.model.scope import Scope
from stillframe.model.scope import group_id as checked_id
from stillframe.model.times import milliseconds
from stillframe.rules.access import readable_groups


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWithMembers:
    """A group and everybody in it, by name."""

    group: Group
    members: Sequence[Membership]

    def as_dict(self) -> dict[str, Any]:
        return {**self.group.as_dict(), "members": [member.as_dict() for member in self.members]}


def create_group(services: Services, caller: Caller, *, group_id: str, name: str | None = None) -> Group:
    """
    Make a group, without members yet, and its health dashboard.

    Errors  InvalidInput for an id or a name that cannot be one; Forbidden; Conflict if the id is taken.
    """
    require(caller, "group.create")
    group = Group(
        id=checked_id(group_id),
        name=shown_line(group_id if name is None else name, path="$.name"),
        created_at=milliseconds(services.clock()),
        created_by=caller.name,
    )
    with services.store.write() as unit:
        if unit.groups.get(group.id) is not None:
            raise Conflict(f"the group {group.id} exists")
        unit.groups.add(group)
        add_health_dashboard(
            services,
            unit,
            scope=Scope(kind="group", name=group.id),
            owner_id=caller.user_id,
            title=group.name,
            group_id=group.id,
        )
        audited(services, unit, caller, action="group.create", object=f"group:{group.id}", name=group.name)
    return group


def list_groups(services: Services, caller: Caller) -> list[Group]:
    """Return the groups that the caller may read, by id."""
    require(caller, "dashboard.read", owner_id=caller.user_id)
    with services.store.read() as unit:
        return unit.groups.list(readable_groups(caller))


def get_group(services: Services, caller: Caller, *, group_id: str) -> GroupWithMembers:
    """
    Return a group and its members.

    Errors  NotFound when it is absent and when the caller may not see it: the two look the same.
    """
    with services.store.read() as unit:
        group = visible_group(unit, caller, group_id)
        return GroupWithMembers(group=group, members=unit.groups.members(group.id))


def rename_group(services: Services, caller: Caller, *, group_id: str, name: str) -> Group:
    """Give a group another name; its id stays."""
    with services.store.write() as unit:
        old = visible_group(unit, caller, group_id)
        require(caller, "group.change", group_id=old.id)
        new_name = shown_line(name, path="$.name")
        if new_name == old.name:
            return old
        unit.groups.rename(old.id, new_name)
        retitle_health_dashboard(services, unit, scope=Scope(kind="group", name=old.id), title=new_name)
        audited(services, unit, caller, action="group.rename", object=f"group:{old.id}", old=old.name, new=new_name)
        return visible_group(unit, caller, group_id)


def set_member(services: Services, caller: Caller, *, group_id: str, user_name: str, role: str) -> Membership:
    """
    Make a user a member of a group, or give a member another role.

    Errors  NotFound for the group, and for a user that is unknown; Forbidden; InvalidInput for an unknown role.
    """
    with services.store.write() as unit:
        group = visible_group(unit, caller, group_id)
        require(caller, "group.change", group_id=group.id)
        known = _checked_role(role)
        user = named_user(unit, user_name)
        old = unit.groups.membership(group.id, user.id)
        if old is not None and old.role == known:
            return old
        since = milliseconds(services.clock()) if old is None else old.since
        member = Membership(group_id=group.id, user_id=user.id, user_name=user.name, role=known, since=since)
        unit.groups.set_member(member)
        without_lost(services, unit, user)
        audited(
            services,
            unit,
            caller,
            action="group.member",
            object=f"group:{group.id}",
            user=user.name,
            old=None if old is None else old.role,
            new=known,
        )
    return member


def remove_member(services: Services, caller: Caller, *, group_id: str, user_name: str) -> None:
    """
    Take a user out of a group, the last administrator too: those of the house remain.

    Their subscriptions to what they no longer see are paused, and they are told.

    Errors  NotFound for the group, for an unknown user, and for one who is no member; Forbidden.
    """
    with services.store.write() as unit:
        group = visible_group(unit, caller, group_id)
        require(caller, "group.change", group_id=group.id)
        user = named_user(unit, user_name)
        old = unit.groups.membership(group.id, user.id)
        if old is None:
            raise NotFound(f"{user.name} is no member of {group.id}")
        unit.groups.remove_member(group.id, user.id)
        without_lost(services, unit, user)
        audited(
            services,
            unit,
            caller,
            action="group.member",
            object=f"group:{group.id}",
            user=user.name,
            old=old.role,
            new=None,
        )


def _checked_role(role: str) -> GroupRole:
    known = next((found for found in GROUP_ROLES if found == role), None)
    if known is None:
        raise InvalidInput.at("$.role", f"{role[:80]!r} is not a role in a group; roles are {', '.join(GROUP_ROLES)}")
    return known

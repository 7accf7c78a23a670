"""Asking `rules.access` on behalf of a flow: refuse, or hide, as the answer says."""

from __future__ import annotations

import unicodedata

from stillframe.capture import ViewSpec
from stillframe.errors import Forbidden, NotFound
from stillframe.flows.services import Services
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller, User
from stillframe.model.ownership import Group, Project
from stillframe.rules.access import Action, Decision, may
from stillframe.store import Unit


def require(caller: Caller, action: Action, *, owner_id: str | None = None, group_id: str | None = None) -> None:
    """
    Let the caller pass, or refuse.

    Errors  Forbidden with the reason.
    """
    _enforce(may(caller, action, owner_id=owner_id, group_id=group_id))


def may_on(caller: Caller, action: Action, dashboard: Dashboard) -> Decision:
    """Decide about something that belongs to a dashboard as a whole: its group's roles, else its owner."""
    return may(caller, action, owner_id=dashboard.owner_id, group_id=dashboard.group_id)


def require_on(caller: Caller, action: Action, dashboard: Dashboard) -> None:
    """
    Let the caller pass who may do this to a dashboard.

    Errors  Forbidden with the reason.
    """
    _enforce(may_on(caller, action, dashboard))


def require_own_or_edit(caller: Caller, action: Action, dashboard: Dashboard, *, owner_id: str) -> None:
    """
    Let the caller pass whose own it is, or who may edit the dashboard that it is about.

    Errors  Forbidden with the reason.
    """
    _enforce(may(caller, action, owner_id=_whose(caller, dashboard, owner_id)))


def is_own_or_editable(caller: Caller, dashboard: Dashboard, *, owner_id: str) -> bool:
    """Say whether something about a dashboard is the caller's own, or the caller may edit the dashboard."""
    return _whose(caller, dashboard, owner_id) == caller.user_id


def visible_dashboard(unit: Unit, caller: Caller, ref: str) -> Dashboard:
    """
    Return the dashboard that `ref` names by id or slug, if the caller may see it.

    Errors  NotFound when it is absent and when the caller may not see it: the two look the same. Forbidden when only
            the token's scope is short.
    """
    return seen(caller, unit.dashboards.get(ref), what="dashboard")


def seen(caller: Caller, dashboard: Dashboard | None, *, what: str) -> Dashboard:
    """
    Return a dashboard that the caller may see; `what` they asked for is what is not there otherwise.

    Errors  NotFound, Forbidden as `visible_dashboard`.
    """
    hidden = f"there is no {what} here that you can see"
    if dashboard is None:
        raise NotFound(hidden)
    _reveal(may_on(caller, "dashboard.read", dashboard), hidden)
    return dashboard


def visible_group(unit: Unit, caller: Caller, group_id: str) -> Group:
    """
    Return the group with this id, if the caller may see it.

    Errors  NotFound, Forbidden as `visible_dashboard`.
    """
    hidden = "there is no group here that you can see"
    group = unit.groups.get(group_id)
    if group is None:
        raise NotFound(hidden)
    _reveal(may(caller, "group.read", group_id=group.id), hidden)
    return group


def visible_project(unit: Unit, caller: Caller, name: str) -> Project:
    """
    Return the project of this name, however its letters are composed, if the caller may see it.

    Errors  NotFound when it is absent and when the caller may not see it: the two look the same.
    """
    found = unit.projects.get(unicodedata.normalize("NFC", name))
    hidden = "there is no project here that you can see"
    if found is None:
        raise NotFound(hidden)
    _reveal(may(caller, "project.read", group_id=found.group_id), hidden)
    return found


def standing_of(unit: Unit, user: User) -> Caller:
    """Return a user as they would stand here with all that their roles give them."""
    return Caller(user_id=user.id, name=user.name, role=user.role, groups=unit.groups.roles_of(user.id))


def require_owner_connections(services: Services, unit: Unit, dashboard: Dashboard, *, spec: ViewSpec) -> None:
    """
    Let a dashboard ask its connections only as long as its group, or else its owner, may.

    Errors  Forbidden when the operator gives its group none of them, and its owner was disabled or is no administrator.
    """
    names = set(spec.connection_names().values())
    if all(is_given_to_group(services, name, dashboard.group_id) for name in names):
        return
    owner = unit.users.get(dashboard.owner_id)
    if owner is not None and owner.disabled_at is None and may(standing_of(unit, owner), "connection.use").allowed:
        return
    raise Forbidden(
        "this dashboard may not ask its connections: they are given to its group by the configuration, or the "
        "dashboard's owner is an administrator"
    )


def is_given_to_group(services: Services, connection: str, group_id: str | None) -> bool:
    """Say whether the configuration lets the dashboards of a group ask a connection."""
    found = services.connections.get(connection)
    return found is not None and group_id is not None and group_id in found.groups


def _whose(caller: Caller, dashboard: Dashboard, owner_id: str) -> str:
    """Return who counts as the owner: an editor of the dashboard stands in for whoever made something about it."""
    editor = may_on(caller, "subscription.list_all", dashboard).allowed
    return caller.user_id if editor else owner_id


def _enforce(decision: Decision) -> None:
    if not decision.allowed:
        raise Forbidden(decision.sentence)


def _reveal(decision: Decision, hidden: str) -> None:
    """Let who may look pass; to the others it is not there, in the words for what is absent."""
    if decision.denial == "role":
        raise NotFound(hidden, invisible=True)
    _enforce(decision)

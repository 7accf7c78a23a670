"""Asking `rules.access` on behalf of a flow: refuse, or hide, as the answer says."""

from __future__ import annotations

from stillframe.capture import ViewSpec
from stillframe.errors import Forbidden, NotFound
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from stillframe.rules.access import Action, may
from stillframe.store import Unit


def require(caller: Caller, action: Action, *, owner_id: str | None = None) -> None:
    """
    Let the caller pass, or refuse.

    Errors  Forbidden with the reason.
    """
    decision = may(caller, action, owner_id=owner_id)
    if not decision.allowed:
        raise Forbidden(decision.sentence)


def visible_dashboard(unit: Unit, caller: Caller, ref: str) -> Dashboard:
    """
    Return the dashboard that `ref` names by id or slug, if the caller may see it.

    Errors  NotFound when it is absent and when the caller may not see it: the two look the same. Forbidden when only
            the token's scope is short.
    """
    dashboard = unit.dashboards.get(ref)
    if dashboard is None:
        raise NotFound("there is no dashboard here that you can see")
    decision = may(caller, "dashboard.read", owner_id=dashboard.owner_id)
    if decision.denial == "role":
        raise NotFound("there is no dashboard here that you can see")
    if decision.denial == "scope":
        raise Forbidden(decision.sentence)
    return dashboard


def require_owner_connections(unit: Unit, dashboard: Dashboard, spec: ViewSpec) -> None:
    """
    Let a dashboard ask its connections only as long as its owner may.

    Errors  Forbidden when the owner was disabled, or lost the role that the connections need.
    """
    if not spec.connection_names():
        return
    owner = unit.users.get(dashboard.owner_id)
    if owner is not None and owner.disabled_at is None:
        standing = Caller(user_id=owner.id, name=owner.name, role=owner.role)
        if may(standing, "connection.use").allowed:
            return
    raise Forbidden("this dashboard's owner may not ask connections; only dashboards that an administrator owns do")

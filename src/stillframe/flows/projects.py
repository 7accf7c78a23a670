"""Projects: made in a group, found by name, given another title, moved to another group with their whole history."""

from __future__ import annotations

from dataclasses import replace

from stillframe.errors import Conflict
from stillframe.flows.auditing import audited
from stillframe.flows.identity import named_user, without_lost
from stillframe.flows.permission import require, visible_group, visible_project
from stillframe.flows.scopes import add_health_dashboard, retitle_health_dashboard
from stillframe.flows.services import Services
from stillframe.model.identity import Caller
from stillframe.model.ownership import Project, shown_line
from stillframe.model.scope import Scope, project_name
from stillframe.model.times import milliseconds
from stillframe.rules.access import readable_groups
from stillframe.store import Page


def create_project(
    services: Services, caller: Caller, *, name: str, group_id: str, title: str | None = None
) -> Project:
    """
    Make a project that belongs to a group, and its health dashboard.

    Names are one list for the whole house, so that a name is one address.

    Errors  InvalidInput for a name or a title that cannot be one; NotFound for a group that is absent or not the
            caller's to see; Forbidden; Conflict if the name is taken.
    """
    known = project_name(name)
    with services.store.write() as unit:
        group = visible_group(unit, caller, group_id)
        require(caller, "project.create", group_id=group.id)
        project = Project(
            name=known,
            group_id=group.id,
            title=shown_line(known if title is None else title, path="$.title"),
            created_at=milliseconds(services.clock()),
            created_by=caller.name,
        )
        if unit.projects.get(known) is not None:
            raise Conflict(f"the name {known} is taken")
        unit.projects.add(project)
        add_health_dashboard(
            services, unit, scope=Scope(kind="project", name=known), owner_id=caller.user_id, title=project.title
        )
        audited(services, unit, caller, action="project.create", object=project.scope_ref, group=group.id)
    return project


def list_projects(
    services: Services, caller: Caller, *, limit: int, cursor: str | None = None, group_id: str | None = None
) -> Page[Project]:
    """
    Return the projects that the caller may see, by name, a page at a time: all, or those of one group.

    Errors  NotFound for a group that is absent or not the caller's to see.
    """
    require(caller, "dashboard.read", owner_id=caller.user_id)
    with services.store.read() as unit:
        groups = readable_groups(caller) if group_id is None else [visible_group(unit, caller, group_id).id]
        found = unit.projects.list(groups, after=cursor, limit=limit + 1)
    return Page(found[:limit], found[limit - 1].name if len(found) > limit else None)


def get_project(services: Services, caller: Caller, *, name: str) -> Project:
    """
    Return a project.

    Errors  NotFound when it is absent and when the caller may not see it: the two look the same.
    """
    with services.store.read() as unit:
        return visible_project(unit, caller, name)


def change_project(
    services: Services, caller: Caller, *, name: str, title: str | None = None, group_id: str | None = None
) -> Project:
    """
    Give a project another title, or move it to another group; None leaves as it is.

    Its history moves with it. Subscriptions of those who may no longer see it are paused, and they are told.

    Errors  NotFound; Forbidden for whoever is not an administrator of its group, or not an editor of the new one;
            InvalidInput for a title that cannot be one.
    """
    with services.store.write() as unit:
        old = visible_project(unit, caller, name)
        require(caller, "project.change", group_id=old.group_id)
        group = old.group_id if group_id is None else visible_group(unit, caller, group_id).id
        if group != old.group_id:
            require(caller, "project.create", group_id=group)
        new = replace(old, title=old.title if title is None else shown_line(title, path="$.title"), group_id=group)
        if new == old:
            return old
        unit.projects.change(new)
        if new.title != old.title:
            retitle_health_dashboard(services, unit, scope=Scope(kind="project", name=new.name), title=new.title)
            audited(services, unit, caller, action="project.title", object=old.scope_ref, old=old.title, new=new.title)
        if group != old.group_id:
            for member in unit.groups.members(old.group_id):
                without_lost(services, unit, named_user(unit, member.user_name))
            audited(services, unit, caller, action="project.move", object=old.scope_ref, old=old.group_id, new=group)
    return new

"""Suppressions: a reviewer answers for a finding until a day, and every gate says so meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stillframe.errors import Conflict, NotFound
from stillframe.flows.auditing import audited
from stillframe.flows.permission import require, visible_project
from stillframe.flows.services import Services
from stillframe.model.gate import Suppression
from stillframe.model.identity import Caller
from stillframe.model.times import milliseconds, time_text
from stillframe.rules.access import readable_groups
from stillframe.rules.suppressions import new_suppression
from stillframe.store import Page, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionRequest:
    """What a reviewer answers for, why, and until when."""

    project_name: str
    finding_id: str
    reason: str
    expires_at: datetime | None
    ticket: str | None = None


def suppress(services: Services, caller: Caller, *, request: SuppressionRequest) -> Suppression:
    """
    Let a finding of a project not count at release gates until a day, and say so in every answer.

    Errors  NotFound, Forbidden to anybody but reviewers; InvalidInput naming the member; Conflict while the finding is
            suppressed already.
    Source  docs/reference/semantics.md, "Release gates".
    """
    now = milliseconds(services.clock())
    with services.store.write() as unit:
        project = visible_project(unit, caller, request.project_name)
        require(caller, "suppression.change", group_id=project.group_id)
        made = new_suppression(
            id=services.new_id(),
            project_name=project.name,
            finding_id=request.finding_id,
            reason=request.reason,
            ticket=request.ticket,
            created_by=caller.name,
            now=now,
            expires_at=request.expires_at,
        )
        if any(found.finding_id == made.finding_id for found in unit.suppressions.active(project.name, now)):
            raise Conflict("this finding is suppressed already; lift that first to give it another end")
        unit.suppressions.add(made)
        audited(
            services,
            unit,
            caller,
            action="suppression.create",
            object=f"suppression:{made.id}",
            project_name=project.name,
            finding_id=made.finding_id,
            expires_at=time_text(made.expires_at),
        )
    return made


def list_suppressions(
    services: Services,
    caller: Caller,
    *,
    project_name: str | None = None,
    limit: int,
    cursor: str | None = None,
    include_ended: bool = False,
) -> Page[Suppression]:
    """
    Return the suppressions of a project, or of all that the caller may see, newest first.

    Shape   `include_ended`: those too that expired or were lifted.
    Errors  NotFound for a project that is absent or not for the caller's eyes; InvalidInput for an unknown cursor.
    """
    active_at = None if include_ended else milliseconds(services.clock())
    with services.store.read() as unit:
        if project_name is not None:
            projects = [visible_project(unit, caller, project_name).name]
        else:
            projects = [project.name for project in unit.projects.list(readable_groups(caller))]
        return unit.suppressions.list(projects, limit=limit, cursor=cursor, active_at=active_at)


def lift_suppression(services: Services, caller: Caller, *, suppression_id: str) -> Suppression:
    """
    Take a suppression back before its day; it stays in the history.

    Errors  NotFound, Forbidden; Conflict if it has ended already.
    """
    now = milliseconds(services.clock())
    with services.store.write() as unit:
        found = _visible(unit, caller, suppression_id)
        project = visible_project(unit, caller, found.project_name)
        require(caller, "suppression.change", group_id=project.group_id)
        if not found.is_active(now):
            raise Conflict("this suppression has ended already")
        lifted = unit.suppressions.lift(found.id, by=caller.name, at=now)
        audited(
            services,
            unit,
            caller,
            action="suppression.lift",
            object=f"suppression:{found.id}",
            project_name=found.project_name,
            finding_id=found.finding_id,
        )
    return lifted


def _visible(unit: Unit, caller: Caller, suppression_id: str) -> Suppression:
    hidden = "there is no suppression here that you can see"
    found = unit.suppressions.get(suppression_id)
    if found is None:
        raise NotFound(hidden)
    try:
        visible_project(unit, caller, found.project_name)
    except NotFound as error:
        raise NotFound(hidden, invisible=True) from error
    return found

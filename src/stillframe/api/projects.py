"""Routes of projects: made in a group, listed, read, given another title or another group."""

from __future__ import annotations

from stillframe.api.access_shapes import ProjectShape
from stillframe.api.answers import Answer, page_answer
from stillframe.api.asked import Asked
from stillframe.api.bodies import ProjectBody, ProjectPatch
from stillframe.api.door import Door
from stillframe.api.shapes import Paged
from stillframe.flows import projects
from stillframe.model.ownership import Project

door = Door("Projects")


@door.post("/api/projects", takes=ProjectBody, answers=ProjectShape, status=201, refuses=[404])
def create_project(asked: Asked) -> Answer:
    """Make a project in a group, as one of the group's editors, and its health dashboard."""
    body = asked.read(ProjectBody)
    made = projects.create_project(
        asked.services, asked.caller, name=body.name, group_id=body.group_id, title=body.title
    )
    return Answer(made.as_dict(), status=201)


@door.get("/api/projects", answers=Paged[ProjectShape], refuses=[404])
def list_projects(
    asked: Asked, *, limit: int | None = None, cursor: str | None = None, group_id: str | None = None
) -> Answer:
    """List the projects that you may see, all or those of one group."""
    found = projects.list_projects(
        asked.services, asked.caller, limit=asked.page_limit(limit), cursor=cursor, group_id=group_id
    )
    return page_answer(found, Project.as_dict)


@door.get("/api/projects/{name:path}", answers=ProjectShape, refuses=[404])
def get_project(asked: Asked, name: str) -> Answer:
    """Read a project; its name may hold slashes."""
    return Answer(projects.get_project(asked.services, asked.caller, name=name).as_dict())


@door.change("PATCH", "/api/projects/{name:path}", takes=ProjectPatch, answers=ProjectShape, refuses=[404])
def change_project(asked: Asked, name: str) -> Answer:
    """Give a project another title, or move it with its history to another group, as an admin of its group."""
    body = asked.read(ProjectPatch)
    changed = projects.change_project(asked.services, asked.caller, name=name, title=body.title, group_id=body.group_id)
    return Answer(changed.as_dict())

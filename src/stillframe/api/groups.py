"""Routes of groups and of who is a member of them."""

from __future__ import annotations

from starlette.responses import Response

from stillframe.api.access_shapes import GroupShape, GroupWithMembersShape, MembershipShape
from stillframe.api.answers import Answer, no_content, page_answer, page_of
from stillframe.api.asked import Asked
from stillframe.api.bodies import GroupBody, GroupPatch, MemberBody
from stillframe.api.door import Door
from stillframe.api.shapes import Paged
from stillframe.flows import groups
from stillframe.model.ownership import Group

door = Door("Groups")


@door.post("/api/groups", takes=GroupBody, answers=GroupShape, status=201)
def create_group(asked: Asked) -> Answer:
    """Make a group, as an admin, and its health dashboard."""
    body = asked.read(GroupBody)
    made = groups.create_group(asked.services, asked.caller, group_id=body.id, name=body.name)
    return Answer(made.as_dict(), status=201)


@door.get("/api/groups", answers=Paged[GroupShape])
def list_groups(asked: Asked, *, limit: int | None = None, cursor: str | None = None) -> Answer:
    """List the groups that you may read."""
    found = groups.list_groups(asked.services, asked.caller)
    page = page_of(found, name=lambda one: one.id, limit=asked.page_limit(limit), cursor=cursor)
    return page_answer(page, Group.as_dict)


@door.get("/api/groups/{group_id}", answers=GroupWithMembersShape, refuses=[404])
def get_group(asked: Asked, group_id: str) -> Answer:
    """Read a group and who is in it."""
    return Answer(groups.get_group(asked.services, asked.caller, group_id=group_id).as_dict())


@door.change("PATCH", "/api/groups/{group_id}", takes=GroupPatch, answers=GroupShape, refuses=[404])
def change_group(asked: Asked, group_id: str) -> Answer:
    """Give a group another name, as one of its admins; its id stays."""
    body = asked.read(GroupPatch)
    return Answer(groups.rename_group(asked.services, asked.caller, group_id=group_id, name=body.name).as_dict())


@door.change(
    "PUT", "/api/groups/{group_id}/members/{user_name}", takes=MemberBody, answers=MembershipShape, refuses=[404]
)
def set_member(asked: Asked, group_id: str, user_name: str) -> Answer:
    """Make a user a member of a group, or give a member another role, as one of its admins."""
    body = asked.read(MemberBody)
    member = groups.set_member(asked.services, asked.caller, group_id=group_id, user_name=user_name, role=body.role)
    return Answer(member.as_dict())


@door.delete("/api/groups/{group_id}/members/{user_name}", refuses=[404])
def remove_member(asked: Asked, group_id: str, user_name: str) -> Response:
    """Take a member out of a group, as one of its admins; subscriptions to what they no longer see are paused."""
    groups.remove_member(asked.services, asked.caller, group_id=group_id, user_name=user_name)
    return no_content()

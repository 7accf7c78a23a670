"""The thread under a dashboard, and the inboxes its mentions land in."""

from __future__ import annotations

from stillframe.errors import InvalidInput, NotFound, nearest
from stillframe.flows.auditing import audited
from stillframe.flows.permission import may_on, require, require_on, seen, standing_of, visible_dashboard
from stillframe.flows.replies import act_on_reply
from stillframe.flows.services import Services
from stillframe.flows.told_views import sees_told
from stillframe.model.dashboard import Dashboard
from stillframe.model.discussion import COMMENT_TYPES, Comment, CommentType, Notification, mentions_in
from stillframe.model.identity import Caller
from stillframe.model.times import milliseconds
from stillframe.rules.access import may
from stillframe.store import Page, Unit

LONGEST_COMMENT = 20_000
_WRITTEN_BY_PEOPLE: tuple[CommentType, ...] = tuple(kind for kind in COMMENT_TYPES if kind != "snapshot_alert")


def write_comment(
    services: Services,
    caller: Caller,
    *,
    artifact_ref: str,
    body: str,
    comment_type: str = "discussion",
    parent_comment_id: str | None = None,
) -> Comment:
    """
    Add a comment to a dashboard's thread; every persona mentioned as `@slug` that may see the dashboard finds it in its
    inbox. In the thread of a persona's alert a reply that begins with a command does it.

    Errors  NotFound; InvalidInput for an empty or overlong body, an unknown type or command, or a parent of another
            thread; Forbidden for a command of somebody who may not change what the alert told.
    """
    if not body.strip() or len(body) > LONGEST_COMMENT:
        raise InvalidInput.at("$.body", f"1 to {LONGEST_COMMENT} characters")
    if comment_type not in _WRITTEN_BY_PEOPLE:
        hint = nearest(comment_type, _WRITTEN_BY_PEOPLE)
        raise InvalidInput.at("$.comment_type", f"{comment_type!r} is not a type that people write{hint}")
    now = milliseconds(services.clock())
    with services.store.write() as unit:
        dashboard = visible_dashboard(unit, caller, artifact_ref)
        require_on(caller, "comment.write", dashboard)
        parent = unit.comments.get(parent_comment_id) if parent_comment_id else None
        if parent_comment_id and (parent is None or parent.artifact_id != dashboard.id):
            raise InvalidInput.at("$.parent_comment_id", "this thread has no such comment")
        comment = Comment(
            id=services.new_id(),
            artifact_id=dashboard.id,
            parent_comment_id=parent_comment_id,
            author=caller.name,
            comment_type=comment_type,
            body=body,
            created_at=now,
        )
        answer = act_on_reply(services, unit, caller, dashboard=dashboard, comment=comment)
        unit.comments.add(comment)
        if answer is not None:
            unit.comments.add(answer)
        unit.notifications.add_many(_mentions(services, unit, comment, dashboard=dashboard))
    return comment


def list_comments(
    services: Services, caller: Caller, *, artifact_ref: str, limit: int, cursor: str | None = None
) -> Page[Comment]:
    """
    Return a dashboard's thread, oldest first, without the alerts that speak of projects which the caller may not see.

    That there is such an alert is itself a word about them, so what is left out leaves no gap in a page.
    """
    shown: list[Comment] = []
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, artifact_ref)
        while True:
            page = unit.comments.list(dashboard.id, limit=limit - len(shown), cursor=cursor)
            shown += [comment for comment in page.items if _may_see(unit, caller, comment)]
            cursor = page.next_cursor
            if cursor is None or len(shown) >= limit:
                return Page(shown, cursor)


def resolve_comment(services: Services, caller: Caller, *, comment_id: str) -> Comment:
    """Mark a comment as settled; doing it twice changes nothing."""
    with services.store.write() as unit:
        comment = unit.comments.get(comment_id)
        if comment is None:
            raise NotFound("there is no comment here that you can see")
        dashboard = seen(caller, unit.dashboards.get(comment.artifact_id), what="comment")
        if not _may_see(unit, caller, comment):
            raise NotFound("there is no comment here that you can see", invisible=True)
        require_on(caller, "comment.resolve", dashboard)
        if comment.resolved_at is None:
            unit.comments.resolve(comment_id, by=caller.name, at=milliseconds(services.clock()))
            audited(services, unit, caller, action="comment.resolve", object=f"comment:{comment_id}")
        return unit.comments.get(comment_id) or comment


def list_notifications(
    services: Services, caller: Caller, *, persona: str | None, unread_only: bool, limit: int, cursor: str | None = None
) -> Page[Notification]:
    """
    Return an inbox, newest first: one persona's, or everything of the caller's own.

    Errors  NotFound if the persona is absent or somebody else's.
    """
    require(caller, "notification.read", owner_id=caller.user_id)
    with services.store.read() as unit:
        user_id = caller.user_id if persona is None else _inbox_of(unit, caller, persona)
        return unit.notifications.list(user_id, persona=persona, unread_only=unread_only, limit=limit, cursor=cursor)


def mark_read(services: Services, caller: Caller, *, notification_id: str) -> Notification:
    """Mark a line of an inbox as read; doing it twice changes nothing."""
    with services.store.write() as unit:
        found = unit.notifications.get(notification_id)
        hidden = "there is no notification here that you can see"
        if found is None:
            raise NotFound(hidden)
        if may(caller, "notification.read", owner_id=found.user_id).denial == "role":
            raise NotFound(hidden, invisible=True)
        require(caller, "notification.read", owner_id=found.user_id)
        if found.read_at is None:
            unit.notifications.mark_read(notification_id, milliseconds(services.clock()))
        return unit.notifications.get(notification_id) or found


def _may_see(unit: Unit, caller: Caller, comment: Comment) -> bool:
    """Say whether a caller sees all that a comment speaks of: an alert is of two pictures, or of a view of both."""
    told_of = [comment.snapshot_a, comment.snapshot_b]
    if comment.comment_type != "snapshot_alert" or sees_told(unit, caller, told_of, said=None):
        return True
    delivery = None if comment.delivery_id is None else unit.outbox.get(comment.delivery_id)
    return delivery is not None and sees_told(unit, caller, told_of, said=delivery.said)


def _inbox_of(unit: Unit, caller: Caller, slug: str) -> str:
    persona = unit.personas.by_slug(slug)
    hidden = "there is no persona here that you can see"
    if persona is None:
        raise NotFound(hidden)
    if may(caller, "notification.read", owner_id=persona.owner_id).denial == "role":
        raise NotFound(hidden, invisible=True)
    return persona.owner_id


def _mentions(services: Services, unit: Unit, comment: Comment, *, dashboard: Dashboard) -> list[Notification]:
    found = (unit.personas.by_slug(slug) for slug in mentions_in(comment.body))
    readers = [persona for persona in found if persona is not None and _may_read(unit, persona.owner_id, dashboard)]
    return [
        Notification(
            id=services.new_id(),
            user_id=persona.owner_id,
            persona=persona.slug,
            kind="mention",
            text=f"{comment.author} mentioned @{persona.slug}",
            dashboard_id=comment.artifact_id,
            comment_id=comment.id,
            created_at=comment.created_at,
        )
        for persona in readers
    ]


def _may_read(unit: Unit, user_id: str, dashboard: Dashboard) -> bool:
    user = unit.users.get(user_id)
    return user is not None and may_on(standing_of(unit, user), "dashboard.read", dashboard).allowed

"""Routes of the thread under a dashboard, and of the inboxes that its mentions land in."""

from __future__ import annotations

from stillframe.api.answers import Answer, page_answer
from stillframe.api.asked import Asked
from stillframe.api.bodies import CommentBody
from stillframe.api.door import Door
from stillframe.api.shapes import CommentShape, NotificationShape, Paged
from stillframe.flows import discussion
from stillframe.model.discussion import Comment, Notification

_THREAD = "/api/artifacts/{artifact_ref}/comments"

door = Door("Discussion")


@door.post(_THREAD, takes=CommentBody, answers=CommentShape, status=201, refuses=[404])
def write_comment(asked: Asked, artifact_ref: str) -> Answer:
    """
    Add a comment to a dashboard's thread.

    Under a persona's alert a reply that begins with /snooze, /ack or /accept does what it says.
    """
    body = asked.read(CommentBody)
    comment = discussion.write_comment(
        asked.services,
        asked.caller,
        artifact_ref=artifact_ref,
        body=body.body,
        comment_type=body.comment_type,
        parent_comment_id=body.parent_comment_id,
    )
    return Answer(comment.as_dict(), status=201)


@door.get(_THREAD, answers=Paged[CommentShape], refuses=[404])
def list_comments(asked: Asked, artifact_ref: str, *, limit: int | None = None, cursor: str | None = None) -> Answer:
    """List a dashboard's thread, oldest first."""
    found = discussion.list_comments(
        asked.services, asked.caller, artifact_ref=artifact_ref, limit=asked.page_limit(limit), cursor=cursor
    )
    return page_answer(found, Comment.as_dict)


@door.post("/api/comments/{comment_id}/resolve", answers=CommentShape, refuses=[404])
def resolve_comment(asked: Asked, comment_id: str) -> Answer:
    """Mark a comment as settled; doing it twice changes nothing."""
    return Answer(discussion.resolve_comment(asked.services, asked.caller, comment_id=comment_id).as_dict())


@door.get("/api/notifications", answers=Paged[NotificationShape], refuses=[404])
def list_notifications(
    asked: Asked,
    *,
    persona: str | None = None,
    unread_only: bool = False,
    limit: int | None = None,
    cursor: str | None = None,
) -> Answer:
    """List an inbox, newest first: one persona's, or everything of yours."""
    found = discussion.list_notifications(
        asked.services,
        asked.caller,
        persona=persona,
        unread_only=unread_only,
        limit=asked.page_limit(limit),
        cursor=cursor,
    )
    return page_answer(found, Notification.as_dict)


@door.post("/api/notifications/{notification_id}/read", answers=NotificationShape, refuses=[404])
def mark_read(asked: Asked, notification_id: str) -> Answer:
    """Mark a line of an inbox as read; doing it twice changes nothing."""
    found = discussion.mark_read(asked.services, asked.caller, notification_id=notification_id)
    return Answer(found.as_dict())

"""The discussion under a dashboard, and the inboxes that its mentions and notices land in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias, get_args

from stillframe.model.times import time_text

CommentType: TypeAlias = Literal["discussion", "question", "answer", "decision", "snapshot_alert"]
NotificationKind: TypeAlias = Literal["mention", "notice"]

COMMENT_TYPES: tuple[CommentType, ...] = get_args(CommentType)
_MENTION = re.compile(r"(?<![\w@/.])@([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?![\w-])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One entry of a dashboard's thread. `author` is a user's name, or `stillframe` for the product's own."""

    id: str
    artifact_id: str
    parent_comment_id: str | None = None
    author: str
    comment_type: CommentType
    body: str
    created_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    snapshot_a: str | None = None
    snapshot_b: str | None = None
    delivery_id: str | None = None

    def as_dict(self) -> dict[str, Any]:
        document: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        resolved = None if self.resolved_at is None else time_text(self.resolved_at)
        return document | {"created_at": time_text(self.created_at), "resolved_at": resolved}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """
    One line in an inbox: a persona that was mentioned, or a user who must know (`persona` is None).

    Shape   `once_key`: at most one notification with the same key for the same user; None means always.
    """

    id: str
    user_id: str
    persona: str | None = None
    kind: NotificationKind
    text: str
    dashboard_id: str | None = None
    snapshot_id: str | None = None
    comment_id: str | None = None
    once_key: str | None = None
    created_at: datetime
    read_at: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        document: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__ if name != "once_key"}
        read = None if self.read_at is None else time_text(self.read_at)
        return document | {"created_at": time_text(self.created_at), "read_at": read}


def mentions_in(text: str) -> tuple[str, ...]:
    """
    Return the persona slugs that a text mentions, each once, in order.

    >>> mentions_in("thanks @ops-lead and @ops-lead, mail me@example.org")
    ('ops-lead',)
    """
    return tuple(dict.fromkeys(_MENTION.findall(text)))

"""Threads, oldest first, and inboxes, newest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from stillframe.errors import InvalidInput
from stillframe.model.discussion import Comment, Notification
from stillframe.store import Store
from tests.store.cast import NOON, new_id, scene


def test_a_thread_is_read_to_its_end(store: Store) -> None:
    """A thread reads as it was written, and comments of the same moment are not lost between two pages."""
    here = scene(store)
    said = [
        Comment(
            id=new_id(),
            artifact_id=here.dashboard.id,
            author="alice",
            comment_type="question",
            body=str(n),
            created_at=NOON + timedelta(minutes=n // 3),
        )
        for n in range(5)
    ]
    with store.write() as unit:
        for comment in said:
            unit.comments.add(comment)
        unit.comments.resolve(said[0].id, by="bob", at=NOON)
        unit.comments.resolve(said[0].id, by="charlie", at=NOON + timedelta(days=1))
        assert unit.comments.get(said[0].id) == replace(said[0], resolved_by="bob", resolved_at=NOON)
        seen, cursor = [], None
        while True:
            page = unit.comments.list(here.dashboard.id, limit=2, cursor=cursor)
            seen += [comment.id for comment in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == [comment.id for comment in said]
        with pytest.raises(InvalidInput):
            unit.comments.list(here.dashboard.id, limit=2, cursor="x")
        with pytest.raises(InvalidInput):
            unit.comments.list(here.dashboard.id, limit=2, cursor="x~y")


def test_a_once_key_lands_once(store: Store) -> None:
    """The same fault is told once, however often it happens."""
    here = scene(store)
    line = Notification(id=new_id(), user_id=here.alice.id, kind="notice", text="failed", once_key="k", created_at=NOON)
    mention = replace(
        line, id=new_id(), kind="mention", persona="ops-lead", once_key=None, created_at=NOON + timedelta(hours=1)
    )
    with store.write() as unit:
        assert unit.notifications.add_many([line, mention]) == 2
        assert unit.notifications.add_many([replace(line, id=new_id())]) == 0
        unit.notifications.mark_read(line.id, NOON)
        assert unit.notifications.list(here.alice.id, limit=9).items == [mention, replace(line, read_at=NOON)]
        assert unit.notifications.list(here.alice.id, unread_only=True, limit=9).items == [mention]
        assert unit.notifications.list(here.alice.id, persona="ops-lead", limit=9).items == [mention]
        assert unit.notifications.list("charlie", limit=9).items == []
        assert unit.notifications.get(line.id) == replace(line, read_at=NOON)

"""Threads, oldest first, and inboxes, newest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from stillframe.errors import InvalidInput
from stillframe.model.discussion import Comment, CommentType, Notification
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


def test_the_alert_above_a_comment_is_the_nearest(store: Store) -> None:
    """However deep the thread; talk under a question answers no alert."""
    here = scene(store)

    def said(parent: Comment | None, kind: CommentType = "discussion") -> Comment:
        comment = Comment(
            id=new_id(),
            artifact_id=here.dashboard.id,
            parent_comment_id=None if parent is None else parent.id,
            author="alice",
            comment_type=kind,
            body="x",
            created_at=NOON,
        )
        unit.comments.add(comment)
        return comment

    with store.write() as unit:
        question = said(None, "question")
        outer = said(question, "snapshot_alert")
        inner = said(outer, "snapshot_alert")
        deep = inner
        for _ in range(50):
            deep = said(deep)
        assert unit.comments.alert_above(deep.id) == inner
        assert unit.comments.alert_above(inner.id) == inner
        assert unit.comments.alert_above(said(outer).id) == outer
        assert unit.comments.alert_above(said(question).id) is None
        assert unit.comments.alert_above("absent") is None


def test_what_is_let_go_may_be_told_again_and_stays_in_the_inbox(store: Store) -> None:
    """Only the lines of this dashboard and this kind are asked for and let go."""
    here = scene(store)
    keys = ("unknown:a:1", "unknown:b:2", "capture:x:y", "unknowns:c:3")
    lines = [
        Notification(
            id=new_id(),
            user_id=here.alice.id,
            kind="notice",
            text=key,
            dashboard_id=here.dashboard.id,
            once_key=key,
            created_at=NOON,
        )
        for key in keys
    ]
    with store.write() as unit:
        unit.notifications.add_many(lines)
        unit.notifications.add_many([replace(lines[0], id=new_id(), dashboard_id="other", once_key="unknown:d:4")])
        assert unit.notifications.open_keys(here.dashboard.id, "unknown") == {"unknown:a:1", "unknown:b:2"}
        unit.notifications.let_go(here.dashboard.id, ["unknown:a:1", "unknown:d:4"])
        assert unit.notifications.open_keys(here.dashboard.id, "unknown") == {"unknown:b:2"}
        assert unit.notifications.open_keys("other", "unknown") == {"unknown:d:4"}
        again = [replace(line, id=new_id()) for line in lines]
        assert unit.notifications.add_many(again) == 1
        assert len(unit.notifications.list(here.alice.id, limit=99).items) == 6

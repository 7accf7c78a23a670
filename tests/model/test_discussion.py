"""Mentions in text, and what of comments and inbox lines is shown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from stillframe.model.discussion import Comment, Notification, mentions_in

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("@bob look", ("bob",)),
        ("(@bob), @ops-lead. @bob!", ("bob", "ops-lead")),
        ("mail bob@example.org or a.@bob", ()),
        ("@Bob @-bob @bob- @@bob", ()),
        ("/@bob", ()),
        ("", ()),
    ],
)
def test_a_mention_is_a_whole_slug_behind_an_at_sign(text: str, slugs: tuple[str, ...]) -> None:
    """Mail addresses and half slugs mention nobody, and each persona is named once."""
    assert mentions_in(text) == slugs


def test_a_comment_shows_when_it_was_resolved_or_null() -> None:
    """Times are text in every JSON."""
    comment = Comment(id="c", artifact_id="d", author="alice", comment_type="question", body="?", created_at=NOW)
    assert comment.as_dict()["resolved_at"] is None
    assert comment.as_dict()["created_at"] == "2026-01-01T00:00:00.000Z"


def test_the_key_that_keeps_a_notice_single_is_not_shown() -> None:
    """It is the store's business."""
    line = Notification(id="n", user_id="u", kind="notice", text="t", once_key="k", created_at=NOW)
    assert "once_key" not in line.as_dict()
    assert line.as_dict()["read_at"] is None

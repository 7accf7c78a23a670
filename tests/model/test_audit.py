"""A line of the audit log as people and programs read it."""

from __future__ import annotations

from datetime import UTC, datetime

from stillframe.model.audit import AuditEntry

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_line_of_nobody_has_no_id() -> None:
    """Null says that nobody proved who they are; a change is `done` unless somebody says otherwise."""
    line = AuditEntry(at=NOW, actor="anonymous", actor_id=None, action="GET /api/me", object="/api/me")
    assert line.as_dict() == {
        "key": None,
        "at": "2026-01-01T00:00:00.000Z",
        "actor": "anonymous",
        "actor_id": None,
        "action": "GET /api/me",
        "object": "/api/me",
        "outcome": "done",
        "detail": {},
        "request_id": None,
    }


def test_what_is_shown_of_a_detail_is_a_copy() -> None:
    """Whoever changes an answer does not change the line."""
    line = AuditEntry(at=NOW, actor="a", actor_id="u", action="x.y", object="x:1", detail={"old": 1})
    line.as_dict()["detail"]["old"] = 2
    assert line.detail == {"old": 1}

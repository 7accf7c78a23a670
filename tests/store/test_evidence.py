"""Verdicts, notices and attempts: what was decided and said, kept as it was."""

from __future__ import annotations

from datetime import timedelta

from stillframe.model.dashboard import Attempt
from stillframe.store import Store
from tests.store.cast import NOON, new_id, scene


def test_a_verdict_is_kept_by_rule(store: Store) -> None:
    """Why somebody was told, or not, can be read later; the first word stays."""
    a, b = new_id(), new_id()
    with store.write() as unit:
        unit.verdicts.add(a, b, packed={1: {"outcome": "true"}, 22: "false"})
        unit.verdicts.add(a, b, packed={1: "false"})
        unit.verdicts.add(a, b, packed={1: "unknown"}, view="v")
        assert unit.verdicts.get(a, b) == {1: {"outcome": "true"}, 22: "false"}
        assert unit.verdicts.get(a, b, view="v") == {1: "unknown"}
        assert unit.verdicts.get(b, a) is None


def test_a_notice_says_the_same_on_every_try(store: Store) -> None:
    """The diff that was promised is kept byte for byte."""
    with store.write() as unit:
        unit.notices.add("a", "b", b'{"first":1}')
        unit.notices.add("a", "b", b'{"second":2}')
        assert unit.notices.get("a", "b") == b'{"first":1}'
        assert unit.notices.get("a", "c") is None


def test_failed_captures_are_listed_newest_first(store: Store) -> None:
    """A refused capture leaves no snapshot, but a trace."""
    here = scene(store)
    tried = [
        Attempt(
            id=new_id(),
            dashboard_id=here.dashboard.id,
            started_at=NOON + timedelta(minutes=minute),
            finished_at=NOON + timedelta(minutes=minute, seconds=1),
            initiator="alice",
            trigger_source="api",
            error_code="capture_refused",
            message="a key occurs twice",
            faults=({"path": "$.rows[3].id", "message": "twice"},),
        )
        for minute in range(3)
    ]
    with store.write() as unit:
        for attempt in tried:
            unit.attempts.add(attempt)
        first = unit.attempts.list(here.dashboard.id, limit=2)
        second = unit.attempts.list(here.dashboard.id, limit=2, cursor=first.next_cursor)
    assert [*first.items, *second.items] == tried[::-1]
    assert second.next_cursor is None

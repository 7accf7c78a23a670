"""Attempts: captures that failed leave a trace, dashboard by dashboard."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from stillframe.errors import InvalidInput, NotFound
from stillframe.model.dashboard import Attempt
from stillframe.store import Store
from tests.store.cast import NOON, Scene, dashboard, new_id, scene


def attempt(here: Scene, started_at: datetime = NOON, **over: Any) -> Attempt:
    plain = {
        "id": new_id(),
        "dashboard_id": here.dashboard.id,
        "started_at": started_at,
        "finished_at": started_at + timedelta(seconds=1),
        "initiator": "alice",
        "trigger_source": "api",
        "error_code": "capture_refused",
        "message": "a key occurs twice",
        "faults": ({"path": "$.rows[3].id", "message": "twice"},),
    }
    return Attempt(**plain | over)


def test_failed_captures_are_listed_newest_first(store: Store) -> None:
    """A refused capture leaves no snapshot, but a trace, with every fault it had."""
    here = scene(store)
    tried = [attempt(here, NOON + timedelta(minutes=minute), source="warehouse") for minute in range(3)]
    with store.write() as unit:
        for one in tried:
            unit.attempts.add(one)
        first = unit.attempts.list(here.dashboard.id, limit=2)
        second = unit.attempts.list(here.dashboard.id, limit=2, cursor=first.next_cursor)
    assert [*first.items, *second.items] == tried[::-1]
    assert second.next_cursor is None


def test_attempts_of_the_same_moment_are_not_lost_between_pages(store: Store) -> None:
    """Time alone is no cursor: two schedulers fail in the same millisecond."""
    here = scene(store)
    tried = [attempt(here) for _ in range(5)]
    seen, cursor = [], None
    with store.write() as unit:
        for one in tried:
            unit.attempts.add(one)
        while True:
            page = unit.attempts.list(here.dashboard.id, limit=2, cursor=cursor)
            seen += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        with pytest.raises(InvalidInput):
            unit.attempts.list(here.dashboard.id, limit=2, cursor="yesterday")
    assert sorted(found.id for found in seen) == sorted(one.id for one in tried)


def test_a_dashboard_has_its_own_attempts(store: Store) -> None:
    """What failed elsewhere is nobody's business here."""
    here = scene(store)
    other = dashboard(here.alice, slug="other")
    with store.write() as unit:
        unit.dashboards.add(other)
        unit.attempts.add(attempt(here, dashboard_id=other.id))
        assert unit.attempts.list(here.dashboard.id, limit=9).items == []
        assert len(unit.attempts.list(other.id, limit=9).items) == 1
        with pytest.raises(NotFound):
            unit.attempts.add(attempt(here, dashboard_id="nowhere"))

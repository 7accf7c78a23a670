"""The audit log: lines in their order, found by actor, object and time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from stillframe.errors import InvalidInput
from stillframe.model.audit import AuditEntry
from stillframe.store import Store
from tests.store.cast import NOON

LINE = AuditEntry(
    at=NOON,
    actor="alice",
    actor_id="u-1",
    action="group.member",
    object="group:team-a",
    detail={"old": None, "new": "editor", "list": [1, "ä"]},
    request_id="r-1",
)


def test_a_line_is_read_as_it_was_written(store: Store) -> None:
    """With the number that the store gave it."""
    with store.write() as unit:
        unit.audit.add(LINE)
    with store.read() as unit:
        (found,) = unit.audit.list(limit=5).items
    assert found.key is not None
    assert replace(found, key=None) == LINE


def test_lines_are_read_newest_first_page_by_page(store: Store) -> None:
    """In the order in which they were written, whatever their times: clocks go back."""
    with store.write() as unit:
        for minute in (3, 1, 2):
            unit.audit.add(replace(LINE, at=NOON + timedelta(minutes=minute), object=str(minute)))
        first = unit.audit.list(limit=2)
        rest = unit.audit.list(limit=2, cursor=first.next_cursor)
        assert [line.object for line in [*first.items, *rest.items]] == ["2", "1", "3"]
        assert rest.next_cursor is None
        with pytest.raises(InvalidInput):
            unit.audit.list(limit=2, cursor="nothing")


def test_lines_are_found_by_actor_object_and_time(store: Store) -> None:
    """Each narrows what the others leave."""
    with store.write() as unit:
        for number, (actor, about) in enumerate((("alice", "x"), ("bob", "x"), ("alice", "y"), ("alice", "x"))):
            unit.audit.add(replace(LINE, actor=actor, object=about, at=NOON + timedelta(minutes=number)))

        def minutes(**wanted: object) -> list[int]:
            found = unit.audit.list(limit=9, **wanted)  # type: ignore[arg-type]  # because each test names its own
            return [(line.at - NOON).seconds // 60 for line in found.items]

        assert minutes(actor="alice") == [3, 2, 0]
        assert minutes(object="x") == [3, 1, 0]
        assert minutes(actor="alice", object="x", since=NOON + timedelta(minutes=1)) == [3]
        assert minutes(since=NOON + timedelta(minutes=4)) == []

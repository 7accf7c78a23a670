"""What is read at each scrape: how much waits, what is stuck, who is alive, and few rows are read for it."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

from stillframe.store import OutboxGauge, Store
from stillframe.store.gauges import _STUCK
from tests.store.cast import NOON, scene, settlement

SECOND = timedelta(seconds=1)


def test_what_waits_and_what_is_stuck_is_counted_by_channel_and_state(store: Store) -> None:
    """What arrived is not in it, what was given up is: somebody has to look at it."""
    here = scene(store)
    for number in range(3):
        here.subscribe(subscriber_id=f"w{number}", receiver=f"r{number}")
    here.subscribe(subscriber_kind="email", subscriber_id="a@example.org")
    before, cause = here.take(1), here.take(2)
    sent, lost = here.promise(cause, here.matches(before), claim_limit=2).claimed
    with store.write() as unit:
        unit.outbox.settle([settlement(sent), settlement(lost, state="gave_up")])
    with store.read() as unit:
        found = unit.gauges.outbox()
    assert found == [
        OutboxGauge(channel="webhook", state="pending", count=1, oldest_due_at=cause.timestamp),
        OutboxGauge(channel="email", state="deferred", count=1),
        OutboxGauge(channel="webhook", state="gave_up", count=1),
    ]


def test_an_empty_outbox_has_nothing_to_count(store: Store) -> None:
    """No row is no gauge, not a fault."""
    with store.read() as unit:
        assert unit.gauges.outbox() == []
        assert unit.gauges.beats("worker") == []


def test_every_worker_that_did_not_say_goodbye_has_a_beat(store: Store) -> None:
    """One that died is silent for longer and longer; one that ended in order is not known any more."""
    with store.write() as unit:
        unit.workers.beat("a", "worker", NOON)
        unit.workers.beat("b", "worker", NOON + SECOND)
        unit.workers.beat("c", "scheduler", NOON)
        assert sorted(unit.gauges.beats("worker")) == [NOON, NOON + SECOND]
        unit.workers.forget("a")
        assert unit.gauges.beats("worker") == [NOON + SECOND]


def test_what_was_delivered_years_ago_is_not_read_for_it(sqlite_path: Path) -> None:
    """A scrape every few seconds must not walk a table that only grows."""
    asked = str(_STUCK)
    with sqlite3.connect(sqlite_path) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {asked}").fetchall()
    connection.close()
    assert "COVERING INDEX outbox_stuck" in plan[0][3]

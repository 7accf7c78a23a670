"""Settling: many tries are written down together, each under the lease that made it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stillframe.store import Store
from stillframe.store.settlements import parts_of
from tests.store.cast import NOON, scene, settlement, statements

LATER = NOON + timedelta(minutes=5)


def test_a_hundred_tries_are_settled_in_three_statements(store: Store) -> None:
    """What a settle costs must not grow with the statements it needs."""
    here = scene(store)
    for number in range(100):
        here.subscribe(subscriber_id=f"w{number}", receiver=f"r{number}")
    before, cause = here.take(1), here.take(2)
    claimed = here.promise(cause, here.matches(before), claim_limit=100).claimed
    with statements() as sent, store.write() as unit:
        accepted = unit.outbox.settle([settlement(entry) for entry in claimed])
    assert accepted == {entry.delivery_id for entry in claimed}
    assert len([statement for statement in sent if "outbox" in statement or "tries" in statement]) == 3


def test_what_is_written_of_a_try_is_what_was_said_of_it(store: Store) -> None:
    """Times to the millisecond, a status or none, words with quotes: nothing is lost on the way through JSON."""
    here = scene(store)
    here.subscribe()
    before, cause = here.take(1), here.take(2)
    (claimed,) = here.promise(cause, here.matches(before), claim_limit=1).claimed
    ended = NOON + timedelta(milliseconds=1234)
    detail = "it said 'no' and \"never\" — \\u0000 ünd 値"
    told = settlement(
        claimed, state="pending", due_at=LATER, finished_at=ended, status=None, detail=detail, outcome="unknown"
    )
    with store.write() as unit:
        unit.outbox.settle([told])
    with store.read() as unit:
        entry = unit.outbox.get(claimed.delivery_id)
    assert entry is not None
    assert (entry.state, entry.due_at) == ("pending", LATER)
    (only,) = entry.tries
    assert only["started_at"] == "2026-03-01T12:00:00.000Z"
    assert only["finished_at"] == "2026-03-01T12:00:01.234Z"
    assert (only["outcome"], only["status"], only["detail"]) == ("unknown", None, detail)


def test_of_two_settlements_only_the_one_under_the_newest_lease_counts(store: Store) -> None:
    """A worker that was thought dead may settle in the same batch as the one that took over."""
    here = scene(store)
    here.subscribe()
    before, cause = here.take(1), here.take(2)
    (stale,) = here.promise(cause, here.matches(before), claim_limit=1).claimed
    with store.write() as unit:
        (newest,) = unit.outbox.claim_due(now=NOON + timedelta(days=10), lease_seconds=10, limit=5)
        accepted = unit.outbox.settle([settlement(stale, state="gave_up"), settlement(newest)])
    assert accepted == {newest.delivery_id}
    with store.read() as unit:
        entry = unit.outbox.get(newest.delivery_id)
    assert entry is not None
    assert (entry.state, len(entry.tries)) == ("sent", 1)


@pytest.mark.parametrize(
    ("delivery_id", "parts"),
    [
        ("c_s", [("c", "s", "alert")]),
        ("c_s_gate", [("c", "s_gate", "alert"), ("c_s", "gate", "alert"), ("c", "s", "gate")]),
    ],
)
def test_a_delivery_id_stands_for_its_cause_its_subscription_and_its_kind(
    delivery_id: str, parts: list[tuple[str, str, str]]
) -> None:
    """Ids may hold the mark that parts them, so each place where it stands is tried."""
    assert parts_of(delivery_id) == parts

"""Evaluations: what was held back, counted or over, once for each time it was judged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from stillframe.store import EvaluationNote, Store
from tests.store.cast import NOON, new_id

FIRST, SECOND = new_id(), new_id()


def note(minutes: int = 0, **over: Any) -> EvaluationNote:
    """Return a note of a minute after noon."""
    plain = {
        "subscription_id": "s-1",
        "snapshot_id": FIRST,
        "baseline_snapshot_id": SECOND,
        "rule_id": 7,
        "at": NOON + timedelta(minutes=minutes),
        "outcome": "true",
        "reason": "cooldown",
        "detail": "cooling down",
    }
    return EvaluationNote(**plain | over)


def test_what_is_noted_comes_back_in_its_order(store: Store) -> None:
    """At a snapshot, and again at the end of the quiet time; of other snapshots and subscriptions nothing."""
    kept = [note(5, reason="quiet_hours", detail=None), note(0), note(1, snapshot_id=SECOND)]
    with store.write() as unit:
        unit.evaluations.add_many([*kept, note(subscription_id="s-2")])
        unit.evaluations.add_many([])
    with store.read() as unit:
        assert unit.evaluations.at_snapshots("s-1", [FIRST]) == [kept[1], kept[0]]
        assert unit.evaluations.at_snapshots("s-1", [FIRST, SECOND]) == [kept[1], kept[2], kept[0]]
        assert unit.evaluations.at_snapshots("s-1", []) == []


def test_the_first_word_stays(store: Store) -> None:
    """A second process that judges the same at the same time adds nothing."""
    with store.write() as unit:
        unit.evaluations.add_many([note()])
        unit.evaluations.add_many([note(reason="known")])
    with store.read() as unit:
        assert unit.evaluations.at_snapshots("s-1", [FIRST]) == [note()]


def test_a_digest_finds_what_it_counted_since_the_last_one(store: Store) -> None:
    """Later than the moment, not at it; what was held back for another reason is not its own."""
    counted = [note(minutes, reason="digest", snapshot_id=new_id()) for minutes in (0, 1, 2)]
    with store.write() as unit:
        unit.evaluations.add_many([*counted, note(3)])
    with store.read() as unit:
        assert unit.evaluations.counted_since("s-1", NOON) == counted[1:]

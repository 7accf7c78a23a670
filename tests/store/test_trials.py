"""Test sends have a log of their own, newest first, and leave the outbox alone."""

from __future__ import annotations

from datetime import timedelta

from stillframe.model.delivery import Trial
from stillframe.store import Store
from tests.store.cast import NOON, scene


def test_tests_are_listed_newest_first_and_counted_since_a_time(store: Store) -> None:
    """By subscription; what is kept is how each ended."""
    here = scene(store)
    mine, other = here.subscribe(subscriber_id="a").id, here.subscribe(subscriber_id="b").id
    ends = [("failed", 500, "answered 500"), ("sent", 204, None)]
    trials = [
        Trial(
            subscription_id=mine, sent_by="alice", at=NOON + timedelta(minutes=n), outcome=end, status=code, detail=why
        )
        for n, (end, code, why) in enumerate(ends)
    ]
    with store.write() as unit:
        for trial in trials:
            unit.trials.add(trial)
        assert unit.trials.list(mine, limit=9) == trials[::-1]
        assert unit.trials.list(mine, limit=1) == trials[1:]
        assert unit.trials.list(other, limit=9) == []
        assert [unit.trials.count_since(mine, NOON + timedelta(seconds=s)) for s in (-1, 0, 60)] == [2, 1, 0]
        assert unit.outbox.pending_count() == 0
    assert trials[0].as_dict()["at"] == "2026-03-01T12:00:00.000Z"

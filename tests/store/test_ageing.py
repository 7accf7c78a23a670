"""Logs grow no older than they should, and what is still to be sent is not history yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from stillframe.model.audit import AuditEntry
from stillframe.model.dashboard import Attempt
from stillframe.store import EvaluationNote, Store
from stillframe.store.ageing import LOG_NAMES
from tests.store.cast import NOON, Scene, new_id, scene, settlement

LATER = NOON + timedelta(days=500)


def remove(store: Store, log: str, *, before: datetime = LATER, most: int = 500) -> int:
    with store.write() as unit:
        return unit.ageing.remove(log, before=before, most=most)  # type: ignore[arg-type]  # because the parameter is one of the logs


def count(store: Store, log: str, *, before: datetime = LATER) -> int:
    with store.read() as unit:
        return unit.ageing.count(log, before=before)  # type: ignore[arg-type]  # because the parameter is one of the logs


def deliveries(here: Scene) -> tuple[str, str]:
    """Promise two deliveries and settle the first; return the ids of both."""
    first, second = here.take(1), here.take(2)
    here.subscribe()
    here.promise(first, here.matches(first))
    (claimed,) = here.promise(second, here.matches(first), claim_limit=1).claimed
    with here.store.write() as unit:
        unit.outbox.settle([settlement(claimed)])
        return f"{first.id}_{claimed.subscription_id}", claimed.delivery_id


def test_settled_deliveries_go_with_their_tries_and_pending_ones_stay(store: Store) -> None:
    """A promise that was not kept yet has no age."""
    pending, settled = deliveries(scene(store))
    assert count(store, "deliveries") == 1
    assert remove(store, "deliveries", before=NOON) == 0
    assert remove(store, "deliveries") == 1
    with store.read() as unit:
        assert unit.outbox.get(settled) is None
        assert unit.outbox.get(pending) is not None


def test_verdicts_and_the_diffs_that_were_sent_go_together(store: Store) -> None:
    """Their age is that of the snapshot; those of a pending delivery stay, for it says them when it is sent."""
    here = scene(store)
    first, second = here.take(1), here.take(2)
    here.subscribe()
    with store.write() as unit:
        for record in (first, second):
            unit.verdicts.add(record.id, first.id, packed={1: "true"})
            unit.notices.add(record.id, first.id, b"{}")
    here.promise(second, here.matches(first))
    assert count(store, "verdicts") == 2
    assert remove(store, "verdicts", before=first.timestamp) == 0
    assert remove(store, "verdicts") == 2
    with store.read() as unit:
        assert unit.verdicts.get(first.id, first.id) is None
        assert unit.notices.get(first.id, first.id) is None
        assert unit.verdicts.get(second.id, first.id) == {1: "true"}
        assert unit.notices.get(second.id, first.id) == b"{}"


@pytest.mark.parametrize("state", ["deferred", "parked", "unknown", "withheld"])
def test_what_a_delivery_may_still_have_to_say_stays(store: Store, state: str) -> None:
    """When a mail server is set up, a subscription resumed or a replay asked for, it says what it was to say."""
    here = scene(store)
    first, second = here.take(1), here.take(2)
    made = here.subscribe(subscriber_kind="email" if state == "deferred" else "webhook")
    with store.write() as unit:
        unit.notices.add(second.id, first.id, b"{}")
    (claimed,) = here.promise(second, here.matches(first), claim_limit=1).claimed or (None,)
    with store.write() as unit:
        if state == "parked":
            unit.subscriptions.pause([made.id], reason="for a test", at=NOON)
        elif claimed is not None:
            unit.outbox.settle([settlement(claimed, state=state)])
    with store.read() as unit:
        assert [entry.state for entry in unit.outbox.deliveries(made.id, limit=5).items] == [state]
    assert remove(store, "verdicts") == 0


def test_what_was_held_back_goes_with_the_verdicts(store: Store) -> None:
    """By when it was judged, in bites."""
    here = scene(store)
    record = here.take(1)
    note = EvaluationNote(
        subscription_id="s-1",
        snapshot_id=record.id,
        baseline_snapshot_id=record.id,
        rule_id=1,
        at=NOON,
        outcome="true",
        reason="cooldown",
    )
    with store.write() as unit:
        unit.evaluations.add_many([replace(note, at=NOON + timedelta(hours=hours)) for hours in range(5)])
    assert count(store, "verdicts", before=NOON + timedelta(hours=3)) == 3
    assert remove(store, "verdicts", before=NOON + timedelta(hours=3), most=2) == 2
    assert remove(store, "verdicts", before=NOON + timedelta(hours=3)) == 1
    with store.read() as unit:
        left = unit.evaluations.at_snapshots("s-1", [record.id])
    assert [found.at for found in left] == [NOON + timedelta(hours=3), NOON + timedelta(hours=4)]


def test_failed_captures_go_by_when_they_ended(store: Store) -> None:
    """A list of what failed two years ago helps nobody."""
    here = scene(store)
    with store.write() as unit:
        for hours in range(5):
            moment = NOON + timedelta(hours=hours)
            unit.attempts.add(
                Attempt(
                    id=new_id(),
                    dashboard_id=here.dashboard.id,
                    started_at=moment,
                    finished_at=moment,
                    initiator="alice",
                    trigger_source="api",
                    error_code="source_failed",
                    message="no answer",
                )
            )
    assert remove(store, "attempts", before=NOON + timedelta(hours=3)) == 3
    with store.read() as unit:
        assert len(unit.attempts.list(here.dashboard.id, limit=9).items) == 2


def test_the_audit_log_goes_by_its_own_time(store: Store) -> None:
    """Two years, by the default configuration."""
    scene(store)
    with store.write() as unit:
        for hours in range(5):
            entry = AuditEntry(at=NOON + timedelta(hours=hours), actor="a", actor_id=None, action="x.y", object="o")
            unit.audit.add(entry)
    assert remove(store, "audit", before=NOON + timedelta(hours=4), most=3) == 3
    assert remove(store, "audit", before=NOON + timedelta(hours=4), most=3) == 1
    with store.read() as unit:
        assert len(unit.audit.list(limit=9).items) == 1


@pytest.mark.parametrize("log", LOG_NAMES)
def test_an_empty_log_loses_nothing(store: Store, log: str) -> None:
    """Nothing is a number too."""
    assert (count(store, log), remove(store, log)) == (0, 0)

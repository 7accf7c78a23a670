"""From one database to the other and back: every row is the same, and every guard stands again."""

from __future__ import annotations

import random
from datetime import time
from pathlib import Path

import pytest
from sqlalchemy import select

from stillframe.errors import BackupRefused, StoreError
from stillframe.model.calm import Calm, Episode, QuietHours
from stillframe.model.snapshot import SnapshotRecord
from stillframe.store import CalmStanding, EvaluationNote, Store, Told, moved_to, standing_of
from stillframe.store.inspection import inspected
from stillframe.store.reading import opened_for_reading
from stillframe.store.reports import PART_BYTES
from stillframe.store.tables import METADATA
from stillframe.store.transfer import copied_to_postgresql, copied_to_sqlite, holds_something
from tests.store.cast import NOON, Scene, payload, scene
from tests.store.damage import by_hand
from tests.store.kept import decision, keep, suppression


def filled(target: str) -> None:
    """Fill a database with something in most of its tables."""
    store = Store.open(target, create=True)
    here = scene(store)
    first = here.take(1, reason="ü – 😀", source_bundle=({"name": "r.xml", "bytes": 3},), immutable=True)
    for value in range(2, 9):
        here.take(value, slot=f"2026-03-01T0{value}:00:00.000Z")
    here.subscribe()
    second = here.take(9)
    here.promise(second, here.matches(first))
    keep(here, 10, b"report", random.Random(1).randbytes(PART_BYTES + 1), immutable=True)
    keep(here, 11, b"report")
    here.subscribe(rule={"gate": ["fail", "warn"]}, gate=("fail", "warn"))
    fill_calm(here, first, second)
    lifted = suppression(ticket=None)
    with store.write() as unit:
        unit.verdicts.add(second.id, first.id, packed={1: "true"})
        unit.notices.add(second.id, first.id, b"{}")
        unit.gates.add(decision(here))
        unit.suppressions.add(suppression())
        unit.suppressions.add(lifted)
        unit.suppressions.lift(lifted.id, by="rita", at=NOON)
    store.close()


def fill_calm(here: Scene, first: SnapshotRecord, second: SnapshotRecord) -> None:
    """Let somebody ask for calm, stand somewhere, and have something held back and something told."""
    asked = Calm(quiet_hours=QuietHours(begin=time(22), end=time(7), zone="Europe/Berlin"), notify_on_resolve=True)
    calm = here.subscribe(subscriber_id="c-1", receiver="c", calm=asked, importance="high", max_items=5)
    before = CalmStanding(subscription=calm, standing=standing_of(calm))
    episode = Episode(baseline_snapshot_id=first.id, consecutive=2)
    after = moved_to(before, standing_of(calm, episode=episode, wake_at=NOON))
    note = EvaluationNote(
        subscription_id=calm.id,
        snapshot_id=second.id,
        baseline_snapshot_id=first.id,
        rule_id=calm.rule_id,
        at=NOON,
        outcome="true",
        reason="quiet_hours",
    )
    told = Told(subscription_id=calm.id, kind="resolved", against_snapshot_id=first.id, said={"told_at": None})
    with here.store.write() as unit:
        unit.standings.put(here.dashboard.id, [(before, after)])
        unit.evaluations.add_many([note])
        unit.outbox.promise_told(
            dashboard_id=here.dashboard.id,
            snapshot_id=second.id,
            told=[told],
            now=NOON,
            lease_seconds=15,
            claim_limit=0,
        )


def content(target: str) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table, in an order that both databases share."""
    found = {}
    with opened_for_reading(target) as connection:
        for name, table in METADATA.tables.items():
            if name not in {"leases", "workers"}:
                found[name] = sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
    return found


@pytest.mark.postgres
def test_there_and_back_again(tmp_path: Path, postgres_url: str) -> None:
    """SQLite, PostgreSQL, SQLite: the rows are those of the beginning, and the doctor finds nothing."""
    there, back = str(tmp_path / "there.db"), tmp_path / "back.db"
    filled(there)
    copied_to_postgresql(Path(there), postgres_url)
    assert content(postgres_url) == content(there)
    copied_to_sqlite(postgres_url, back)
    assert content(str(back)) == content(there)
    for target in (postgres_url, str(back)):
        assert [found.message for found in inspected(target) if found.level == "broken"] == []


@pytest.mark.postgres
def test_a_copied_database_takes_snapshots_again(tmp_path: Path, postgres_url: str) -> None:
    """Numbers go on after the highest, frames and reports are added, and the triggers refuse what they refused."""
    there = str(tmp_path / "there.db")
    filled(there)
    copied_to_postgresql(Path(there), postgres_url)
    store = Store.open(postgres_url, create=False)
    with store.read() as unit:
        dashboard, alice = unit.dashboards.get("hypotheses"), unit.users.by_name("alice")
    assert dashboard is not None
    assert alice is not None
    here = Scene(store=store, alice=alice, dashboard=dashboard)
    taken = here.take(50, initiator="somebody new")
    assert taken.sequence == 12
    with store.read() as unit:
        found = unit.snapshots.get(taken.id)
    assert found is not None
    assert found.payload == payload(50)
    keep(here, 51, b"a report that is new")
    store.close()
    for table in ("snapshots", "report_uses", "gates", "suppressions"):
        with pytest.raises(Exception, match="never removed"):
            by_hand(postgres_url, f"DELETE FROM {table}")


@pytest.mark.postgres
def test_a_copy_that_fails_leaves_what_was_there(tmp_path: Path, postgres_url: str) -> None:
    """All in one transaction: a row that names nothing stops it, and the old database is as it was."""
    there = str(tmp_path / "there.db")
    filled(there)
    filled(postgres_url)
    before = content(postgres_url)
    by_hand(there, "UPDATE dashboard_subscriptions SET owner_id='nobody'")
    with pytest.raises(StoreError):
        copied_to_postgresql(Path(there), postgres_url)
    assert content(postgres_url) == before


def test_only_what_somebody_would_miss_counts(target: str, tmp_path: Path) -> None:
    """A database that was just made holds nothing; one with a dashboard does; a stranger's is refused."""
    store = Store.open(target, create=True)
    assert not holds_something(target)
    scene(store)
    assert holds_something(target)
    store.close()
    stranger = tmp_path / "stranger.db"
    by_hand(str(stranger), "CREATE TABLE invoices(id INTEGER)")
    with pytest.raises(BackupRefused, match="not a Stillframe database"):
        holds_something(str(stranger))

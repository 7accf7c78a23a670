"""Measures promising from the database: 100,000 subscriptions, 1,000 distinct rules, 1,000 deliveries promised."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uuid_utils

from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import User
from stillframe.model.payload import Metric, Payload
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.subscription import RuleGroup, Subscription
from stillframe.store import Match, Promised, Store

SUBSCRIPTIONS = 100_000
QUICK_SUBSCRIPTIONS = 10_000
RULES = 1_000
MATCHED_SHARE = 0.01
ROUNDS = 9
TARGET_MS = 15
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """A dashboard with many subscriptions, and the snapshots taken of it so far."""

    store: Store
    dashboard: Dashboard
    snapshot_ids: list[str]


def crowd(store: Store, *, subscriptions: int) -> Crowd:
    """Fill a store with webhook subscriptions on `previous`, their rules spread evenly."""
    owner = User(id=_new_id(), name="alice", role="admin", created_at=BEGIN)
    dashboard = Dashboard(
        id=_new_id(),
        slug="crowd",
        title="A crowd",
        owner_id=owner.id,
        view_spec={},
        view_spec_hash=content_hash(b"{}"),
        created_at=BEGIN,
        updated_at=BEGIN,
    )
    with store.write() as unit:
        unit.users.add(owner)
        unit.dashboards.add(dashboard)
        documents = [{"value_delta_abs": limit + 1, "on_field": "elo"} for limit in range(RULES)]
        rules = [(unit.subscriptions.intern_rule(canonical_bytes(rule).decode()), rule) for rule in documents]
    with store.write() as unit:
        for number in range(subscriptions):
            rule_id, rule = rules[number % RULES]
            subscription = Subscription(
                id=_new_id(),
                dashboard_id=dashboard.id,
                subscriber_kind="webhook",
                subscriber_id=f"https://example.org/…#{number:08x}",
                threshold=rule,
                rule_id=rule_id,
                owner_id=owner.id,
                created_at=BEGIN,
            )
            unit.subscriptions.add(
                subscription, sealed_address=b"a" * 60, sealed_secret=b"s" * 80, receiver=f"{number:016x}"
            )
    found = Crowd(store=store, dashboard=dashboard, snapshot_ids=[])
    snapshot(found)
    return found


def snapshot(found: Crowd) -> str:
    """Take another snapshot, which is not part of what is measured, and return its id."""
    number = len(found.snapshot_ids)
    payload = Payload(panels={"n": Metric(value=number)})
    canonical = canonical_bytes(payload.as_dict())
    moment = BEGIN + timedelta(hours=number)
    with found.store.write() as unit:
        head = unit.heads.lock(found.dashboard.id)
        record = SnapshotRecord(
            id=_new_id(),
            dashboard_id=found.dashboard.id,
            sequence=head.last_sequence + 1,
            parent_snapshot_id=head.head_snapshot_id,
            timestamp=moment,
            as_of=moment,
            initiator="alice",
            trigger_source="push",
            content_hash=content_hash(canonical),
            view_spec_hash=found.dashboard.view_spec_hash,
            capture_status="good",
        )
        unit.snapshots.add(record, canonical=canonical, payload=payload, moves_head=True)
    found.snapshot_ids.append(record.id)
    return record.id


def promise(found: Crowd, groups: tuple[RuleGroup, ...], *, claim_limit: int) -> Promised:
    """Promise the matched share of all rules for the newest snapshot, in a transaction of its own."""
    before, cause = found.snapshot_ids[-2:]
    matched = [
        Match(baseline=group.baseline, baseline_snapshot_id=None, rule_id=group.rule_id, against_snapshot_id=before)
        for group in groups[:: round(1 / MATCHED_SHARE)]
    ]
    with found.store.write() as unit:
        return unit.outbox.promise(
            dashboard_id=found.dashboard.id,
            snapshot_id=cause,
            matched=matched,
            now=BEGIN,
            lease_seconds=15,
            claim_limit=claim_limit,
        )


def table(*, quick: bool) -> str:
    """Return the measurement as a Markdown table."""
    subscriptions = QUICK_SUBSCRIPTIONS if quick else SUBSCRIPTIONS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crowd.db"
        store = Store.open(path, create=True)
        found = crowd(store, subscriptions=subscriptions)
        store.close()
        found = Crowd(store=Store.open(path, create=False), dashboard=found.dashboard, snapshot_ids=found.snapshot_ids)
        rows = _measure(found)
        found.store.close()
    lines = [f"| {name} | {middle:.1f} ms | {worst:.1f} ms | {target} |" for name, middle, worst, target in rows]
    work = f"{subscriptions:,} subscriptions, {RULES:,} rules, {round(subscriptions * MATCHED_SHARE):,} promised"
    head = f"| {work} | Median | Worst | Reach |"
    return "\n".join((head, "| --- | --- | --- | --- |", *lines))


def _measure(found: Crowd) -> list[tuple[str, float, float, str]]:
    def groups() -> tuple[RuleGroup, ...]:
        with found.store.read() as unit:
            return unit.subscriptions.groups(found.dashboard.id)

    cold = _took(groups)
    warm = [_took(groups) for _ in range(ROUNDS)]
    known, promised, claimed = groups(), [], []
    for limit, times in ((0, promised), (64, claimed)):
        for _ in range(ROUNDS):
            snapshot(found)
            times.append(_took(lambda limit=limit: promise(found, known, claim_limit=limit)))
    return [
        ("distinct rules read, first time after a change", cold, cold, ""),
        ("distinct rules, remembered by version", statistics.median(warm), max(warm), ""),
        ("promised and committed", statistics.median(promised), max(promised), f"{TARGET_MS} ms"),
        ("the same, 64 of them claimed at once", statistics.median(claimed), max(claimed), ""),
    ]


def _took(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return (time.perf_counter() - begin) * 1_000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help=f"{QUICK_SUBSCRIPTIONS:,} subscriptions in place of {SUBSCRIPTIONS:,}"
    )
    print(table(quick=parser.parse_args().quick))


def _new_id() -> str:
    return str(uuid_utils.uuid7())


if __name__ == "__main__":
    main()

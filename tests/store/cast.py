"""The cast and their things, with boring defaults: Alice owns, Bob is on her team, Charlie must see nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import uuid_utils
from sqlalchemy import Engine, event, text

from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import User
from stillframe.model.payload import Metric, Payload, Primary, Table
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.subscription import Subscription
from stillframe.store import Match, Settlement, Store
from stillframe.store.connect import open_engine

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULE = {"any_change": True}


def new_id() -> str:
    return str(uuid_utils.uuid7())


def user(name: str = "alice", **over: Any) -> User:
    return User(**{"id": new_id(), "name": name, "role": "viewer", "created_at": NOON} | over)


def dashboard(owner: User, **over: Any) -> Dashboard:
    plain = {
        "id": new_id(),
        "slug": "hypotheses",
        "title": "Hypotheses",
        "owner_id": owner.id,
        "view_spec": {"title": "Hypotheses"},
        "view_spec_hash": "ab" * 32,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Dashboard(**plain | over)


def payload(value: float = 1) -> Payload:
    table = Table(key="id", columns=("id", "elo"), rows=[{"id": f"h-{n}", "elo": n * value} for n in range(20)])
    return Payload(
        panels={"board": table, "papers": Metric(value=value)}, primary=Primary(rows="board", metric="papers")
    )


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Alice and her dashboard in a store."""

    store: Store
    alice: User
    dashboard: Dashboard

    def take(
        self, value: float = 1, *, slot: str | None = None, moves_head: bool = True, **over: Any
    ) -> SnapshotRecord:
        """Take the next snapshot, an hour after the last, and return its record."""
        shown = payload(value)
        canonical = canonical_bytes(shown.as_dict())
        with self.store.write() as unit:
            head = unit.heads.lock(self.dashboard.id)
            moment = NOON + timedelta(hours=head.last_sequence)
            plain = {
                "id": new_id(),
                "dashboard_id": self.dashboard.id,
                "sequence": head.last_sequence + 1,
                "parent_snapshot_id": head.head_snapshot_id,
                "timestamp": moment,
                "as_of": moment,
                "initiator": "alice",
                "trigger_source": "api",
                "content_hash": content_hash(canonical),
                "view_spec_hash": self.dashboard.view_spec_hash,
                "capture_status": "good",
            }
            record = SnapshotRecord(**plain | over)
            unit.snapshots.add(record, canonical=canonical, payload=shown, moves_head=moves_head, slot=slot)
        return record

    def subscribe(self, *, rule: dict[str, Any] = RULE, receiver: str | None = "r-1", **over: Any) -> Subscription:
        """Subscribe a webhook of Alice's, and return what was kept."""
        with self.store.write() as unit:
            plain = {
                "id": new_id(),
                "dashboard_id": self.dashboard.id,
                "subscriber_kind": "webhook",
                "subscriber_id": "https://example.org/…#1",
                "threshold": rule,
                "rule_id": unit.subscriptions.intern_rule(canonical_bytes(rule).decode()),
                "owner_id": self.alice.id,
                "created_at": NOON,
            }
            found = Subscription(**plain | over)
            webhook = found.subscriber_kind == "webhook"
            sealed = {"sealed_address": b"address", "sealed_secret": b"secret", "receiver": receiver} if webhook else {}
            return unit.subscriptions.add(found, **sealed)

    def promise(self, cause: SnapshotRecord, matched: list[Match], *, claim_limit: int = 0, **over: Any) -> Any:
        """Promise for a snapshot at its own time."""
        with self.store.write() as unit:
            plain = {"now": cause.timestamp, "lease_seconds": 15, "claim_limit": claim_limit}
            return unit.outbox.promise(
                dashboard_id=self.dashboard.id, snapshot_id=cause.id, matched=matched, **plain | over
            )

    def matches(self, against: SnapshotRecord) -> list[Match]:
        """Return every rule group as matched, compared with `against` where it follows the head."""
        with self.store.read() as unit:
            groups = unit.subscriptions.groups(self.dashboard.id)
        return [
            Match(
                baseline=group.baseline,
                baseline_snapshot_id=group.baseline_snapshot_id,
                rule_id=group.rule_id,
                against_snapshot_id=group.baseline_snapshot_id or against.id,
            )
            for group in groups
        ]


def scene(store: Store) -> Scene:
    alice = user()
    hers = dashboard(alice)
    with store.write() as unit:
        unit.users.add(alice)
        unit.dashboards.add(hers)
    return Scene(store=store, alice=alice, dashboard=hers)


def settlement(claimed: Any, *, state: str = "sent", **over: Any) -> Settlement:
    plain = {
        "delivery_id": claimed.delivery_id,
        "lease_token": claimed.lease_token,
        "attempt": claimed.attempt,
        "state": state,
        "started_at": NOON,
        "finished_at": NOON,
        "outcome": "sent" if state == "sent" else "failed",
        "status": 200,
    }
    return Settlement(**plain | over)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that any store sends while the block runs."""
    seen: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def expire_payloads(target: str) -> None:
    """Remove every payload of the standard class from outside, as a cleanup of any process may."""
    engine = open_engine(target)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO retention_horizon VALUES ('standard', 9000000000000)"))
        connection.execute(text("DELETE FROM payloads"))
        connection.execute(text("DELETE FROM frames"))
        connection.execute(text("DELETE FROM retention_horizon"))
    engine.dispose()

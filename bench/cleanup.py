"""Measures cleanup: 100,000 payloads in delta chains that have had their time, and how long the write lock is held."""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import uuid_utils

from bench.databases import homes
from stillframe.config import Settings, load_settings
from stillframe.flows.cleanup import CleanupReport, clean_by_itself
from stillframe.flows.services import Services
from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import User
from stillframe.model.payload import Metric, Payload, Primary, Table
from stillframe.model.snapshot import SnapshotRecord
from stillframe.store import Store, Unit
from stillframe.wiring import build_services

DASHBOARDS = 114
EXPIRED = 100_000
QUICK_EXPIRED = 10_000
POSTGRES_SHARE = 4
"""On PostgreSQL a quarter is filled in: that takes longer than the whole in a SQLite file."""
YOUNG_EACH = 50
"""So many snapshots of each dashboard stay, and the chain that they share with old ones is encoded anew."""
ROWS = 30
COMMIT_EVERY = 400
TARGET_SECONDS = 20.0
TARGET_P99_MS = 50.0
NOW = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """One cleanup. Units: seconds; milliseconds that each transaction held the write lock, commit included."""

    database: str
    seconds: float
    held_ms: list[float]
    report: CleanupReport


class TimedStore(Store):
    """A store that notes how long each write transaction lasted, from its lock to the end of its commit."""

    held_ms: list[float]

    @contextmanager
    def write(self) -> Iterator[Unit]:
        with super().write() as unit:
            begun = time.perf_counter()
            yield unit
        self.held_ms.append((time.perf_counter() - begun) * 1_000)


def fill(store: Store, *, expired: int, young_each: int = YOUNG_EACH) -> None:
    """Store snapshots of many dashboards hour by hour, each with a new payload, most from before the horizon."""
    chance = random.Random(2026)
    owner = User(id=_new_id(), name="alice", role="admin", created_at=NOW)
    boards = [_dashboard(owner, number) for number in range(DASHBOARDS)]
    with store.write() as unit:
        unit.users.add(owner)
        for board in boards:
            unit.dashboards.add(board)
    old_each = [expired // DASHBOARDS + (number < expired % DASHBOARDS) for number in range(DASHBOARDS)]
    rows = {board.id: _rows(chance) for board in boards}
    horizon = NOW - timedelta(days=DAYS)
    moments = [horizon - timedelta(hours=hour) for hour in range(max(old_each), 0, -1)]
    moments += [horizon + timedelta(hours=hour) for hour in range(1, young_each + 1)]
    wanted = [
        (board, moment)
        for place, moment in enumerate(moments)
        for board, old in zip(boards, old_each, strict=True)
        if place >= max(old_each) - old
    ]
    for start in range(0, len(wanted), COMMIT_EVERY):
        with store.write() as unit:
            for board, moment in wanted[start : start + COMMIT_EVERY]:
                _take(unit, board, moment, rows[board.id], chance)


def measure(settings: Settings, *, expired: int) -> Cleaned:
    """Fill an empty database and clean it up."""
    aged = settings.model_copy(
        update={"dashboard": settings.dashboard.model_copy(update={"snapshot_retention_days": DAYS})}
    )
    services = build_services(aged, create=True, clock=lambda: NOW)
    try:
        fill(services.store, expired=expired)
        timed = _timed(services)
        begun = time.perf_counter()
        report = clean_by_itself(replace(services, store=timed), now=NOW)
        seconds = time.perf_counter() - begun
        assert report is not None
        assert report.payloads_removed == expired, report.as_dict()
        return Cleaned(database=timed.dialect, seconds=seconds, held_ms=timed.held_ms, report=report)
    finally:
        services.close()


def table(*, quick: bool) -> str:
    """Return the measurement as a Markdown table, on both databases where a PostgreSQL server can be started."""
    expired = QUICK_EXPIRED if quick else EXPIRED
    lines = [
        "| Database | Removed | Encoded anew | Cleanup (target) | Commits | Lock held, p50 / p99 (target) / worst |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    with homes() as found:
        for home in found:
            share = 1 if home.is_sqlite else POSTGRES_SHARE
            lines.append(_line(measure(load_settings(home.config), expired=expired // share)))
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_EXPIRED:,} payloads in place of {EXPIRED:,}")
    print(table(quick=parser.parse_args().quick))


def _timed(services: Services) -> TimedStore:
    store = services.store
    timed = TimedStore.__new__(TimedStore)
    timed.__dict__.update(store.__dict__)
    timed.held_ms = []
    return timed


def _line(found: Cleaned) -> str:
    centiles = statistics.quantiles(found.held_ms, n=100)
    held = f"{centiles[49]:.1f} / {centiles[98]:.1f} ({TARGET_P99_MS:.0f}) / {max(found.held_ms):.1f} ms"
    removed, recoded = found.report.payloads_removed, found.report.payloads_recoded
    seconds = f"{found.seconds:.1f} s ({TARGET_SECONDS:.0f} s)"
    return f"| {found.database} | {removed:,} | {recoded:,} | {seconds} | {len(found.held_ms)} | {held} |"


def _take(unit: Unit, board: Dashboard, moment: datetime, rows: list[dict[str, Any]], chance: random.Random) -> None:
    for row in chance.sample(rows, 3):
        row["score"] = chance.random()
    shown = Payload(
        panels={
            "board": Table(key="id", columns=("id", "title", "score"), rows=[dict(row) for row in rows]),
            "total": Metric(value=chance.random()),
        },
        primary=Primary(rows="board", metric="total"),
    )
    canonical = canonical_bytes(shown.as_dict())
    head = unit.heads.lock(board.id)
    record = SnapshotRecord(
        id=_new_id(),
        dashboard_id=board.id,
        sequence=head.last_sequence + 1,
        parent_snapshot_id=head.head_snapshot_id,
        timestamp=moment,
        as_of=moment,
        initiator="alice",
        trigger_source="schedule",
        content_hash=content_hash(canonical),
        view_spec_hash=board.view_spec_hash,
        capture_status="good",
    )
    unit.snapshots.add(record, canonical=canonical, payload=shown, moves_head=True)


def _rows(chance: random.Random) -> list[dict[str, Any]]:
    return [{"id": f"r-{number:03d}", "title": f"Row {number}", "score": chance.random()} for number in range(ROWS)]


def _dashboard(owner: User, number: int) -> Dashboard:
    return Dashboard(
        id=_new_id(),
        slug=f"board-{number}",
        title=f"Board {number}",
        owner_id=owner.id,
        view_spec={"title": f"Board {number}"},
        view_spec_hash=content_hash(b"{}"),
        created_at=NOW,
        updated_at=NOW,
    )


def _new_id() -> str:
    return str(uuid_utils.uuid7())


if __name__ == "__main__":
    main()

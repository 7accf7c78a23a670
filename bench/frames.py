"""Measures what a year of snapshots weighs in a SQLite file: 365 payloads of 1,000 rows by 8, 2 % of rows changed."""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uuid_utils

from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import User
from stillframe.model.payload import Field, Metric, Payload, Primary, Table
from stillframe.model.snapshot import SnapshotRecord
from stillframe.store import Store

ROWS = 1_000
CHANGED_ROWS = 20
SNAPSHOTS = 365
QUICK_SNAPSHOTS = 130
TARGET_PERCENT = 0.8
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = ("id", "title", "state", "composite_score", "elo", "evidence", "novelty", "votes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """
    A year in one file.

    Units   Bytes, milliseconds, and per cent of the payloads' canonical JSON.
    """

    snapshots: int
    json_bytes: int
    file_bytes: int
    add_ms: float
    read_ms: float
    read_worst_ms: float

    @property
    def percent(self) -> float:
        return 100 * self.file_bytes / self.json_bytes


def leaderboard(chance: random.Random) -> list[dict[str, Any]]:
    """Return the rows of the first day: eight columns, four of them floats of 17 digits."""
    return [
        {
            "id": f"h-{number:04d}",
            "title": f"Hypothesis {number}",
            "state": chance.choice(("open", "tested", "closed")),
            "composite_score": chance.random(),
            "elo": chance.gauss(1_500, 200),
            "evidence": chance.random() * 10,
            "novelty": chance.random(),
            "votes": chance.randrange(5_000),
        }
        for number in range(ROWS)
    ]


def change(rows: list[dict[str, Any]], chance: random.Random) -> None:
    """Let a day pass: one row in fifty gets another score and rating, one in four of those more votes too."""
    for row in chance.sample(rows, CHANGED_ROWS):
        row["composite_score"] = min(1.0, row["composite_score"] * chance.uniform(0.9, 1.1))
        row["elo"] += chance.gauss(0, 20)
        if chance.random() < 1 / 4:
            row["votes"] += 1


def payload_of(rows: list[dict[str, Any]], *, papers: int) -> Payload:
    """Return the payload of a day: the table in rank order and one metric."""
    ranked = sorted((dict(row) for row in rows), key=lambda row: (-row["composite_score"], row["id"]))
    table = Table(
        key="id", columns=COLUMNS, rows=ranked, fields={"composite_score": Field(better="higher", tolerance=1e-6)}
    )
    return Payload(
        panels={"leaderboard": table, "papers": Metric(value=papers, field=Field(better="higher", unit="papers"))},
        primary=Primary(rows="leaderboard", metric="papers"),
        sources=({"name": "hypotheses", "type": "push"},),
    )


def fill(store: Store, *, snapshots: int) -> tuple[list[tuple[str, int]], list[float]]:
    """Store the days one by one; return each one's content hash and JSON size, and the milliseconds that each took."""
    chance = random.Random(2026)
    rows, papers = leaderboard(chance), 15_000
    owner = User(id=_new_id(), name="alice", role="admin", created_at=BEGIN)
    dashboard = Dashboard(
        id=_new_id(),
        slug="hypotheses",
        title="Hypothesis leaderboard",
        owner_id=owner.id,
        view_spec={"title": "Hypothesis leaderboard"},
        view_spec_hash=content_hash(b"{}"),
        created_at=BEGIN,
        updated_at=BEGIN,
    )
    with store.write() as unit:
        unit.users.add(owner)
        unit.dashboards.add(dashboard)
    stored, took = [], []
    for day in range(snapshots):
        payload = payload_of(rows, papers=papers + day)
        canonical = canonical_bytes(payload.as_dict())
        took.append(_add(store, dashboard, payload, canonical, day=day))
        stored.append((content_hash(canonical), len(canonical)))
        change(rows, chance)
    return stored, took


def weigh(folder: Path, *, snapshots: int) -> Weighed:
    """Fill a store, close it, and weigh every file that it left."""
    path = folder / "year.db"
    store = Store.open(path, create=True)
    stored, took = fill(store, snapshots=snapshots)
    store.close()
    file_bytes = sum(found.stat().st_size for found in folder.iterdir())
    store = Store.open(path, create=False)
    reads = [_read(store, found) for found, _ in random.Random(1).sample(stored, min(60, len(stored)))]
    store.close()
    return Weighed(
        snapshots=snapshots,
        json_bytes=sum(size for _, size in stored),
        file_bytes=file_bytes,
        add_ms=statistics.median(took),
        read_ms=statistics.median(reads),
        read_worst_ms=max(reads),
    )


def table(*, quick: bool) -> str:
    """Return the measurement as a Markdown table."""
    with tempfile.TemporaryDirectory() as folder:
        found = weigh(Path(folder), snapshots=QUICK_SNAPSHOTS if quick else SNAPSHOTS)
    mean, kept = found.json_bytes / found.snapshots, found.file_bytes / found.snapshots
    share = f"{found.percent:.3f} % ({TARGET_PERCENT} %)"
    read = f"{found.read_ms:.1f} / {found.read_worst_ms:.1f} ms"
    return "\n".join(
        (
            "| Snapshots | JSON each | In the file each | Share (target) | Store, median | Read any, median / worst |",
            "| --- | --- | --- | --- | --- | --- |",
            f"| {found.snapshots} | {mean:,.0f} B | {kept:,.0f} B | {share} | {found.add_ms:.1f} ms | {read} |",
        )
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_SNAPSHOTS} snapshots in place of {SNAPSHOTS}")
    print(table(quick=parser.parse_args().quick))


def _add(store: Store, dashboard: Dashboard, payload: Payload, canonical: bytes, *, day: int) -> float:
    begin = time.perf_counter()
    with store.write() as unit:
        head = unit.heads.lock(dashboard.id)
        moment = BEGIN + timedelta(days=day, milliseconds=day * 37 % 1_000)
        record = SnapshotRecord(
            id=_new_id(),
            dashboard_id=dashboard.id,
            sequence=head.last_sequence + 1,
            parent_snapshot_id=head.head_snapshot_id,
            timestamp=moment,
            as_of=moment,
            initiator="alice",
            trigger_source="push",
            content_hash=content_hash(canonical),
            view_spec_hash=dashboard.view_spec_hash,
            capture_status="good",
            capture={"hypotheses": {"rows": ROWS, "milliseconds": 3.1 + day / 100}},
        )
        unit.snapshots.add(record, canonical=canonical, payload=payload, moves_head=True)
    return (time.perf_counter() - begin) * 1_000


def _read(store: Store, wanted: str) -> float:
    begin = time.perf_counter()
    with store.read() as unit:
        unit.snapshots.canonical(wanted)
    return (time.perf_counter() - begin) * 1_000


def _new_id() -> str:
    return str(uuid_utils.uuid7())


if __name__ == "__main__":
    main()

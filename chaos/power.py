"""Power cuts on SQLite: what a server writes is recorded, cut anywhere, and what is left must hold every promise."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos.clients import Ledger, pushing
from chaos.disk import MARK, Disk, Record, built, mark, read_log, recording
from chaos.installation import Installation, install
from chaos.oracle import Picture, any_change, moved_by, must_be_told
from chaos.processes import Forks
from chaos.receivers import start_receiver
from chaos.tables import Row, conclude, options
from stillframe.config import load_settings
from stillframe.flows.doctor import examine
from stillframe.store import Store
from stillframe.store.connect import SQLITE
from stillframe.wiring import installation as home_of

STEP = 5.0
CUTS = 1_000
QUICK_CUTS = 60
PUSHES = 400
QUICK_PUSHES = 60
_DATABASE = "stillframe.db"
_MOST_SECONDS = 120.0
_AFTER_ACKNOWLEDGEMENT_SHARE = 0.5
"""So many of the cuts come right after somebody was told that a snapshot is stored."""


@dataclass(frozen=True, kw_only=True)
class Recording:
    """What happened: the files at the beginning, everything done to them, and who asked to be told of what."""

    installation: Installation
    before: Mapping[str, bytes]
    log: Sequence[Record]
    sent: Mapping[str, Mapping[str, float]]
    subscriptions: Mapping[str, Any]
    """By id, the rule as the oracle knows it."""


@dataclass(kw_only=True)
class Report:
    """What the cuts left. The lists must stay empty."""

    seed: int
    cuts: int = 0
    records: int = 0
    acknowledged: int = 0
    seconds: float = 0.0
    lost: list[str] = field(default_factory=list)
    corrupt: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)
    """Snapshots without what they promised, or promises without their snapshot."""
    bad_cuts: int = 0

    @property
    def title(self) -> str:
        return "Power cuts, SQLite"

    @property
    def faults(self) -> dict[str, list[str]]:
        """What must not be, by name."""
        return {name: found for name in ("lost", "corrupt", "half") if (found := getattr(self, name))}

    def rows(self) -> list[Row]:
        """Return it as the rows of a table."""
        return [
            Row("power cuts", f"{self.cuts:,}", f"at {self.records:,} recorded writes and syncs"),
            Row("snapshots acknowledged in the recording", f"{self.acknowledged:,}", ""),
            Row("cuts that lost an acknowledged snapshot, or left damage", f"{self.bad_cuts:,}", "0"),
            Row("acknowledged snapshots lost", f"{len(self.lost):,}", "0"),
            Row("databases damaged", f"{len(self.corrupt):,}", "0"),
            Row("snapshots without their deliveries, or the other way round", f"{len(self.half):,}", "0"),
        ]


def record(folder: Path, *, pushes: int, seed: int) -> Recording:
    """Let clients push to a server with a worker beside it, stopped and started once, and record its disk."""
    disk, log = folder / "disk", folder / "log"
    disk.mkdir()
    installation = install(folder, str(disk / _DATABASE))
    library = built(folder)
    with ExitStack() as stack:
        forks = stack.enter_context(Forks(environment=recording(library, folder=disk, log=log)))
        receiver = start_receiver(folder / "receiver", seed=str(seed), senders=[forks.number])
        stack.callback(receiver.close)
        first = {"a": 1.0, "b": 1.0, "c": 1.0}
        server = installation.start("serve")
        installation.push(first, key="first")
        subscriptions = {}
        secrets = {}
        for number, (rule, evaluated) in enumerate(_RULES):
            made = installation.subscribe(receiver.url(number), rule)
            subscriptions[made.subscription.id] = evaluated
            secrets[f"/{number}"] = made.secret or ""
        receiver.trust(secrets)
        server.terminate()
        before = {str(path): path.read_bytes() for path in disk.glob(f"{_DATABASE}*") if not path.name.endswith("-shm")}
        ledger = Ledger(folder / "clients.ledger")
        stack.callback(ledger.close)
        ledger.will_send("first", first)
        for part in range(2):
            running = [installation.start(name, forks=forks) for name in ("serve", "worker")]
            for one in running:
                stack.callback(one.end)
            with pushing(_marking(installation, log), ledger, names=[f"{name}-{part}" for name in "xyz"]):
                _wait_for(ledger, pushes * (part + 1) // 2)
            for one in running:
                one.terminate()
    return Recording(
        installation=installation, before=before, log=read_log(log), sent=ledger.sent, subscriptions=subscriptions
    )


_RULES = (
    ({"value_delta_abs": STEP, "on_field": "score"}, moved_by(STEP)),
    ({"any_change": True}, any_change),
)


def _marking(installation: Installation, log: Path) -> Any:
    def push(key: str, scores: Mapping[str, float]) -> tuple[int, Any]:
        status, answer = installation.push(scores, key=key)
        if status == 201:
            mark(log, json.dumps({"key": key, "snapshot": answer["id"]}))
        return status, answer

    return push


def _wait_for(ledger: Ledger, count: int) -> None:
    give_up_at = time.monotonic() + _MOST_SECONDS
    while len(ledger.acknowledged) < count and time.monotonic() < give_up_at:
        time.sleep(0.02)


def power_cuts(folder: Path, *, cuts: int, pushes: int, seed: int) -> Report:
    """Record, cut the power so many times, and look at what is left each time."""
    begin, chance = time.monotonic(), random.Random(seed)
    made = record(folder, pushes=pushes, seed=seed)
    report = Report(seed=seed, cuts=cuts, records=len(made.log))
    moments = _moments(made.log, cuts, chance)
    disk, acknowledged = Disk(made.before), {}
    with _looking_glass(folder, made) as look:
        for number, entry in enumerate(made.log, 1):
            disk.play(entry)
            if entry.kind == MARK:
                said = json.loads(entry.data)
                acknowledged[said["key"]] = said["snapshot"]
            for _ in range(moments.get(number, 0)):
                faults = look(disk.cut(chance), acknowledged)
                report.bad_cuts += bool(faults)
                for name, fault in faults:
                    getattr(report, name).append(f"cut after record {number}: {fault}")
    report.acknowledged = len(acknowledged)
    report.seconds = time.monotonic() - begin
    return report


def _moments(log: Sequence[Record], cuts: int, chance: random.Random) -> dict[int, int]:
    """Return after which records the power goes, and how often."""
    marks = [number for number, entry in enumerate(log, 1) if entry.kind == MARK]
    found: dict[int, int] = {}
    for _ in range(cuts):
        told = marks and chance.random() < _AFTER_ACKNOWLEDGEMENT_SHARE
        number = chance.choice(marks) if told else chance.randint(1, len(log))
        found[number] = found.get(number, 0) + 1
    return found


@contextmanager
def _looking_glass(folder: Path, made: Recording) -> Iterator[Any]:
    """Give a function that puts the files a cut left in place and says what is wrong with them."""
    place = folder / "after"
    place.mkdir()
    settings = place / "stillframe.toml"
    settings.write_text(f'[dashboard]\nsnapshot_db_path = "{_DATABASE}"\n', "utf8")
    shutil.copy(folder / "disk" / "secret.key", place / "secret.key")
    home = home_of(load_settings(settings))

    def look(files: Mapping[str, bytes], acknowledged: Mapping[str, str]) -> list[tuple[str, str]]:
        for old in place.glob(f"{_DATABASE}*"):
            old.unlink()
        for path, content in files.items():
            (place / Path(path).name).write_bytes(content)
        found = [("corrupt", fault) for fault in _damage(place / _DATABASE)]
        if found:
            return found
        found += [("corrupt", one.message) for one in examine(home).items if one.level == "broken"]
        return found + list(_missing(place / _DATABASE, made, acknowledged))

    yield look


def _damage(path: Path) -> list[str]:
    """Open the file as the next start would, with what SQLite itself says of its pages."""
    try:
        connection = SQLITE.connect(str(path), isolation_level=None)
        try:
            said = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        finally:
            connection.close()
    except SQLITE.DatabaseError as error:
        return [str(error)]
    return [] if said == ["ok"] else said[:3]


def _missing(path: Path, made: Recording, acknowledged: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    store = Store.open(path, create=False)
    try:
        with store.read() as unit:
            records: list[Any] = []
            cursor: str | None = None
            while True:
                page = unit.snapshots.list(made.installation.dashboard_id, limit=1_000, cursor=cursor)
                records += page.items
                cursor = page.next_cursor
                if cursor is None:
                    break
    finally:
        store.close()
    ids = {record.id: record.reason for record in records}
    yield from (("lost", f"{key} as {name}") for key, name in acknowledged.items() if ids.get(name) != key)
    stored = [
        Picture(id=record.id, sequence=record.sequence, key=record.reason, scores=made.sent[record.reason])
        for record in reversed(records)
    ]
    promised = _promised(path)
    for subscription, rule in made.subscriptions.items():
        due = {(subscription, name) for name in must_be_told(stored, rule)}
        there = {pair for pair in promised if pair[0] == subscription}
        yield from (("half", f"{name} promised nothing to {who}") for who, name in sorted(due - there))
        yield from (("half", f"{who} is promised {name}, for nothing") for who, name in sorted(there - due))


def _promised(path: Path) -> set[tuple[str, str]]:
    connection = SQLITE.connect(str(path), isolation_level=None)
    try:
        return set(connection.execute("SELECT subscription_id,cause FROM outbox"))
    finally:
        connection.close()


def main() -> int:
    """Print what the cuts left; 1 if anything was lost or damaged."""
    parser = options(__doc__)
    parser.add_argument("--cuts", type=int, help=f"{CUTS:,} by default, {QUICK_CUTS} in the short form")
    asked = parser.parse_args()
    cuts = asked.cuts or (QUICK_CUTS if asked.quick else CUTS)
    fast = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  # files to look at, nobody's secrets
    with tempfile.TemporaryDirectory(prefix="stillframe-power-", dir=fast) as folder:
        pushes = QUICK_PUSHES if asked.quick else PUSHES
        report = power_cuts(Path(folder), cuts=cuts, pushes=pushes, seed=asked.seed)
    return conclude(asked, [report])


if __name__ == "__main__":
    sys.exit(main())

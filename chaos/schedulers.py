"""Racing schedulers: eight processes, a clock that jumps, every change of the clocks in two years; each slot once."""

from __future__ import annotations

import mmap
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chaos.installation import TIMED_BOARD, install, show
from chaos.postgres import fresh_database, running_postgres
from chaos.reading import pictures
from chaos.slots import Timed, transitions
from chaos.tables import Row, conclude, options
from stillframe.capture import parse_view_spec
from stillframe.config import load_settings
from stillframe.flows.autosnapshot import autosnapshot
from stillframe.flows.dashboards import create_dashboard
from stillframe.flows.identity import local_caller
from stillframe.model.times import time_text
from stillframe.wiring import build_services

SCHEDULERS = 8
SLOTS = 1_000
QUICK_SLOTS = 60
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2028, 1, 1, tzinfo=UTC)
TIMED: Sequence[Timed] = (
    Timed(minute=0, hour=None, zone="UTC"),
    Timed(minute=0, hour=0, zone="UTC"),
    Timed(minute=30, hour=2, zone="Europe/Berlin"),
    Timed(minute=15, hour=None, zone="America/New_York"),
    Timed(minute=45, hour=1, zone="Australia/Lord_Howe"),
    Timed(minute=0, hour=0, zone="America/Santiago"),
    Timed(minute=30, hour=2, zone="Africa/Casablanca"),
    Timed(minute=10, hour=None, zone="America/St_Johns"),
)
"""By the hour and by the day; a change of half an hour, one at midnight, one in Ramadan."""
AROUND_MINUTES = (-75, -31, -1, 0, 1, 29, 46, 61, 91, 121)
"""When a change of the clocks is looked at, before and after it."""
_BACK_SHARE = 0.15
_FLASH_SHARE = 0.3
_PASS_SECONDS = 30.0
_TIME = struct.Struct("=q")


class SharedClock:
    """A clock in a file, which other processes read and one sets."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_TIME.size * (SCHEDULERS + 1)))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 0)

    def __call__(self) -> datetime:
        """Return the time that it shows."""
        return datetime.fromtimestamp(self.milliseconds() / 1000, UTC)

    def milliseconds(self) -> int:
        """Return the time that it shows, since 1970."""
        return int(_TIME.unpack_from(self._memory, 0)[0])

    def set(self, now: datetime) -> None:
        """Put it to a time."""
        _TIME.pack_into(self._memory, 0, round(now.timestamp() * 1000))

    def note(self, scheduler: int, milliseconds: int) -> None:
        """Note that a scheduler has ended a pass in which the clock showed this time."""
        _TIME.pack_into(self._memory, _TIME.size * (scheduler + 1), milliseconds)

    def all_saw(self, now: datetime) -> bool:
        """Whether every scheduler has ended a pass at this time."""
        wanted = round(now.timestamp() * 1000)
        return all(
            _TIME.unpack_from(self._memory, _TIME.size * (number + 1))[0] == wanted for number in range(SCHEDULERS)
        )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The times that the clock is put to, and the slots that must be taken by the end, by board."""

    moments: Sequence[datetime]
    slots: Mapping[int, set[datetime]]
    changes: int

    @property
    def total(self) -> int:
        return sum(map(len, self.slots.values()))


@dataclass(kw_only=True)
class Report:
    """What the schedulers took."""

    database: str
    seed: int
    plan: Plan
    taken: int = 0
    seconds: float = 0.0
    twice: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"Racing schedulers, {self.database}"

    @property
    def faults(self) -> dict[str, list[str]]:
        """What must not be, by name."""
        return {name: found for name in ("twice", "missed", "unasked") if (found := getattr(self, name))}

    def rows(self) -> list[Row]:
        """Return it as the rows of a table."""
        return [
            Row("slots that were due", f"{self.plan.total:,}", f"on {len(TIMED)} boards"),
            Row("snapshots taken", f"{self.taken:,}", f"by {SCHEDULERS} schedulers"),
            Row(
                "times the clock was put to",
                f"{len(self.plan.moments):,}",
                f"{self.plan.changes} changes of the clocks",
            ),
            Row("taken twice", str(len(self.twice)), "0"),
            Row("missed", str(len(self.missed)), "0"),
            Row("taken though not due", str(len(self.unasked)), "0"),
        ]


def plan(*, slots: int, chance: random.Random) -> Plan:
    """
    Return a walk through two years with so many slots: around every change of the clocks, with jumps between them.

    A jump ahead of more than one slot leaves only the newest due; a jump back makes nothing due that was taken.
    """
    taken: dict[int, set[datetime]] = {number: set() for number in range(len(TIMED))}
    moments: list[datetime] = []
    changes = sorted({at for timed in TIMED for at in transitions(timed.zone, since=BEGIN, until=END)})
    stops = [at + timedelta(minutes=minutes) for at in changes for minutes in AROUND_MINUTES]
    total = 0

    def visit(now: datetime, *, reserve: int = 2 * len(TIMED)) -> None:
        nonlocal total
        new = [(number, slot) for number, slot in _newest(now) if slot > BEGIN and slot not in taken[number]]
        if total + len(new) > slots - reserve or not (new or reserve):
            return
        moments.append(now)
        total += len(new)
        for number, slot in new:
            taken[number].add(slot)

    share = min(1.0, slots / SLOTS)
    for stop in sorted(set(stops)):
        if share == 1.0 or chance.random() < share:
            visit(stop)
        if chance.random() < _BACK_SHARE:
            visit(stop - timedelta(minutes=chance.randint(1, 2_000)))
    at = END
    while total < slots - 3 * len(TIMED):
        at += timedelta(minutes=chance.randint(1, 2_000))
        visit(at)
    # From a morning on no board of a day has a slot, and those of an hour have theirs one after the other.
    at = at.replace(hour=6, minute=0) + timedelta(days=1)
    while total < slots:
        visit(at, reserve=0)
        at += timedelta(minutes=1)
    return Plan(moments=moments, slots=taken, changes=len(changes))


def _newest(now: datetime) -> Iterator[tuple[int, datetime]]:
    return ((number, timed.newest(now)) for number, timed in enumerate(TIMED))


def race(folder: Path, target: str, *, slots: int, seed: int) -> Report:
    """Let eight schedulers race through a plan on a fresh database, and compare what they took."""
    begin, chance = time.monotonic(), random.Random(seed)
    planned = plan(slots=slots, chance=chance)
    report = Report(database="PostgreSQL" if "://" in target else "SQLite", seed=seed, plan=planned)
    installation = install(folder, target)
    show(folder, {"a": 1.0, "b": 2.0})
    boards = _boards(installation.config)
    clock = SharedClock(folder / "clock")
    clock.set(BEGIN)
    with _schedulers(installation.config, folder / "clock"):
        for moment in planned.moments:
            _put(clock, moment, chance)
    with installation.inside() as (services, _):
        for number, board in enumerate(boards):
            found = Counter(picture.key for picture in pictures(services, board))
            due = {f"slot {time_text(slot)}" for slot in planned.slots[number]}
            report.taken += found.total()
            report.twice += [f"{board} {slot}" for slot, times in found.items() if times > 1]
            report.missed += [f"{board} {slot}" for slot in sorted(due - found.keys())]
            report.unasked += [f"{board} {slot}" for slot in sorted(found.keys() - due)]
    report.seconds = time.monotonic() - begin
    return report


def _boards(config: Path) -> list[str]:
    """Make a board for each policy, at the beginning of the two years."""
    services = build_services(load_settings(config), create=True, clock=lambda: BEGIN)
    try:
        caller = local_caller(services, "root")
        specs: list[Any] = [
            {**TIMED_BOARD, "title": f"Board {number}", "metadata": {"snapshot_policy": timed.policy}}
            for number, timed in enumerate(TIMED)
        ]
        return [create_dashboard(services, caller, view_spec=parse_view_spec(spec)).id for spec in specs]
    finally:
        services.close()


def _put(clock: SharedClock, moment: datetime, chance: random.Random) -> None:
    """Put the clock to a time, sometimes with a glance back in the middle of a pass, until every scheduler saw it."""
    before = clock()
    clock.set(moment)
    if chance.random() < _FLASH_SHARE:
        time.sleep(chance.uniform(0, 0.02))
        clock.set(before)
        time.sleep(chance.uniform(0, 0.02))
        clock.set(moment)
    give_up_at = time.monotonic() + _PASS_SECONDS
    while not clock.all_saw(moment):
        if time.monotonic() > give_up_at:
            raise RuntimeError(f"a scheduler did not end a pass at {moment}")
        time.sleep(0.002)


@contextmanager
def _schedulers(config: Path, clock: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "chaos.schedulers", "--run", str(config), str(clock)]
    with subprocess.Popen(command, start_new_session=True) as running:
        try:
            yield
        finally:
            os.killpg(running.pid, signal.SIGKILL)


def _run(config: Path, clock_path: Path) -> None:
    """Be all the schedulers: this process forks them and waits."""
    import stillframe.capture.file

    del stillframe.capture.file
    for number in range(SCHEDULERS):
        if os.fork() == 0:
            _run_one(config, clock_path, number)
    os.wait()


def _run_one(config: Path, clock_path: Path, number: int) -> None:
    clock = SharedClock(clock_path)
    services = build_services(load_settings(config), create=False, clock=clock)
    while True:
        seen = clock.milliseconds()
        autosnapshot(services, wait_for_sends=False, retry_failed=False)
        if clock.milliseconds() == seen:
            clock.note(number, seen)
            while clock.milliseconds() == seen:
                time.sleep(0.001)


def main() -> int:
    """Print what the schedulers took; 1 if it is not each slot once."""
    if sys.argv[1:2] == ["--run"]:
        _run(Path(sys.argv[2]), Path(sys.argv[3]))
        return 0
    parser = options(__doc__)
    parser.add_argument("--slots", type=int, help=f"{SLOTS:,} by default, {QUICK_SLOTS} in the short form")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one of the two databases")
    asked = parser.parse_args()
    slots = asked.slots or (QUICK_SLOTS if asked.quick else SLOTS)
    reports = []
    with tempfile.TemporaryDirectory(prefix="stillframe-schedulers-") as folder:
        if asked.only != "postgresql":
            (Path(folder) / "sqlite").mkdir()
            target = str(Path(folder) / "sqlite" / "stillframe.db")
            reports.append(race(Path(folder) / "sqlite", target, slots=slots, seed=asked.seed))
        if asked.only != "sqlite":
            (Path(folder) / "postgresql").mkdir()
            with running_postgres() as server, fresh_database(server) as url:
                reports.append(race(Path(folder) / "postgresql", url, slots=slots, seed=asked.seed))
    return conclude(asked, reports)


if __name__ == "__main__":
    sys.exit(main())

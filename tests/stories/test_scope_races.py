"""Scopes under many hands: nothing known is forgotten, every slot is taken once, and a kill leaves no gap."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from stillframe.config import load_settings
from stillframe.flows.groups import create_group
from stillframe.flows.identity import authenticate, create_token, local_caller
from stillframe.flows.projects import create_project
from stillframe.flows.scope_timer import autosnapshot_scopes
from stillframe.flows.scopes import GivenSummary, take_scope_snapshot
from stillframe.flows.services import Services
from stillframe.flows.storing import SnapshotRequest, SnapshotTaken
from stillframe.model.identity import Caller
from stillframe.model.payload import Table
from stillframe.model.scope import Scope
from stillframe.model.snapshot import SnapshotRecord
from stillframe.store import Store
from stillframe.store.inspection import inspected
from stillframe.testing import StillClock
from stillframe.wiring import build_services
from tests.stories.estate import summary
from tests.stories.house import BEGIN

PROJECT = Scope(kind="project", name="my-service")
GROUP = Scope(kind="group", name="team-a")
EVERYBODYS = Scope(kind="portfolio", name="all")
SCOPES = (PROJECT, Scope(kind="project", name="other"), GROUP, EVERYBODYS)
START_SECONDS = 30.0
_KEEPS_ON = """
import sys
from pathlib import Path
from stillframe.config import load_settings
from stillframe.wiring import build_services
from tests.stories.test_scope_races import GROUP, PROJECT, take
services = build_services(load_settings(Path(sys.argv[1])), create=False)
print("there", flush=True)
health = 0
while True:
    health += 1
    take(services, PROJECT, health=health % 101)
    take(services, GROUP)
"""


@dataclass(frozen=True, kw_only=True)
class Site:
    """One database with a group of two projects, and the configuration that any process may open it with."""

    config: Path
    target: str
    stack: ExitStack
    reader: Store

    def services(self, clock: Callable[[], datetime] | None = None) -> Services:
        """Return services as another process would have them: no lock in memory is shared with the others."""
        found = build_services(load_settings(self.config), create=True, clock=clock or StillClock(BEGIN))
        self.stack.callback(found.close)
        return found

    def records(self, scope: Scope) -> list[SnapshotRecord]:
        """Return a scope's records, oldest first."""
        with self.reader.read() as unit:
            return unit.snapshots.list(scope.ref, limit=1000).items[::-1]


@pytest.fixture
def site(target: str, tmp_path: Path) -> Iterator[Site]:
    """A site on SQLite, and then on PostgreSQL."""
    config = tmp_path / "stillframe.toml"
    is_file = "://" not in target
    place = f'snapshot_db_path = "{target}"\n' if is_file else ""
    database = "" if is_file else f'[database]\nurl = "{target}"\n'
    timer = "snapshot_enabled = true\nsnapshot_interval_minutes = 1440\n"
    config.write_text(f"[dashboard]\n{place}{timer}{database}", encoding="utf8")
    with ExitStack() as stack:
        reader = Store.open(target, create=True)
        stack.callback(reader.close)
        found = Site(config=config, target=target, stack=stack, reader=reader)
        services = found.services()
        root = local_caller(services, "root")
        create_group(services, root, group_id="team-a")
        for name in ("my-service", "other"):
            create_project(services, root, name=name, group_id="team-a")
        yield found


def take(services: Services, scope: Scope, *, health: float | None = None, who: Caller | None = None) -> SnapshotTaken:
    """Take a snapshot of a scope; a project's with a summary if there is a score."""
    given = None if health is None else GivenSummary.of(summary(health))
    caller = who or local_caller(services, "root")
    return take_scope_snapshot(services, caller, scope=scope, request=SnapshotRequest(), summary=given)


def health_of(services: Services, scope: Scope) -> Any:
    """Return the health score at a project's head."""
    with services.store.read() as unit:
        head = unit.snapshots.at_heads([scope.ref])[scope.ref]
    return head.payload.summaries["health"]["score"]


def require_whole(site: Site, *scopes: Scope) -> None:
    """Every sequence without a gap, every snapshot the child of the one before, and nothing broken."""
    for scope in scopes:
        records = site.records(scope)
        assert [record.sequence for record in records] == list(range(1, len(records) + 1))
        assert [record.parent_snapshot_id for record in records[1:]] == [record.id for record in records[:-1]]
    assert [(found.check, found.message) for found in inspected(site.target) if found.level == "broken"] == []


class MeddlingClock:
    """A clock by which somebody else acts, a few times, in the middle of what asks it for the time."""

    def __init__(self, deed: Callable[[int], object], *, times: int) -> None:
        self._deed = deed
        self._left = times

    def __call__(self) -> datetime:
        if self._left:
            self._left -= 1
            self._deed(self._left)
        return BEGIN


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_snapshot_of_what_is_known_never_brings_back_what_was(site: Site, times: int) -> None:
    """A new summary arrives while another process keeps what it read before: the new one is kept, however often."""
    other = site.services()
    take(other, PROJECT, health=10)
    meddled = site.services()
    caller = local_caller(meddled, "root")
    clock = MeddlingClock(lambda left: take(other, PROJECT, health=90 - left), times=times)
    kept = take(replace(meddled, clock=clock), PROJECT, who=caller)
    assert health_of(other, PROJECT) == 90
    assert kept.record.sequence == times + 2
    assert kept.record.content_hash == site.records(PROJECT)[-2].content_hash
    require_whole(site, PROJECT)


def test_a_new_summary_is_kept_whatever_is_kept_meanwhile(site: Site) -> None:
    """The other way round: snapshots of what is known come between reading and writing a new summary."""
    other = site.services()
    take(other, PROJECT, health=10)
    meddled = site.services()
    caller = local_caller(meddled, "root")
    clock = MeddlingClock(lambda _: take(other, PROJECT), times=2)
    take(replace(meddled, clock=clock), PROJECT, health=90, who=caller)
    assert health_of(other, PROJECT) == 90
    require_whole(site, PROJECT)


def test_two_writers_of_one_project_end_with_the_new_summary(site: Site) -> None:
    """Without any arrangement: in whatever order they come, the head after both says what is new."""
    writers = [site.services() for _ in range(2)]
    for health in range(1, 9):
        barrier = threading.Barrier(2)

        def write(services: Services, score: float | None, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            take(services, PROJECT, health=score)

        with ThreadPoolExecutor(2) as pool:
            for ended in [pool.submit(write, writers[0], health), pool.submit(write, writers[1], None)]:
                ended.result()
        assert health_of(writers[0], PROJECT) == health
    require_whole(site, PROJECT)


def test_a_group_says_what_its_evidence_says_while_projects_change(site: Site) -> None:
    """Every row of a group's snapshot is the score of the very snapshot that its evidence names."""
    changing, keeping = site.services(), site.services()
    take(changing, PROJECT, health=0)
    ended = threading.Event()

    def change() -> None:
        health = 0
        while not ended.is_set():
            health = (health + 1) % 101
            take(changing, PROJECT, health=health)

    changer = threading.Thread(target=change)
    changer.start()
    try:
        taken = [take(keeping, GROUP).record for _ in range(12)]
    finally:
        ended.set()
        changer.join()
    with keeping.store.read() as unit:
        for record in taken:
            snapshot = unit.snapshots.get(record.id)
            assert snapshot is not None
            table = snapshot.payload.panels["projects"]
            assert isinstance(table, Table)
            (evidence,) = record.source_bundle
            named = unit.snapshots.get(evidence["snapshot_id"])
            assert named is not None
            assert named.record.content_hash == evidence["sha256"]
            rows = {row["project"]: row["health"] for row in table.rows}
            assert rows == {"my-service": named.payload.summaries["health"]["score"], "other": None}
    require_whole(site, PROJECT, GROUP)


def test_the_first_portfolio_is_made_once_by_whoever_comes(site: Site) -> None:
    """Nobody is refused because somebody else was first."""
    several = [site.services() for _ in range(3)]
    create_token(several[0], local_caller(several[0], "root"), user_name="uma")
    viewer = authenticate(several[0], create_token(several[0], local_caller(several[0], "root"), user_name="uma").text)
    barrier = threading.Barrier(6)

    def first(services: Services, who: Caller, scope: Scope) -> SnapshotTaken:
        barrier.wait()
        return take(services, scope, who=who)

    asked = [(viewer, Scope(kind="portfolio", name="uma")), (local_caller(several[0], "root"), EVERYBODYS)]
    with ThreadPoolExecutor(6) as pool:
        for ended in [pool.submit(first, services, who, scope) for services in several for who, scope in asked]:
            ended.result()
    for _, scope in asked:
        assert [record.sequence for record in site.records(scope)] == [1, 2, 3]


def test_racing_timers_take_every_slot_of_every_scope_once(site: Site) -> None:
    """Four threads over two services, several slots: one snapshot for each scope and slot."""
    clock = StillClock(BEGIN)
    several = [site.services(clock) for _ in range(2)]
    for round_number in range(1, 4):
        clock.move(days=1)
        with ThreadPoolExecutor(4) as pool:
            passes = [
                pool.submit(autosnapshot_scopes, services, wait_for_sends=False) for services in several for _ in "12"
            ]
            ticks = [tick for ended in passes for tick in ended.result()]
        assert {tick.outcome for tick in ticks} <= {"taken", "already_taken"}
        taken = Counter(tick.dashboard_id for tick in ticks if tick.outcome == "taken")
        assert taken == {scope.ref: 1 for scope in SCOPES}
        assert [len(site.records(scope)) for scope in SCOPES] == [round_number] * len(SCOPES)
    require_whole(site, *SCOPES)


def test_two_processes_take_every_slot_once(site: Site) -> None:
    """`stillframe dashboard autosnapshot` started twice at the same moment: the slot of each scope has one snapshot."""
    command = [sys.executable, "-m", "stillframe.cli", "dashboard", "autosnapshot", "--config", str(site.config)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(2)]
    for process in processes:
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()
    for scope in SCOPES:
        slots = Counter(record.reason for record in site.records(scope))
        assert set(slots.values()) == {1}, scope.ref
    require_whole(site, *SCOPES)


def test_a_kill_leaves_no_gap(site: Site) -> None:
    """SIGKILL in the middle of taking snapshots: sequences go on, and everything that was stored is whole."""
    chance = random.Random(7)
    for _ in range(3):
        before = len(site.records(GROUP))
        process = subprocess.Popen(
            [sys.executable, "-c", _KEEPS_ON, str(site.config)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[2],
        )
        assert process.stdout is not None
        with process.stdout:
            assert process.stdout.readline() == b"there\n"
            give_up_at = time.monotonic() + START_SECONDS
            while len(site.records(GROUP)) == before and time.monotonic() < give_up_at:
                time.sleep(0.02)
            time.sleep(chance.uniform(0, 0.2))
            process.send_signal(signal.SIGKILL)
            process.wait(START_SECONDS)
        assert len(site.records(GROUP)) > before
        require_whole(site, PROJECT, GROUP)
    services = site.services()
    take(services, PROJECT, health=77)
    taken = take(services, GROUP).record
    assert taken.sequence == len(site.records(GROUP))
    require_whole(site, PROJECT, GROUP)

"""Disk full: the answer is 507 at once, nothing acknowledged is lost, and work goes on when there is room again."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from pathlib import Path
from typing import Any, Protocol

from chaos.clients import Ledger
from chaos.installation import Installation, install
from chaos.oracle import Case, Kill, Verdicts, any_change, judge_deliveries, judge_snapshots, must_be_told
from chaos.processes import Forks
from chaos.reading import deliver_the_rest, pictures, promised
from chaos.receivers import Receiver, start_receiver
from chaos.tables import Row, conclude, options, verdict_rows
from stillframe.store.connect import SQLITE

ROUNDS = 5
QUICK_ROUNDS = 1
FULL_SECONDS = 7.0
"""Long enough that deliveries whose first try failed are due, and that the worker meets the full disk."""
TIMEOUT_SECONDS = 1.0
_DISK_BYTES = 24 * 1024 * 1024
_DATABASE = "stillframe.db"
_A_DAY_SECONDS = 86_400.0
_GIVE_UP_SECONDS = 60.0
_ON_ITS_WAY_SECONDS = 0.5
"""What arrives so soon after the disk was filled was sent before."""
_BOUND = """
from os import environ
from sqlalchemy import event
from sqlalchemy.pool import Pool
@event.listens_for(Pool, "checkout")
def bound(connection, *_):
    with open(environ["CHAOS_PAGES"]) as pages:
        connection.execute(f"PRAGMA max_page_count={pages.read()}")
"""


class Room(Protocol):
    """Where a database lies that can be made full, and roomy again."""

    how: str
    folder: Path
    forks: Mapping[str, Any]

    def fill(self) -> None:
        """Leave no room."""

    def free(self) -> None:
        """Give room again."""


class Tmpfs:
    """A small file system in memory, which a ballast file fills."""

    how = "a tmpfs"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.forks: Mapping[str, Any] = {}

    def fill(self) -> None:
        """Write until the file system has not one block left."""
        with (self.folder / "ballast").open("ab", buffering=0) as ballast, suppress(OSError):
            while True:
                ballast.write(bytes(4096))

    def free(self) -> None:
        """Remove the ballast."""
        (self.folder / "ballast").unlink()


class Pages:
    """A bound on the pages that SQLite may use, for whoever may not mount."""

    how = "PRAGMA max_page_count"
    _MOST = 2**31 - 2

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "pages"
        self.forks: Mapping[str, Any] = {"environment": {"CHAOS_PAGES": str(self._file)}, "before": _BOUND}
        self._set(self._MOST)

    def fill(self) -> None:
        """Let the database have no page more than it has."""
        connection = SQLITE.connect(str(self.folder / _DATABASE))
        try:
            self._set(connection.execute("PRAGMA page_count").fetchone()[0])
        finally:
            connection.close()

    def free(self) -> None:
        """Let it have as many as it wants."""
        self._set(self._MOST)

    def _set(self, pages: int) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(str(pages))
        new.replace(self._file)


@contextmanager
def room(folder: Path, *, by_pages: bool = False) -> Iterator[Room]:
    """Give a tmpfs where mounting is allowed, else a bound on pages."""
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "tmpfs", str(folder)]
    if (
        by_pages
        or shutil.which("mount") is None
        or subprocess.run(mounting, capture_output=True, check=False).returncode
    ):
        yield Pages(folder)
        return
    try:
        yield Tmpfs(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@dataclass(kw_only=True)
class Report:
    """What was answered, how soon, and how soon work went on."""

    seed: int
    how: str
    rounds: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    """While there was no room, by status."""
    slowest_refusal: float = 0.0
    slowest_api: float = 0.0
    slowest_worker: float = 0.0
    acknowledged: int = 0
    seconds: float = 0.0
    verdicts: Verdicts = field(default_factory=Verdicts)

    @property
    def title(self) -> str:
        return "Disk full, SQLite"

    @property
    def faults(self) -> dict[str, list[str]]:
        """What must not be, by name."""
        found = self.verdicts.faults
        other = [f"{count} answers of {status}" for status, count in self.answers.items() if status not in {201, 507}]
        if not self.answers[507]:
            other.append("the disk was never full")
        return {**found, "answers": other} if other else found

    def rows(self) -> list[Row]:
        """Return it as the rows of a table."""
        said = ", ".join(f"{count:,} × {status}" for status, count in sorted(self.answers.items()))
        return [
            Row("times without room", f"{self.rounds}", self.how),
            Row("answers while there was none", said, "507 only, and 201 for what still found room"),
            Row("slowest 507", f"{self.slowest_refusal:.2f} s", "≤ 1 s"),
            Row("until a snapshot is taken again, worst", f"{self.slowest_api:.2f} s", "≤ 10 s, nothing restarted"),
            Row("until the worker sends again, worst", f"{self.slowest_worker:.2f} s", "≤ 10 s, nothing restarted"),
            Row("snapshots acknowledged", f"{self.acknowledged:,}", ""),
            *verdict_rows(self.verdicts),
        ]


def full(folder: Path, *, rounds: int, seed: int, by_pages: bool = False) -> Report:
    """Fill the disk under a running server and worker so many times, and judge what is there."""
    begin = time.monotonic()
    with ExitStack() as stack:
        place = stack.enter_context(room(folder / "disk", by_pages=by_pages))
        report = Report(seed=seed, how=place.how)
        installation = install(folder, str(place.folder / _DATABASE), timeout_seconds=TIMEOUT_SECONDS)
        ledger = Ledger(folder / "clients.ledger")
        stack.callback(ledger.close)
        forks = stack.enter_context(Forks(**place.forks))
        receiver = start_receiver(
            folder / "receiver", seed=str(seed), senders=[forks.number], misbehaviour={"500": 1.0}
        )
        stack.callback(receiver.close)
        for arguments in (("serve", "--no-worker"), ("worker",)):
            stack.callback(installation.start(*arguments, forks=forks).end)
        _push(installation, ledger, "first", step=0)
        webhook = installation.subscribe(receiver.url(0), {"any_change": True})
        receiver.trust({"/0": webhook.secret or ""})
        without_room: list[float] = []
        for number in range(rounds):
            _round(
                report, installation, ledger, place=place, receiver=receiver, number=number, without_room=without_room
            )
        receiver.behave()
        with installation.inside(later_seconds=_A_DAY_SECONDS) as (services, _):
            deliver_the_rest(services, [webhook.subscription.id])
            stored = pictures(services, installation.dashboard_id)
            report.verdicts.add(judge_snapshots(stored, ledger.asked()))
            case = Case(
                name="subscriber /0",
                due=must_be_told(stored, any_change),
                promised=promised(services, webhook.subscription.id),
                tries=[replace(one, sender=None) for one in receiver.tries()],
                # An outcome for which there was no room to write it down is unknown.
                kills=[Kill(process=0, at=at, role="disk", how="full") for at in without_room],
                timeout_seconds=TIMEOUT_SECONDS,
            )
            report.verdicts.add(judge_deliveries(case))
    report.rounds, report.acknowledged = rounds, len(ledger.acknowledged)
    report.seconds = time.monotonic() - begin
    return report


def _round(
    report: Report,
    installation: Installation,
    ledger: Ledger,
    *,
    place: Room,
    receiver: Receiver,
    number: int,
    without_room: list[float],
) -> None:
    receiver.misbehave()
    for step in range(8):
        _push(installation, ledger, f"before-{number}-{step}", step=step)
    place.fill()
    receiver.behave()
    filled_at = time.time()
    give_up_at, step = time.monotonic() + FULL_SECONDS, 0
    while time.monotonic() < give_up_at:
        step += 1
        without_room.append(time.time())
        status, took = _push(installation, ledger, f"full-{number}-{step}", step=step)
        report.answers[status] += 1
        if status == 507:
            report.slowest_refusal = max(report.slowest_refusal, took)
        time.sleep(0.1)
    since = time.time()
    place.free()
    step = 0
    while _push(installation, ledger, f"after-{number}-{step}", step=step)[0] != 201:
        step += 1
        if time.time() - since > _GIVE_UP_SECONDS:
            raise RuntimeError("no snapshot was taken although there was room again")
        time.sleep(0.05)
    report.slowest_api = max(report.slowest_api, time.time() - since)
    # Where the worker found room for its own small writes it never stopped, and the time is none.
    first = _first_by_worker(receiver, ledger, number, since=filled_at + _ON_ITS_WAY_SECONDS)
    report.slowest_worker = max(report.slowest_worker, first - since)


def _first_by_worker(receiver: Receiver, ledger: Ledger, number: int, *, since: float) -> float:
    """Return when something was sent that had failed before, which is a worker's to send."""
    old = {name for key, name in ledger.acknowledged.items() if key.startswith(f"before-{number}-")}
    give_up_at = time.monotonic() + _GIVE_UP_SECONDS
    while time.monotonic() < give_up_at:
        found = [one.at for one in receiver.tries() if one.at >= since and one.subject in old]
        if found:
            return min(found)
        time.sleep(0.05)
    raise RuntimeError("the worker sent nothing although there was room again")


def _push(installation: Installation, ledger: Ledger, key: str, *, step: int) -> tuple[int, float]:
    """Push a picture that differs from the one before; return status and seconds, 0 for no answer."""
    scores = {"a": float(step % 7), "b": float(step), "c": 1.0}
    ledger.will_send(key, scores)
    begin = time.monotonic()
    try:
        status, answer = installation.push(scores, key=key)
    except (OSError, HTTPException, ValueError):
        return 0, time.monotonic() - begin
    ledger.was_answered(key, status, answer)
    return status, time.monotonic() - begin


def main() -> int:
    """Print what a full disk did; 1 if a verdict is bad."""
    parser = options(__doc__)
    parser.add_argument("--pages", action="store_true", help="bound SQLite's pages in place of mounting a tmpfs")
    asked = parser.parse_args()
    rounds = QUICK_ROUNDS if asked.quick else ROUNDS
    with tempfile.TemporaryDirectory(prefix="stillframe-full-") as folder:
        report = full(Path(folder), rounds=rounds, seed=asked.seed, by_pages=asked.pages)
    return conclude(asked, [report])


if __name__ == "__main__":
    sys.exit(main())

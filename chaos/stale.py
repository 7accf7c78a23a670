"""A worker that stood still beyond its lease: when it wakes, what it has to say comes too late and is refused."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos.installation import install
from chaos.oracle import Case, Try, Verdicts, any_change, judge_deliveries, must_be_told
from chaos.postgres import fresh_database, running_postgres
from chaos.processes import Forks
from chaos.reading import deliver_the_rest, pictures, promised
from chaos.tables import Row, conclude, options, verdict_rows
from stillframe.testing import Answer, Hang, WebhookReceiver

ROUNDS = 5
QUICK_ROUNDS = 1
TIMEOUT_SECONDS = 4.0
_SLOW_SECONDS = 2.5
_WAIT_SECONDS = 60.0
_SAID_SECONDS = 5.0
"""Long enough for the woken worker and for the second one to say how their sends ended."""
_A_DAY_SECONDS = 86_400.0
_DID = ("500", "hang", "204")
"""What the receiver does with the tries of one delivery; whatever follows, it takes."""


@dataclass(kw_only=True)
class Report:
    """What became of deliveries that two workers believed to be theirs."""

    database: str
    seed: int
    rounds: int = 0
    tries: int = 0
    seconds: float = 0.0
    verdicts: Verdicts = field(default_factory=Verdicts)

    @property
    def title(self) -> str:
        return f"Stale worker, {self.database}"

    @property
    def faults(self) -> dict[str, list[str]]:
        """What must not be, by verdict."""
        return self.verdicts.faults

    def rows(self) -> list[Row]:
        """Return it as the rows of a table."""
        return [
            Row("workers that stood still beyond their lease", f"{self.rounds}", "SIGSTOP in the middle of a send"),
            Row("tries", f"{self.tries}", "an error, the one that stood still, the second worker's"),
            *verdict_rows(self.verdicts),
        ]


def stale(folder: Path, target: str, *, rounds: int, seed: int) -> Report:
    """Let a worker stand still in the middle of a send until another has taken over, and wake it then."""
    begin = time.monotonic()
    report = Report(database="PostgreSQL" if "://" in target else "SQLite", seed=seed, rounds=rounds)
    installation = install(folder, target, timeout_seconds=TIMEOUT_SECONDS)
    with ExitStack() as stack:
        forks = stack.enter_context(Forks())
        receiver = stack.enter_context(WebhookReceiver(Answer(status=500)))
        stack.callback(installation.start("serve", "--no-worker", forks=forks).end)
        installation.push({"a": 0.0}, key="first")
        made = installation.subscribe(receiver.url("/0"), {"any_change": True})
        receiver.trust(made.secret or "")
        for number in range(1, rounds + 1):
            before = len(receiver.ledger)
            receiver.behave(Answer(status=500), Hang(), Hang(seconds=_SLOW_SECONDS), Answer())
            installation.push({"a": float(number)}, key=f"round-{number}")
            receiver.wait_for(before + 1, seconds=_WAIT_SECONDS)
            first = installation.start("worker", forks=forks)
            receiver.wait_for(before + 2, seconds=_WAIT_SECONDS)
            first.stop()
            second = installation.start("worker", forks=forks)
            receiver.wait_for(before + 3, seconds=_WAIT_SECONDS)
            os.kill(first.number, signal.SIGCONT)
            time.sleep(_SAID_SECONDS)
            for worker in (first, second):
                worker.terminate()
        with installation.inside(later_seconds=_A_DAY_SECONDS) as (services, _):
            deliver_the_rest(services, [made.subscription.id])
            due = must_be_told(pictures(services, installation.dashboard_id), any_change)
            outbox = promised(services, made.subscription.id)
        tries = _tries(receiver)
    case = Case(name="subscriber /0", due=due, promised=outbox, tries=tries, kills=[], timeout_seconds=TIMEOUT_SECONDS)
    report.verdicts.add(judge_deliveries(case))
    report.tries, report.seconds = len(tries), time.monotonic() - begin
    return report


def _tries(receiver: WebhookReceiver) -> list[Try]:
    """Return what the receiver got, with what it did to each in its turn."""
    seen: dict[str, int] = {}
    found = []
    for entry in receiver.ledger:
        turn = seen[entry.delivery_id] = seen.get(entry.delivery_id, -1) + 1
        did, at = _DID[min(turn, len(_DID) - 1)], entry.at.timestamp()
        said: dict[str, Any] = {"ended": None if did == "hang" else at + _SLOW_SECONDS, "did": did, "sender": -turn - 1}
        subject = entry.delivery_id.partition("_")[0]
        found.append(
            Try(
                delivery_id=entry.delivery_id,
                path=entry.path,
                subject=subject,
                at=at,
                body=entry.body.hex(),
                verified=entry.verified,
                **said,
            )
        )
    return found


def main() -> int:
    """Print what became of it; 1 if a verdict is bad."""
    parser = options(__doc__)
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one of the two databases")
    asked = parser.parse_args()
    rounds = QUICK_ROUNDS if asked.quick else ROUNDS
    reports = []
    with tempfile.TemporaryDirectory(prefix="stillframe-stale-") as folder:
        if asked.only != "postgresql":
            (Path(folder) / "sqlite").mkdir()
            target = str(Path(folder) / "sqlite" / "stillframe.db")
            reports.append(stale(Path(folder) / "sqlite", target, rounds=rounds, seed=asked.seed))
        if asked.only != "sqlite":
            (Path(folder) / "postgresql").mkdir()
            with running_postgres() as server, fresh_database(server) as url:
                reports.append(stale(Path(folder) / "postgresql", url, rounds=rounds, seed=asked.seed))
    return conclude(asked, reports)


if __name__ == "__main__":
    sys.exit(main())

"""Immediate stops of PostgreSQL in the middle of commits: what was acknowledged is there after the recovery."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg

from chaos.clients import Ledger, pushing
from chaos.installation import install
from chaos.oracle import (
    Case,
    Kill,
    Promised,
    Verdicts,
    any_change,
    judge_deliveries,
    judge_inbox,
    judge_snapshots,
    moved_by,
    must_be_told,
)
from chaos.postgres import Server, fresh_database, postgres_server
from chaos.processes import Forks
from chaos.reading import comments, deliver_the_rest, pictures, promised
from chaos.receivers import Receiver, start_receiver
from chaos.tables import Row, conclude, options, verdict_rows

STEP = 5.0
STOPS = 200
QUICK_STOPS = 5
BETWEEN_STOPS_SECONDS = (0.1, 0.6)
_CLIENTS = 4
_FIRST_SECONDS = 60.0
_A_DAY_SECONDS = 86_400.0
TIMEOUT_SECONDS = 1.0
_WRITING = """SELECT 1 FROM pg_stat_activity
WHERE datname=current_database() AND backend_xid IS NOT NULL AND pid<>pg_backend_pid() LIMIT 1"""


@dataclass(kw_only=True)
class Report:
    """What the stops left."""

    seed: int
    stops: int = 0
    in_flight: int = 0
    """Stops that met a transaction which had begun and not committed."""
    broken: int = 0
    acknowledged: int = 0
    slowest_recovery: float = 0.0
    seconds: float = 0.0
    verdicts: Verdicts = field(default_factory=Verdicts)

    @property
    def title(self) -> str:
        return "Immediate stops, PostgreSQL"

    @property
    def faults(self) -> dict[str, list[str]]:
        """What must not be, by verdict."""
        return self.verdicts.faults

    def rows(self) -> list[Row]:
        """Return it as the rows of a table."""
        found = self.verdicts
        return [
            Row("immediate stops", f"{self.stops:,}", f"{self.in_flight:,} of them with a write transaction open"),
            Row("snapshots acknowledged", f"{self.acknowledged:,}", f"{self.broken:,} requests broken and repeated"),
            Row("deliveries", f"{found.delivered:,}", ""),
            *verdict_rows(found),
            Row("slowest recovery until an answer", f"{self.slowest_recovery:.1f} s", "no process was restarted"),
        ]


def stops(folder: Path, server: Server, *, count: int, seed: int) -> Report:
    """Stop a server so many times under a running API and worker, and judge what is there."""
    with fresh_database(server.url) as url:
        return _stops(folder, server, url, count=count, seed=seed)


def _stops(folder: Path, server: Server, url: str, *, count: int, seed: int) -> Report:
    begin, chance, report = time.monotonic(), random.Random(seed), Report(seed=seed)
    installation = install(folder, url)
    ledger = Ledger(folder / "clients.ledger")
    with ExitStack() as stack:
        stack.callback(ledger.close)
        forks = stack.enter_context(Forks())
        receiver = start_receiver(folder / "receiver", seed=str(seed), senders=[forks.number], misbehaviour={})
        stack.callback(receiver.close)
        running = [installation.start(name, forks=forks) for name in ("serve", "worker")]
        for one in running:
            stack.callback(one.end)
        first = {"a": 1.0, "b": 1.0, "c": 1.0}
        ledger.will_send("first", first)
        ledger.was_answered("first", *installation.push(first, key="first"))
        rule = {"value_delta_abs": STEP, "on_field": "score"}
        webhook = installation.subscribe(receiver.url(0), {"any_change": True})
        installation.subscribe("alice", rule)
        receiver.trust({"/0": webhook.secret or ""})

        def push(key: str, scores: Mapping[str, float]) -> tuple[int, Any]:
            return installation.push(scores, key=key)

        stopped_at: list[float] = []
        with pushing(push, ledger, names=[f"client-{number}" for number in range(_CLIENTS)]):
            for _ in range(count):
                time.sleep(chance.uniform(*BETWEEN_STOPS_SECONDS))
                report.in_flight += _in_the_middle(url)
                stopped_at.append(time.time())
                server.stop_at_once()
                away = _recovered(server, ledger)
                stopped_at += [stopped_at[-1] + second for second in range(1, int(away) + 1)]
                report.slowest_recovery = max(report.slowest_recovery, away)
        for one in running:
            one.end()
        with installation.inside(later_seconds=_A_DAY_SECONDS) as (services, _):
            deliver_the_rest(services, [webhook.subscription.id])
            stored = pictures(services, installation.dashboard_id)
            report.verdicts.add(judge_snapshots(stored, ledger.asked()))
            told = must_be_told(stored, moved_by(STEP))
            report.verdicts.add(judge_inbox(told, comments(services, installation.dashboard_id), name="alice"))
            outbox = promised(services, webhook.subscription.id)
            due = must_be_told(stored, any_change)
            report.verdicts.add(_judge_webhook(receiver, outbox, due=due, stopped_at=stopped_at))
    report.stops, report.acknowledged = count, len(ledger.acknowledged)
    report.broken = ledger.unanswered.total() + sum(n for status, n in ledger.statuses.items() if status >= 500)
    report.seconds = time.monotonic() - begin
    return report


def _in_the_middle(url: str) -> bool:
    """Return as soon as somebody's transaction has written and not committed; False if nobody's has for a while."""
    give_up_at = time.monotonic() + _FIRST_SECONDS
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < give_up_at:
            if connection.execute(_WRITING).fetchone():
                return True
    return False


def _recovered(server: Server, ledger: Ledger) -> float:
    """Start the server again, wait until a client is answered, and return how long that took."""
    since, acknowledged = time.monotonic(), len(ledger.acknowledged)
    server.start()
    while len(ledger.acknowledged) == acknowledged:
        if time.monotonic() - since > _FIRST_SECONDS:
            raise RuntimeError("nobody was answered after the recovery")
        time.sleep(0.01)
    return time.monotonic() - since


def _judge_webhook(
    receiver: Receiver, outbox: Sequence[Promised], *, due: set[str], stopped_at: Sequence[float]
) -> Verdicts:
    """Judge a receiver: an outcome that could not be written down, because the server was away, is unknown."""
    return judge_deliveries(
        Case(
            name="subscriber /0",
            due=due,
            promised=outbox,
            tries=[replace(one, sender=None) for one in receiver.tries()],
            kills=[Kill(process=0, at=at, role="database", how="immediate stop") for at in stopped_at],
            timeout_seconds=TIMEOUT_SECONDS,
        )
    )


def main() -> int:
    """Print what the stops left; 1 if a verdict is bad."""
    parser = options(__doc__)
    parser.add_argument("--stops", type=int, help=f"{STOPS} by default, {QUICK_STOPS} in the short form")
    parser.add_argument(
        "--setting", nargs=2, metavar=("NAME", "VALUE"), help="a setting of the server to break it with"
    )
    asked = parser.parse_args()
    count = asked.stops or (QUICK_STOPS if asked.quick else STOPS)
    with tempfile.TemporaryDirectory(prefix="stillframe-stops-") as folder, postgres_server() as server:
        if asked.setting:
            server.set(*asked.setting)
        report = stops(Path(folder), server, count=count, seed=asked.seed)
    return conclude(asked, [report])


if __name__ == "__main__":
    sys.exit(main())

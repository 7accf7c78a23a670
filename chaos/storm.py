"""Kill storm: clients push, receivers misbehave, and servers, workers and schedulers are killed without end."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chaos.clients import Ledger, pushing
from chaos.crew import Crew, alone, many, traced
from chaos.installation import Installation, install
from chaos.oracle import (
    Case,
    Rule,
    Verdicts,
    any_change,
    claims_at,
    judge_deliveries,
    judge_inbox,
    judge_snapshots,
    moved_by,
    must_be_told,
)
from chaos.peeking import Peek
from chaos.postgres import fresh_database, running_postgres
from chaos.processes import Forks
from chaos.reading import comments, deliver_the_rest, pictures, promised
from chaos.receivers import Receiver, start_receiver
from chaos.tables import Row, conclude, options, verdict_rows

STEP = 5.0
RULES: Sequence[tuple[Mapping[str, Any], Rule, str]] = (
    ({"value_delta_abs": STEP, "on_field": "score"}, moved_by(STEP), "previous"),
    ({"any_change": True}, any_change, "previous"),
    ({"value_delta_abs": STEP, "on_field": "score"}, moved_by(STEP), "last_notified"),
)
TIMEOUT_SECONDS = 1.0
"""Of one send."""
TRACED_SHARE = 0.2
SENDERS_SEEN_SHARE = 0.8
_LOOK_EVERY_SECONDS = 0.03
_TIMED_EVERY_SECONDS = 7.0
_RECEIVERS = 2
_DUE_SECONDS = 40.0
"""Longer than any lease, so that after a blackout something becomes due."""
_A_DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How hard it blows. `blackouts`: how often everybody is killed at once."""

    kills: int = 500
    blackouts: int = 8
    subscriptions: int = 24
    timed: int = 6
    calm_seconds: float = 20.0
    clients: int = 3


QUICK = Size(kills=30, blackouts=1, subscriptions=6, timed=2, calm_seconds=16.0)


@dataclass(kw_only=True)
class Report:
    """What a storm did, and what the oracle says of it."""

    database: str
    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    unanswered: int = 0
    snapshots: int = 0
    requests: int = 0
    """Requests that receivers got."""
    known_senders: int = 0
    """Of these, where the kernel told which process sent it."""
    replayed: int = 0
    first_sends: list[float] = field(default_factory=list)
    verdicts: Verdicts = field(default_factory=Verdicts)
    seconds: float = 0.0

    @property
    def title(self) -> str:
        return f"Kill storm, {self.database}"

    @property
    def faults(self) -> dict[str, list[str]]:
        """What must not be, by verdict; an oracle that saw too few of the senders is blind: its zeros mean nothing."""
        blind = [] if self.known_senders >= SENDERS_SEEN_SHARE * self.requests else ["too few senders were seen"]
        return {**self.verdicts.faults, **({"blind": blind} if blind else {})}

    def rows(self) -> list[Row]:
        """Return it as the rows of a table."""
        found, orphans = self.verdicts, sorted(self.verdicts.orphans)
        p99 = orphans[int(0.99 * (len(orphans) - 1))] if orphans else float("nan")
        first = max(self.first_sends, default=float("nan"))
        why = ", ".join(f"{count} {what}" for what, count in found.redelivered.most_common())
        return [
            Row("kills", f"{self.kills.total():,}", ", ".join(f"{n} {what}" for what, n in self.kills.most_common())),
            Row(
                "requests of clients", f"{self.acknowledged:,} acknowledged", f"{self.unanswered:,} broken and repeated"
            ),
            Row("snapshots stored", f"{self.snapshots:,}", ""),
            Row(
                "deliveries",
                f"{found.delivered:,}",
                f"{self.requests:,} requests at the receivers, {self.known_senders:,} with a known sender",
            ),
            *verdict_rows(found),
            Row("redeliveries, all explained", f"{found.redelivered.total():,}", why),
            Row("orphaned claims sent again, p99", f"{p99:.1f} s of {len(orphans):,}", "≤ 15 s"),
            Row("first send after a restart, worst", f"{first:.2f} s of {len(self.first_sends)}", "≤ 2 s"),
            Row("parked after three kills, then replayed", f"{self.replayed:,}", ""),
        ]


@dataclass(frozen=True, kw_only=True)
class _Subscriber:
    """A webhook subscription of the storm."""

    id: str
    dashboard_id: str
    receiver: Receiver
    path: str
    rule: Rule
    baseline: str


def storm(folder: Path, target: str, *, size: Size, seed: int) -> Report:
    """Let a storm blow over a fresh database, and judge it."""
    begin, chance = time.monotonic(), random.Random(seed)
    report = Report(database="PostgreSQL" if "://" in target else "SQLite", seed=seed)
    installation = install(folder, target, timeout_seconds=TIMEOUT_SECONDS, timed=size.timed)
    with ExitStack() as stack:
        forks = stack.enter_context(Forks())
        receivers = stack.enter_context(_receivers(folder, forks=forks, seed=seed))
        peek = Peek(target)
        stack.callback(peek.close)
        ledger = Ledger(folder / "clients.ledger")
        stack.callback(ledger.close)
        crew = Crew(
            installation=installation,
            forks=forks,
            peek=peek,
            places=many() if "://" in target else alone(),
            chance=chance,
            syscalls=traced("sendto" if "://" in target else "fdatasync,fsync"),
        )
        stack.callback(crew.end)
        crew.man_all()
        first = {"a": 1.0, "b": 1.0, "c": 1.0}
        ledger.will_send("first", first)
        ledger.was_answered("first", *installation.push(first, key="first", port=crew.ports[0]))
        subscribers = _subscribe(installation, receivers, size)
        installation.subscribe("alice", RULES[0][0])
        names = [f"client-{number}" for number in range(size.clients)]
        restarts = _blow(crew, ledger, size, names=names)
        until = _calm(crew, size)
        crew.end()
        for receiver in receivers:
            receiver.behave()
        with installation.inside(later_seconds=_A_DAY_SECONDS) as (services, _):
            report.replayed = deliver_the_rest(services, [one.id for one in subscribers])
            _judge(report, services, installation, ledger=ledger, crew=crew, subscribers=subscribers, until=until)
            told = must_be_told(pictures(services, installation.dashboard_id), RULES[0][1])
            report.verdicts.add(judge_inbox(told, comments(services, installation.dashboard_id), name="alice"))
        tries = [one for receiver in receivers for one in receiver.tries()]
        arrived = [one.at for one in tries]
        report.requests, report.known_senders = len(tries), sum(one.sender is not None for one in tries)
        report.first_sends = [min(at for at in arrived if at >= since) - since for since in restarts]
    report.kills = Counter(f"{kill.role} {kill.how}" for kill in crew.kills)
    report.acknowledged, report.unanswered = len(ledger.acknowledged), ledger.unanswered.total()
    report.seconds = time.monotonic() - begin
    return report


@contextmanager
def _receivers(folder: Path, *, forks: Forks, seed: int) -> Iterator[list[Receiver]]:
    found = [
        start_receiver(folder / f"receiver-{number}", seed=f"{seed}-{number}", senders=[forks.number, os.getpid()])
        for number in range(_RECEIVERS)
    ]
    try:
        yield found
    finally:
        for receiver in found:
            receiver.close()


def _subscribe(installation: Installation, receivers: Sequence[Receiver], size: Size) -> list[_Subscriber]:
    boards = [*[installation.dashboard_id] * size.subscriptions, *installation.timed_ids]
    found: list[_Subscriber] = []
    secrets: dict[int, dict[str, str]] = {number: {} for number in range(len(receivers))}
    for number, board in enumerate(boards):
        rule, evaluated, baseline = RULES[number % len(RULES)]
        at = number % len(receivers)
        made = installation.subscribe(receivers[at].url(number), rule, dashboard_id=board, baseline=baseline)
        secrets[at][f"/{number}"] = made.secret or ""
        found.append(
            _Subscriber(
                id=made.subscription.id,
                dashboard_id=board,
                receiver=receivers[at],
                path=f"/{number}",
                rule=evaluated,
                baseline=baseline,
            )
        )
    for number, receiver in enumerate(receivers):
        receiver.trust(secrets[number])
    return found


def _blow(crew: Crew, ledger: Ledger, size: Size, *, names: Sequence[str]) -> list[float]:
    """Kill while clients push; return when everybody was started after each blackout."""
    chance, restarts, killed = crew.chance, [], 0
    blackouts = {size.kills * (number + 1) // (size.blackouts + 1) for number in range(size.blackouts)}
    shown_at = 0.0

    def push(key: str, scores: Mapping[str, float]) -> tuple[int, Any]:
        return crew.installation.push(scores, key=key, port=chance.choice(crew.ports))

    with pushing(push, ledger, names=names, pause_seconds=0.02):
        while killed < size.kills:
            crew.man()
            if time.monotonic() - shown_at > _TIMED_EVERY_SECONDS:
                crew.installation.show({"a": chance.choice([1.0, 9.0]), "b": chance.choice([2.0, 4.0])})
                shown_at = time.monotonic()
            time.sleep(_LOOK_EVERY_SECONDS)
            killed += crew.kill_one(traced_share=TRACED_SHARE)
            if killed in blackouts:
                blackouts.remove(killed)
                restarts += _black_out(crew)
    return restarts


def _black_out(crew: Crew) -> list[float]:
    """
    Kill everybody, wait until something is due that nobody has claimed, start them again, and return when that was.

    Shape   Nothing, if nothing became due.
    """
    crew.man_all()
    crew.kill_all()
    give_up_at = time.monotonic() + _DUE_SECONDS
    while not crew.peek.due() and time.monotonic() < give_up_at:
        time.sleep(0.05)
    due, since = crew.peek.due(), time.time()
    crew.man()
    return [since] if due else []


def _calm(crew: Crew, size: Size) -> float:
    """Let everybody work undisturbed until no claim of the dead is left, at most for a while; return when it ended."""
    crew.man_all()
    give_up_at = time.monotonic() + size.calm_seconds
    while time.monotonic() < give_up_at:
        crew.man()
        time.sleep(0.25)
        if not crew.peek.held():
            break
    return time.time()


def _judge(
    report: Report,
    services: Any,
    installation: Installation,
    *,
    ledger: Ledger,
    crew: Crew,
    subscribers: Sequence[_Subscriber],
    until: float,
) -> None:
    stored = {board: pictures(services, board) for board in (installation.dashboard_id, *installation.timed_ids)}
    report.snapshots = sum(map(len, stored.values()))
    for board, found in stored.items():
        report.verdicts.add(judge_snapshots(found, ledger.asked() if board == installation.dashboard_id else None))
    claims = claims_at(crew.kills)
    tries = {id(one.receiver): one.receiver.tries() for one in subscribers}
    for one in subscribers:
        case = Case(
            name=f"subscriber {one.path}",
            due=must_be_told(stored[one.dashboard_id], one.rule, baseline=one.baseline),
            promised=promised(services, one.id),
            tries=[each for each in tries[id(one.receiver)] if each.path == one.path],
            kills=[replace(kill, leased={}) for kill in crew.kills],
            timeout_seconds=TIMEOUT_SECONDS,
            lease_seconds=services.limits.lease_seconds,
            claims=claims,
            until=until,
        )
        report.verdicts.add(judge_deliveries(case))


def main() -> int:
    """Print what the storms did; 1 if a verdict is bad."""
    parser = options(__doc__)
    parser.add_argument("--kills", type=int, help="in all, half of them on each database")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one of the two databases")
    asked = parser.parse_args()
    size = QUICK if asked.quick else Size()
    if asked.kills is not None:
        size = replace(size, kills=asked.kills // (1 if asked.only else 2))
    reports: list[Report] = []
    with tempfile.TemporaryDirectory(prefix="stillframe-storm-") as folder:
        if asked.only != "postgresql":
            (Path(folder) / "sqlite").mkdir()
            target = str(Path(folder) / "sqlite" / "stillframe.db")
            reports.append(storm(Path(folder) / "sqlite", target, size=size, seed=asked.seed))
        if asked.only != "sqlite":
            with running_postgres() as server, fresh_database(server) as url:
                (Path(folder) / "postgresql").mkdir()
                reports.append(storm(Path(folder) / "postgresql", url, size=size, seed=asked.seed))
    return conclude(asked, reports)


if __name__ == "__main__":
    sys.exit(main())

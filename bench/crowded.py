"""Measures a snapshot of a crowded dashboard: 10,000 webhooks on 100 distinct baselines, 1,000 of which are told."""

from __future__ import annotations

import argparse
import http.client
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from bench.audience import Wanted, subscribe_all
from bench.databases import Home, homes
from bench.rounds import markdown
from bench.servers import HOST, free_port, process
from bench.sink import Sink, sink
from bench.snapshots import SPEC, quantile
from stillframe.capture import parse_view_spec
from stillframe.config import load_settings
from stillframe.flows.dashboards import create_dashboard
from stillframe.flows.identity import create_token, local_caller
from stillframe.flows.snapshots import SnapshotRequest, take_snapshot
from stillframe.wiring import build_services

BASELINES = 100
SUBSCRIPTIONS_EACH = 100
MATCHING_EACH = 10
RULES = 10
"""Distinct rules that are true, and as many that are false."""
ROWS = 100
NUMBERS = ("score", "elo", "votes", "evidence", "novelty", "cost")
CAPTURES = 50
QUICK_CAPTURES = 10
COLD_STARTS = 5
PAUSE_SECONDS = 2.5
SEED = 20_261_126
REACH_ANSWER = "p99 200"
REACH_SENT = "2,000"


class Board:
    """A leaderboard of 100 rows by 8 columns, 18 kB, whose every capture changes two rows for good."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._rows: list[dict[str, Any]] = [
            {"id": f"r-{number}", "title": f"Row {number} of a board that people look at daily, " + "x" * 40}
            | {name: self._chance.random() * 100 for name in NUMBERS}
            for number in range(ROWS)
        ]

    def next(self) -> dict[str, Any]:
        """Return what is pushed now."""
        for row in self._chance.sample(self._rows, 2):
            row["elo"] += 1.0 + self._chance.random()
        return {"board": self._rows}


@dataclass(frozen=True, kw_only=True)
class Told:
    """
    How one capture went.

    Units   Seconds: from the request to its answer, and from the request to the arrival of the last notice.
    """

    answered: float
    arrived: float


def fill(home: Home, receivers: Sink, *, board: Board, rules: int) -> tuple[str, str]:
    """
    Take 100 snapshots and subscribe to each 100 webhooks; return the dashboard's id and a token.

    Ten of each hundred are pinned to it by rules that are true of every later capture, and are told anew each second;
    the others are on `last_notified`, and theirs are never true.
    """
    home.config.write_text(home.config.read_text() + "\n[webhook]\nallow_private_targets = true\n")
    with closing(build_services(load_settings(home.config), create=True)) as services:
        caller = local_caller(services, "bench")
        dashboard = create_dashboard(services, caller, view_spec=parse_view_spec({"title": "Crowded", **SPEC}))
        for number in range(BASELINES):
            pushed = SnapshotRequest(data=board.next())
            record = take_snapshot(services, caller, dashboard_ref=dashboard.id, request=pushed).record
            first = number * SUBSCRIPTIONS_EACH
            wanted = [
                _wanted(receivers.address(first + place), place, record.id, rules=rules)
                for place in range(SUBSCRIPTIONS_EACH)
            ]
            subscribe_all(services, caller, dashboard_id=dashboard.id, wanted=wanted)
        return dashboard.id, create_token(services, caller, user_name="bench", role="admin").text


def _wanted(url: str, place: int, snapshot_id: str, *, rules: int) -> Wanted:
    limit = 0.01 + (place % rules) / 1_000_000
    if place < MATCHING_EACH:
        return Wanted(
            url=url,
            rule={"value_delta_abs": limit, "on_field": "elo"},
            baseline="pinned",
            baseline_snapshot_id=snapshot_id,
            repeat_interval=1,
        )
    return Wanted(
        url=url,
        rule={"value_delta_abs": limit + 1_000_000, "on_field": "elo"},
        baseline="last_notified",
        baseline_snapshot_id=snapshot_id,
    )


def capture(port: int, token: str, dashboard: str, *, data: dict[str, Any], receivers: Sink) -> Told:
    """Push one capture, and wait until a thousand were told of it."""
    receivers.forget()
    body = orjson.dumps({"data": data})
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    asked_at, began = time.time(), time.perf_counter()
    connection.request("POST", f"/api/dashboard/{dashboard}/snapshot", body=body, headers=headers)
    answer = connection.getresponse()
    said = orjson.loads(answer.read())
    answered = time.perf_counter() - began
    connection.close()
    if answer.status != 201 or said["dispatch"]["matched"] != BASELINES * MATCHING_EACH:
        raise SystemExit(f"{answer.status} {str(said)[:500]}")
    time.sleep(PAUSE_SECONDS)
    times = receivers.times()
    if len(times) != BASELINES * MATCHING_EACH:
        raise SystemExit(f"{len(times)} of {BASELINES * MATCHING_EACH} notices arrived within {PAUSE_SECONDS} s")
    return Told(answered=answered, arrived=max(times.values()) - asked_at)


@contextmanager
def server(home: Home) -> Iterator[int]:
    """Run `stillframe serve` with its worker."""
    port = free_port()
    command = ("-m", "stillframe.cli", "serve", "--host", HOST, "--port", str(port), "--config", str(home.config))
    with process(*command, port=port):
        time.sleep(2)
        yield port


def measure(home: Home, receivers: Sink, *, captures: int, rules: int) -> list[list[str]]:
    """Return the rows of one database: the first capture after a start, and all that follow."""
    board = Board(SEED)
    dashboard, token = fill(home, receivers, board=board, rules=rules)
    cold = []
    for _ in range(COLD_STARTS):
        with server(home) as port:
            cold.append(capture(port, token, dashboard, data=board.next(), receivers=receivers))
    with server(home) as port:
        warm = [capture(port, token, dashboard, data=board.next(), receivers=receivers) for _ in range(captures + 1)][
            1:
        ]
    return [_row(f"{home.name}, first after a start", cold), _row(f"{home.name}, {len(warm)} after it", warm)]


def _row(name: str, told: Sequence[Told]) -> list[str]:
    answered, arrived = [one.answered for one in told], [one.arrived for one in told]
    return [
        name,
        f"{quantile(answered, 0.5):.0f}",
        f"{quantile(answered, 0.99):.0f}",
        f"{quantile(arrived, 0.5):.0f}",
        f"{quantile(arrived, 1.0):.0f}",
    ]


def main() -> None:
    """Run and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer captures")
    parser.add_argument("--rules", type=int, default=RULES, help="distinct rules of each kind, 1 to 90")
    asked = parser.parse_args()
    captures = QUICK_CAPTURES if asked.quick else CAPTURES
    rows = []
    with ExitStack() as stack:
        for home in stack.enter_context(homes()):
            with sink(ports=4) as receivers:
                rows += measure(home, receivers, captures=captures, rules=asked.rules)
    print(f"Seed {SEED}.\n")
    print(markdown(["ms", "answer p50", "p99", "all sent p50", "worst"], rows))


if __name__ == "__main__":
    main()

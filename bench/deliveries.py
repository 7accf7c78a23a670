"""Measures sending what waits in the outbox: claimed, unsealed, signed, posted and settled durably, against a bare HTTP
client that posts the same bodies."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from bench.audience import Wanted, subscribe_all
from bench.databases import Home, homes
from bench.rounds import markdown
from bench.sink import Sink, sink
from stillframe.capture import parse_view_spec
from stillframe.config import load_settings
from stillframe.flows.dashboards import create_dashboard
from stillframe.flows.dispatch import left_behind
from stillframe.flows.identity import local_caller
from stillframe.flows.journal import keep_journal
from stillframe.flows.services import Services
from stillframe.flows.snapshots import SnapshotRequest, take_snapshot
from stillframe.flows.worker import Worker
from stillframe.model.identity import Caller
from stillframe.serve import GARBAGE_ROUND_OBJECTS
from stillframe.wiring import build_services

DELIVERIES = 10_000
QUICK_DELIVERIES = 2_000
ROUNDS = 5
QUICK_ROUNDS = 2
BARE = "bare aiohttp client"
CONNECTIONS = 64
SEED = 20_261_126
ROWS = 7
_POLL_SECONDS = 0.05
_PATIENCE_SECONDS = 120.0
SPEC: dict[str, Any] = {
    "title": "Delivered",
    "sources": {"pushed": {"type": "push"}},
    "panels": {"board": {"source": "pushed", "kind": "table", "key": "id", "rank_by": "score", "order": "desc"}},
    "primary": {"rows": "board"},
}
RULE = {"value_delta_abs": 0.5, "on_field": "score"}


def _rows(chance: random.Random) -> list[dict[str, Any]]:
    return [{"id": f"row-{number}", "score": chance.random() * 100, "votes": chance.random()} for number in range(ROWS)]


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """
    A Stillframe of this process whose outbox can be filled again and again.

    Shape   `ids`: of the deliveries; `body`: what one of them says.
    """

    services: Services
    sink: Sink
    ids: Sequence[str]

    def fill(self) -> None:
        """Make every delivery due again, under its id; nothing is sent yet."""
        self.sink.forget()
        with self.services.store.write() as unit:
            for delivery_id in self.ids:
                unit.outbox.replay(delivery_id, self.services.clock())

    def send(self) -> float:
        """Wake the worker, and return how many seconds it took until the last delivery was settled."""
        began = time.perf_counter()
        self.services.work_waiting.set()
        self.wait()
        took = time.perf_counter() - began
        arrivals = self.sink.arrivals()
        if arrivals != len(self.ids) or set(self.sink.times()) != set(self.ids):
            raise SystemExit(f"{arrivals} arrivals of {len(self.ids)} deliveries")
        return took

    def wait(self) -> None:
        """Return when nothing waits any more."""
        until = time.perf_counter() + _PATIENCE_SECONDS
        while left_behind(self.services).pending:
            if time.perf_counter() > until:
                raise SystemExit("the deliveries were not sent in time")
            time.sleep(_POLL_SECONDS)


@contextmanager
def outbox(home: Home, receivers: Sink, *, deliveries: int) -> Iterator[Outbox]:
    """Give a Stillframe that has told so many webhooks of one snapshot."""
    home.config.write_text(home.config.read_text() + "\n[webhook]\nallow_private_targets = true\n")
    with closing(build_services(load_settings(home.config), create=True)) as services:
        caller, board = local_caller(services, "bench"), _board(services)
        chance = random.Random(SEED)
        _capture(services, caller, board, _rows(chance))
        wanted = (Wanted(url=receivers.address(number), rule=RULE) for number in range(deliveries))
        subscribe_all(services, caller, dashboard_id=board, wanted=wanted)
        receivers.forget()
        _capture(services, caller, board, _rows(chance))
        worker = Worker(services)
        worker.start()
        told = Outbox(services=services, sink=receivers, ids=())
        told.wait()
        yield replace(told, ids=list(receivers.times()))
        worker.stop(timeout_seconds=5)


def _board(services: Services) -> str:
    caller = local_caller(services, "bench")
    return create_dashboard(services, caller, view_spec=parse_view_spec(SPEC)).id


def _capture(services: Services, caller: Caller, board: str, rows: list[dict[str, Any]]) -> None:
    take_snapshot(services, caller, dashboard_ref=board, request=SnapshotRequest(data={"board": rows}))


async def _post_all(sinks: Sink, body: bytes, *, posts: int) -> float:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
        numbers = iter(range(posts))

        async def client() -> None:
            for number in numbers:
                async with session.post(sinks.address(number), data=body) as answer:
                    await answer.read()

        began = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
        return time.perf_counter() - began


def measure(*, deliveries: int, rounds: int) -> list[list[str]]:
    """Return a row for each contestant; each round runs all of them in a new order."""
    chance = random.Random(SEED)
    taken: dict[str, list[float]] = {}
    with ExitStack() as stack:
        receivers = stack.enter_context(sink(ports=1))
        ways: dict[str, Callable[[], float]] = {}
        for home in stack.enter_context(homes()):
            found = stack.enter_context(outbox(home, receivers, deliveries=deliveries))
            ways[f"Stillframe, outbox on {home.name}"] = partial(_filled_and_sent, found)
        body = receivers.last_body()
        ways[BARE] = lambda: asyncio.run(_post_all(receivers, body, posts=deliveries))
        for round_number in range(rounds + 1):
            for name in chance.sample(list(ways), len(ways)):
                seconds = ways[name]()
                if round_number:
                    taken.setdefault(name, []).append(deliveries / seconds)
    reference = taken[BARE]
    print(f"Seed {SEED}; {deliveries:,} deliveries of {len(body):,} bytes a round, {CONNECTIONS} connections.\n")
    return [_row(name, rates, reference) for name, rates in taken.items()]


def _filled_and_sent(found: Outbox) -> float:
    found.fill()
    return found.send()


def _row(name: str, rates: Sequence[float], reference: Sequence[float]) -> list[str]:
    ratios = [rate / bare for rate, bare in zip(rates, reference, strict=True)]
    spread = f"{min(ratios):.2f}–{max(ratios):.2f}"
    return [name, f"{statistics.median(rates):,.0f}", f"{statistics.median(ratios):.2f}", spread]


def main() -> None:
    """Run and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer deliveries and rounds")
    quick = parser.parse_args().quick
    # As `stillframe serve` does: what start-up made is kept out of the collector's rounds, here for the rival too.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_ROUND_OBJECTS, 20, 20)
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        keep_journal(for_good=True)
        rows = measure(deliveries=QUICK_DELIVERIES if quick else DELIVERIES, rounds=QUICK_ROUNDS if quick else ROUNDS)
    print(markdown(["outbox to receivers", "deliveries a second", "× bare", "range of rounds"], rows))


if __name__ == "__main__":
    main()

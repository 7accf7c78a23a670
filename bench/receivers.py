"""Measures what good receivers feel of bad ones: half of 200 misbehave, and the others are told as if they did not."""

from __future__ import annotations

import argparse
import http.client
import os
import random
import re
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from bench.audience import Wanted, subscribe_all
from bench.misbehaving import misbehaving
from bench.rounds import markdown
from bench.servers import HOST, free_port, process, settings_file
from bench.sink import Sink, sink
from bench.snapshots import SPEC, quantile
from stillframe.capture import parse_view_spec
from stillframe.config import load_settings
from stillframe.flows.dashboards import create_dashboard
from stillframe.flows.identity import create_token, local_caller
from stillframe.wiring import build_services

GOOD = 100
BAD = 100
CAPTURES = 120
QUICK_CAPTURES = 15
EVERY_SECONDS = 1.0
LAST_WAIT_SECONDS = 15.0
REACH_P99_SECONDS = 1.0
REACH_MIB = 256
RULE = {"any_change": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Felt:
    """
    What good receivers felt.

    Shape   `late`: for each good delivery that arrived, how long after its snapshot was asked for. `missing`: how many
            did not. `answered`: how long each snapshot's answer took. `peak_mib`: the most memory of the serving
            process, from its start to its end. `worked`: what it took of a processor for each snapshot.
    Units   Seconds.
    """

    late: Sequence[float]
    missing: int
    answered: Sequence[float]
    peak_mib: float
    worked: float

    @property
    def p99(self) -> float:
        return quantile(self.late, 0.99) / 1000


def measure(*, captures: int, seed: int) -> Felt:
    """Take a snapshot each second that all 200 are told of, and see when the good half hears of it."""
    chance = random.Random(seed)
    with TemporaryDirectory(prefix="stillframe-bench-") as name, sink(ports=4) as good, misbehaving() as bad:
        config = settings_file(Path(name))
        addresses = [good.address(number) for number in range(GOOD)] + [bad.address(number) for number in range(BAD)]
        chance.shuffle(addresses)
        dashboard, token = _fill(config, addresses)
        port = free_port()
        serve = ("-m", "stillframe.cli", "serve", "--host", HOST, "--port", str(port), "--config", str(config))
        with process(*serve, port=port) as running:
            asked: dict[str, float] = {}
            answered = []
            for number in range(captures):
                began = time.time()
                snapshot_id = _capture(port, token, dashboard, value=number)
                answered.append(time.time() - began)
                asked[snapshot_id] = began
                time.sleep(max(0.0, began + EVERY_SECONDS - time.time()))
            expected = GOOD * (captures - 1)
            late = _late(good, asked, expected=expected)
            return Felt(
                late=late,
                missing=expected - len(late),
                answered=answered,
                peak_mib=_peak_mib(running.pid),
                worked=_worked_seconds(running.pid) / captures,
            )


def _fill(config: Path, addresses: Sequence[str]) -> tuple[str, str]:
    with closing(build_services(load_settings(config), create=True)) as services:
        caller = local_caller(services, "bench")
        dashboard = create_dashboard(services, caller, view_spec=parse_view_spec({"title": "Told", **SPEC}))
        wanted = [Wanted(url=address, rule=RULE) for address in addresses]
        subscribe_all(services, caller, dashboard_id=dashboard.id, wanted=wanted)
        return dashboard.id, create_token(services, caller, user_name="bench", role="admin").text


def _capture(port: int, token: str, dashboard: str, *, value: int) -> str:
    rows: list[dict[str, Any]] = [{"id": "a", "score": value}, {"id": "b", "score": -1}]
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = orjson.dumps({"data": {"board": rows}})
    connection.request("POST", f"/api/dashboard/{dashboard}/snapshot", body=body, headers=headers)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    if answer.status != 201:
        raise SystemExit(f"{answer.status} {said[:300]!r}")
    found: str = orjson.loads(said)["id"]
    return found


def _late(good: Sink, asked: dict[str, float], *, expected: int) -> list[float]:
    """Return how late each good delivery was, as soon as all are there."""
    until = time.time() + LAST_WAIT_SECONDS
    times = good.times()
    while len(times) < expected and time.time() < until:
        time.sleep(0.2)
        times = good.times()
    return [at - asked[delivery_id.split("_")[0]] for delivery_id, at in times.items()]


def _peak_mib(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def _worked_seconds(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Run and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer snapshots")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    asked = parser.parse_args()
    captures = QUICK_CAPTURES if asked.quick else CAPTURES
    felt = measure(captures=captures, seed=asked.seed)
    print(f"Seed {asked.seed}; {captures} snapshots, one a second, {GOOD} good receivers and {BAD} bad ones.\n")
    row = [f"{len(felt.late):,}", f"{felt.missing}"]
    row += [f"{quantile(felt.late, share):.0f}" for share in (0.5, 0.99, 1.0)]
    row += [f"{quantile(felt.answered, 0.99):.0f}", f"{felt.peak_mib:.0f} (256)", f"{felt.worked * 1000:.0f}"]
    head = [
        "arrived",
        "missing",
        "p50 ms",
        "p99 ms (1,000)",
        "worst",
        "answer p99 ms",
        "peak MiB",
        "processor's ms a snapshot",
    ]
    print(markdown(head, [row]))


if __name__ == "__main__":
    main()

"""Measures comparing two snapshots of 1,000 rows by id, both at the far end of a chain of deltas."""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from typing import Any

import orjson

from bench.databases import Home, homes
from bench.frames import change, leaderboard
from bench.reading import Reader, Timed, served, timed
from bench.rounds import markdown
from bench.servers import Client, new_token
from stillframe.store.frames import CHAIN_FRAMES

PATH = "/api/v2/dashboard/snapshots/compare"
CALLS = 100
FORGETTING_READS = 60
"""So many other payloads of 190 kB push what is compared out of the server's memory, which keeps 8 MiB."""
REACH = "30 ms"
SPEC: dict[str, Any] = {
    "title": "Compared",
    "sources": {"pushed": {"type": "push"}},
    "panels": {
        "board": {"source": "pushed", "kind": "table", "key": "id", "rank_by": "composite_score", "order": "desc"}
    },
    "primary": {"rows": "board"},
}


def measure(home: Home, *, calls: int) -> dict[str, Timed]:
    """Store one whole chain and compare its last two snapshots."""
    token = new_token(home.config)
    with served(home) as port:
        ids = _chain(Client(port, token))
        reader = Reader(port, token)
        body = orjson.dumps({"from_snapshot_id": ids[-2], "to_snapshot_id": ids[-1]})
        drilled = orjson.dumps({"from_snapshot_id": ids[-2], "to_snapshot_id": ids[-1], "include_drilldown": True})

        def forget() -> None:
            for snapshot_id in ids[:FORGETTING_READS]:
                reader.read(f"/api/v2/dashboard/snapshots/{snapshot_id}")

        def compare(said: bytes) -> Callable[[], object]:
            return lambda: reader.send("POST", PATH, said)

        return {
            "both payloads decoded from their chain": _cold(compare(body), forget, calls=calls),
            "both payloads remembered": timed(compare(body), calls=calls),
            "both payloads remembered, with drill-down": timed(compare(drilled), calls=calls),
        }


def _chain(client: Client) -> list[str]:
    """Push a leaderboard of 1,000 rows until a chain is as long as chains get; return the snapshots' ids."""
    chance = random.Random(2026)
    rows = leaderboard(chance)
    board = client.post("/api/dashboards", {"view_spec_json": SPEC})["id"]
    ids = []
    for _ in range(CHAIN_FRAMES):
        ids.append(client.post(f"/api/dashboard/{board}/snapshot", {"data": {"board": rows}})["id"])
        change(rows, chance)
    return ids


def _cold(call: Callable[[], object], forget: Callable[[], None], *, calls: int) -> Timed:
    """Time a call that follows each time on much else."""
    taken = []
    for _ in range(calls):
        forget()
        taken.append(timed(call, calls=1, warm_calls=0).p50)
    taken.sort()
    return Timed(p50=taken[len(taken) // 2], p95=taken[int(0.95 * (len(taken) - 1))])


def main() -> None:
    """Run and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer calls")
    calls = CALLS // 4 if parser.parse_args().quick else CALLS
    with homes() as found:
        rows = [
            [f"{home.name}: {name}", str(timing), REACH]
            for home in found
            for name, timing in measure(home, calls=calls).items()
        ]
    head = f"two snapshots of 1,000 rows, {CHAIN_FRAMES - 2} and {CHAIN_FRAMES - 1} deltas deep, over HTTP"
    print(markdown([head, "p50 / p95 ms", "reach"], rows))


if __name__ == "__main__":
    main()

"""Measures POST /api/dashboard/{id}/snapshot: its latency while webhooks are sent, and its throughput against a bare
route."""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from bench.load import flood, pace, request_bytes
from bench.servers import Client, free_port, new_token, process, settings_file

ROWS = 100
NUMBERS = ("score", "elo", "votes", "evidence", "novelty", "cost")
SUBSCRIPTIONS = 100
MATCHING = 10
HANGING = (0, 1, 2)
RATE = 20.0
CLIENTS = 8
BODIES = 64

SPEC: dict[str, Any] = {
    "sources": {"pushed": {"type": "push"}},
    "panels": {"board": {"source": "pushed", "kind": "table", "key": "id", "rank_by": "score", "order": "desc"}},
    "primary": {"rows": "board"},
}


def boards(chance: random.Random) -> list[bytes]:
    """Return bodies of 100 rows by 8 columns, about 18 kB, each with two rows changed from the one before."""
    rows = [
        {"id": f"r-{number}", "title": f"Row {number} of a board that people look at daily, " + "x" * 40}
        | {name: chance.random() * 100 for name in NUMBERS}
        for number in range(ROWS)
    ]
    bodies = []
    for _ in range(BODIES):
        for row in chance.sample(rows, 2):
            row["elo"] = float(row["elo"]) + 1
        bodies.append(orjson.dumps({"data": {"board": rows}}))
    return bodies


def quantile(taken: Sequence[float], share: float) -> float:
    """Return a quantile in milliseconds."""
    return 1000 * sorted(taken)[min(len(taken) - 1, int(share * len(taken)))]


def dashboard(client: Client, title: str) -> str:
    """Make a dashboard of pushed rows and return its id."""
    found: str = client.post("/api/dashboards", {"view_spec_json": {"title": title, **SPEC}})["id"]
    return found


def subscribe(client: Client, board: str, *, receiver: int, index: int, rule: Any, baseline: str = "previous") -> None:  # noqa: ANN401  # because a rule is any JSON
    """Subscribe one webhook."""
    address = f"http://127.0.0.1:{receiver}/{index}"
    body = {"subscriber_kind": "webhook", "subscriber_id": address, "threshold_json": rule, "baseline": baseline}
    client.post(f"/api/dashboard/{board}/subscriptions", body)


def requests_for(board: str, token: str, bodies: Sequence[bytes]) -> Callable[[int], bytes]:
    """Return the whole request of each number."""
    whole = [request_bytes(f"/api/dashboard/{board}/snapshot", body, token) for body in bodies]
    return lambda number: whole[number % len(whole)]


def latency(client: Client, token: str, *, port: int, hanging: bool, seconds: float) -> list[float]:
    """Take 20 snapshots a second of a dashboard with 10 matching webhooks among 100, of which 3 may hang."""
    receiver = free_port()
    hang = [str(index) for index in HANGING] if hanging else []
    with process("-m", "bench.servers", str(receiver), *hang, port=receiver):
        board = dashboard(client, f"latency {'with 3 hanging' if hanging else 'with none hanging'}")
        for index in range(SUBSCRIPTIONS):
            limit = 0.001 if index < MATCHING else 1_000_000
            rule = {"value_delta_abs": limit + index / 1_000_000, "on_field": "elo"}
            subscribe(client, board, receiver=receiver, index=index, rule=rule)
        whole = requests_for(board, token, boards(random.Random(7)))
        pace(port, whole, rate=RATE, seconds=3)
        return pace(port, whole, rate=RATE, seconds=seconds)


def throughput(client: Client, token: str, *, port: int, bare: int, seconds: float, rounds: int) -> list[list[str]]:
    """Flood a dashboard whose rules never match, and the bare route, in turns; then one with 10 distinct old
    baselines."""
    bodies = boards(random.Random(7))
    plain = dashboard(client, "throughput")
    drifting = dashboard(client, "throughput with 10 baselines")
    for index in range(SUBSCRIPTIONS):
        rule = {"value_delta_abs": 1_000_000 + index, "on_field": "elo"}
        subscribe(client, plain, receiver=9_999, index=index, rule=rule)
    for index in range(SUBSCRIPTIONS):
        baseline = "last_notified" if index % 10 == 0 else "previous"
        if baseline == "last_notified":
            client.post(f"/api/dashboard/{drifting}/snapshot", orjson.loads(bodies[index % BODIES]))
        rule = {"value_delta_abs": 1_000_000 + index, "on_field": "elo"}
        subscribe(client, drifting, receiver=9_999, index=index, rule=rule, baseline=baseline)
    ways: dict[str, Callable[[], tuple[float, list[float]]]] = {
        "bare route": partial(flood, bare, lambda number: request_bytes("/push", bodies[number % BODIES])),
        "snapshot, none matching, all on `previous`": partial(flood, port, requests_for(plain, token, bodies)),
        "the same with 10 distinct `last_notified` baselines": partial(
            flood, port, requests_for(drifting, token, bodies)
        ),
    }
    seen: dict[str, list[tuple[float, float, float]]] = {name: [] for name in ways}
    chance = random.Random(11)
    for index in range(rounds + 1):
        for name in chance.sample(list(ways), len(ways)):
            rate, taken = ways[name](clients=CLIENTS, seconds=seconds if index else 1.0)
            if index:
                seen[name].append((rate, quantile(taken, 0.5), quantile(taken, 0.99)))
    reference = statistics.median(rate for rate, _, _ in seen["bare route"])
    return [_row(name, figures, reference) for name, figures in seen.items()]


def _row(name: str, figures: Sequence[tuple[float, float, float]], reference: float) -> list[str]:
    rate, p50, p99 = (statistics.median(column) for column in zip(*figures, strict=True))
    return [name, f"{rate:.0f}", f"{p50:.1f}", f"{p99:.1f}", f"{rate / reference:.2f}"]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Run and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter rounds")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = settings_file(folder)
        token = new_token(config)
        port, bare = free_port(), free_port()
        serve = ("-m", "stillframe.cli", "serve", "--host", "127.0.0.1", "--port", str(port), "--config", str(config))
        rival = ("-m", "uvicorn", "bench.bare:app", "--port", str(bare), "--log-level", "warning", "--no-access-log")
        with (
            process(*serve, port=port),
            process(*rival, port=bare, environment={"BENCH_BARE_DB": str(folder / "bare.db")}),
        ):
            client = Client(port, token)
            seconds = 5.0 if quick else 20.0
            rows = []
            for hanging in (False, True):
                taken = latency(client, token, port=port, hanging=hanging, seconds=seconds)
                label = "10 of 100 match, 3 of the 10 receivers hang" if hanging else "10 of 100 match, none hangs"
                rows.append([label, *(f"{quantile(taken, share):.1f}" for share in (0.5, 0.95, 0.99))])
            print(table(["snapshots at 20 a second, 100 rows pushed", "p50 ms", "p95 ms", "p99 ms"], rows))
            print()
            rows = throughput(
                client, token, port=port, bare=bare, seconds=1.0 if quick else 3.0, rounds=2 if quick else 4
            )
            print(table(["8 clients, as fast as it goes", "requests a second", "p50 ms", "p99 ms", "× bare"], rows))


if __name__ == "__main__":
    main()

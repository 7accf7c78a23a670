"""Times reads over HTTP: one client on a kept connection, warmed first, against a server in a process of its own."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench.databases import Home
from bench.servers import HOST, free_port, process

WARM_CALLS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """
    How long calls took.

    Units   Milliseconds.
    """

    p50: float
    p95: float

    def __str__(self) -> str:
        return f"{self.p50:.1f} / {self.p95:.1f}"


def timed(call: Callable[[], object], *, calls: int, warm_calls: int = WARM_CALLS) -> Timed:
    """Call some times unmeasured, then measured one by one."""
    for _ in range(warm_calls):
        call()
    taken = []
    for _ in range(calls):
        began = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - began))
    taken.sort()
    return Timed(p50=taken[len(taken) // 2], p95=taken[int(0.95 * (len(taken) - 1))])


class Reader:
    """One client with a token; anything but 200 ends the benchmark with what was said."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def read(self, path: str) -> bytes:
        return self.send("GET", path)

    def send(self, method: str, path: str, body: bytes | None = None) -> bytes:
        self._connection.request(method, path, body=body, headers=self._headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {said[:500]!r}")
        return said


@contextmanager
def served(home: Home) -> Iterator[int]:
    """Run `stillframe serve` on a home, without the worker and its hourly rounds, and give its port."""
    port = free_port()
    arguments: Sequence[str] = (
        "serve",
        "--no-worker",
        "--host",
        HOST,
        "--port",
        str(port),
        "--config",
        str(home.config),
    )
    with process("-m", "stillframe.cli", *arguments, port=port):
        yield port

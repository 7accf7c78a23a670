"""A receiver that costs little: it takes every POST and knows which deliveries came, how often and when."""

from __future__ import annotations

import asyncio
import http.client
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from bench.servers import HOST, free_port, process

_TAKEN = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
_FIRST_ARRIVALS: dict[str, float] = {}
_ARRIVALS = [0]
_LAST_BODY = [b""]


class _Sink(asyncio.Protocol):
    """One connection, on which requests follow each other."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)
        self._waiting = b""

    def data_received(self, data: bytes) -> None:
        self._waiting = self._waiting + data if self._waiting else data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head = self._waiting[:end]
            length = int(_header(head, b"content-length") or 0)
            if len(self._waiting) < end + 4 + length:
                return
            body, self._waiting = self._waiting[end + 4 : end + 4 + length], self._waiting[end + 4 + length :]
            self._transport.write(_asked(head) if head.startswith(b"GET ") else _taken(head, body))


def _header(head: bytes, name: bytes) -> bytes | None:
    begin = head.lower().find(b"\r\n" + name + b":")
    if begin < 0:
        return None
    begin += len(name) + 3
    end = head.find(b"\r\n", begin)
    return head[begin : end if end >= 0 else len(head)].strip()


def _taken(head: bytes, body: bytes) -> bytes:
    _ARRIVALS[0] += 1
    _LAST_BODY[0] = body
    delivery_id = _header(head, b"webhook-id")
    if delivery_id is not None:
        _FIRST_ARRIVALS.setdefault(delivery_id.decode(), time.time())
    return _TAKEN


def _asked(head: bytes) -> bytes:
    if b"/forget " in head:
        _FIRST_ARRIVALS.clear()
        _ARRIVALS[0] = 0
    document: dict[str, Any] = {"arrivals": _ARRIVALS[0], "distinct": len(_FIRST_ARRIVALS)}
    if b"/times " in head:
        document["times"] = _FIRST_ARRIVALS
    if b"/body " in head:
        document["body"] = _LAST_BODY[0].decode()
    body = json.dumps(document).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """
    A running sink.

    Shape   `ports`: all that it listens on; a receiver is a port and a path.
    """

    ports: Sequence[int]

    def address(self, number: int) -> str:
        """Return the URL of one of any number of receivers."""
        return f"http://{HOST}:{self.ports[number % len(self.ports)]}/{number}"

    def forget(self) -> None:
        """Let the sink begin anew."""
        self._ask("/forget")

    def arrivals(self) -> int:
        """Return how many POSTs came, repeats included."""
        found: int = self._ask("/count")["arrivals"]
        return found

    def times(self) -> dict[str, float]:
        """
        Return when each delivery came first, by its id.

        Units   Seconds of the wall clock, which is one for all processes of a machine.
        """
        found: dict[str, float] = self._ask("/times")["times"]
        return found

    def last_body(self) -> bytes:
        """Return the body that came last."""
        found: str = self._ask("/body")["body"]
        return found.encode()

    def _ask(self, path: str) -> dict[str, Any]:
        connection = http.client.HTTPConnection(HOST, self.ports[0], timeout=60)
        try:
            connection.request("GET", path)
            found: dict[str, Any] = json.load(connection.getresponse())
        finally:
            connection.close()
        return found


@contextmanager
def sink(*, ports: int) -> Iterator[Sink]:
    """Run a sink in a process of its own."""
    found = [free_port() for _ in range(ports)]
    with process("-m", "bench.sink", *map(str, found), port=found[-1]):
        yield Sink(ports=found)


async def _listen(ports: Sequence[int]) -> None:
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(_Sink, HOST, port, backlog=2_048) for port in ports]
    await asyncio.gather(*(server.serve_forever() for server in servers))


def main() -> None:
    """Listen on the ports given, for ever."""
    import uvloop

    uvloop.run(_listen([int(word) for word in sys.argv[1:]]))


if __name__ == "__main__":
    main()

"""A load of HTTP posts over kept connections: at a steady rate, or as fast as some clients can."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

HOST = "127.0.0.1"


async def _post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> float:
    started = time.perf_counter()
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    body = await reader.readexactly(length)
    if not head.startswith(b"HTTP/1.1 201"):
        raise SystemExit(f"the server answered {head[:60]!r} {body[:300]!r}")
    return time.perf_counter() - started


def request_bytes(path: str, body: bytes, token: str = "") -> bytes:
    """Return one whole POST."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Authorization: Bearer {token}\r\n\r\n".encode() + body


async def _flood(port: int, bodies: Callable[[int], bytes], *, clients: int, seconds: float) -> tuple[int, list[float]]:
    until = time.perf_counter() + seconds
    taken: list[float] = []

    async def client(first: int) -> None:
        reader, writer = await asyncio.open_connection(HOST, port)
        number = first
        while time.perf_counter() < until:
            taken.append(await _post(reader, writer, bodies(number)))
            number += clients
        writer.close()

    await asyncio.gather(*(client(index) for index in range(clients)))
    return len(taken), taken


async def _pace(port: int, bodies: Callable[[int], bytes], *, rate: float, seconds: float) -> list[float]:
    taken: list[float] = []
    start = time.perf_counter()

    async def one(number: int) -> None:
        await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
        reader, writer = await asyncio.open_connection(HOST, port)
        taken.append(await _post(reader, writer, bodies(number)))
        writer.close()

    await asyncio.gather(*(one(number) for number in range(int(rate * seconds))))
    return taken


def flood(port: int, bodies: Callable[[int], bytes], *, clients: int, seconds: float) -> tuple[float, list[float]]:
    """
    Post as fast as `clients` can, each over one connection.

    Units   Requests a second, and the seconds that each took.
    """
    count, taken = asyncio.run(_flood(port, bodies, clients=clients, seconds=seconds))
    return count / seconds, taken


def pace(port: int, bodies: Callable[[int], bytes], *, rate: float, seconds: float) -> list[float]:
    """Post `rate` times a second, whether earlier ones have ended or not, and return the seconds that each took."""
    return asyncio.run(_pace(port, bodies, rate=rate, seconds=seconds))

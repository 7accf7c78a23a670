"""The processes that a benchmark stands up: Stillframe itself, its bare rival, and receivers that answer or hang."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
_START_SECONDS = 30.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def process(
    *arguments: str, port: int, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Python process until the block ends; the block begins when it listens on `port`, and is given it."""
    command = [sys.executable, *arguments]
    whole = {**os.environ, **(environment or {})}
    running = subprocess.Popen(command, env=whole, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, running)
        yield running
    finally:
        running.terminate()
        try:
            running.wait(30)
        except subprocess.TimeoutExpired:
            print("a server of the benchmark did not end when it was told to, and was killed", file=sys.stderr)
            running.kill()
            running.wait()


def _wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if running.poll() is not None:
            raise SystemExit(f"a server of the benchmark ended with {running.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("a server of the benchmark did not start")


class Client:
    """Calls the API of a running server, with a token, for setting a benchmark up."""

    def __init__(self, port: int, token: str) -> None:
        self._root = f"http://{HOST}:{port}"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post(self, path: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return the JSON of the answer; anything but 2xx ends the benchmark with what was said."""
        body = json.dumps(document).encode()
        request = urllib.request.Request(self._root + path, data=body, headers=self._headers, method="POST")  # noqa: S310  # because the address is ours
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  # because the address is ours
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{path}: {error.code} {error.read().decode()[:500]}") from error
        return found


def settings_file(folder: Path) -> Path:
    """Write the configuration of a benchmark: a database of its own, and receivers of this machine allowed."""
    path = folder / "stillframe.toml"
    path.write_text('[dashboard]\nsnapshot_db_path = "bench.db"\n\n[webhook]\nallow_private_targets = true\n')
    return path


def new_token(config: Path) -> str:
    """Return an administrator's token, made on the command line."""
    command = [sys.executable, "-m", "stillframe.cli", "token", "create", "bench", "--role", "admin"]
    printed = subprocess.run([*command, "--config", str(config), "--format", "json"], capture_output=True, check=True)
    token: str = json.loads(printed.stdout)["token"]
    return token


async def _receive(port: int, hanging: frozenset[int]) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
                )
                await reader.readexactly(length)
                if int(head.split(b" ", 2)[1].rpartition(b"/")[2]) in hanging:
                    await asyncio.sleep(60)
                writer.write(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, HOST, port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_receive(int(sys.argv[1]), frozenset(map(int, sys.argv[2:]))))

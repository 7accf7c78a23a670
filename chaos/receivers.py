"""Receivers of webhooks in processes of their own, which misbehave at a stated rate and keep their own ledger."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from weakref import WeakKeyDictionary

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from chaos.oracle import Try
from chaos.sockets import inode_of

MISBEHAVIOUR: Mapping[str, float] = {"hang": 0.02, "reset": 0.02, "500": 0.02, "slow": 0.06}
"""What share of the requests is not answered, broken after it was read, answered with an error, or answered late."""
SLOW_SECONDS = (0.15, 0.5)
"""Longer than a request waits for its sends, shorter than a send may take."""
_LOOK_EVERY_SECONDS = 0.05
_START_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """A process that takes webhooks at `/0`, `/1`, … and verifies each path with a secret of its own."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    def url(self, number: int) -> str:
        return f"http://127.0.0.1:{self.port}/{number}"

    def trust(self, secrets: Mapping[str, str]) -> None:
        """Verify with these secrets, by path, from now on."""
        new = self.folder / "secrets.new"
        new.write_text(json.dumps(dict(secrets)), "utf8")
        new.replace(self.folder / "secrets.json")
        self.process.send_signal(signal.SIGHUP)

    def behave(self) -> None:
        """Answer every request at once from now on."""
        self.process.send_signal(signal.SIGUSR1)

    def misbehave(self) -> None:
        """Misbehave again as at the beginning."""
        self.process.send_signal(signal.SIGUSR2)

    def tries(self) -> list[Try]:
        """Return everything that came so far, in order of arrival; what has not ended yet ends never."""
        return list(read_ledger(self.folder / "ledger"))

    def close(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait(_START_SECONDS)


def start_receiver(
    folder: Path, *, seed: str, senders: Sequence[int], misbehaviour: Mapping[str, float] = MISBEHAVIOUR
) -> Receiver:
    """
    Start a receiver that listens already.

    Shape   `senders`: processes that send, or whose children do; only among them a request's sender is looked for.
    """
    folder.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        said = json.dumps({"seed": seed, "senders": list(senders), "misbehaviour": dict(misbehaviour)})
        command = [sys.executable, "-m", "chaos.receivers", str(listener.fileno()), str(folder), said]
        process = subprocess.Popen(command, pass_fds=[listener.fileno()])
        port = listener.getsockname()[1]
    give_up_at = time.monotonic() + _START_SECONDS
    while not (folder / "ledger").exists():
        if time.monotonic() > give_up_at or process.poll() is not None:
            raise RuntimeError("a receiver did not start")
        time.sleep(0.01)
    return Receiver(process=process, port=port, folder=folder)


def read_ledger(path: Path) -> Iterator[Try]:
    """Yield the tries of a receiver's ledger: what came, joined with how it ended."""
    came: dict[int, dict[str, Any]] = {}
    for line in path.read_text("utf8").splitlines():
        with suppress(ValueError):  # because the last line may be half written
            said = json.loads(line)
            came.setdefault(said.pop("number"), {"did": "hang", "ended": None}).update(said)
    yield from (Try(**said) for said in came.values())


class _Taking:
    """What the process does with requests."""

    def __init__(self, folder: Path, said: Mapping[str, Any], ledger: TextIO, *, port: int) -> None:
        self._secrets_file = folder / "secrets.json"
        self._verifiers: dict[str, Webhook] = {}
        self._chance = random.Random(said["seed"])
        self._stated: Mapping[str, float] = said["misbehaviour"]
        self._misbehaviour: Mapping[str, float] = self._stated
        self._senders = _Senders(said["senders"], port=port)
        self._ledger = ledger
        self._number = 0

    def reload(self) -> None:
        """Read the secrets again."""
        self._verifiers = {
            path: Webhook(secret) for path, secret in json.loads(self._secrets_file.read_text("utf8")).items()
        }

    def behave(self) -> None:
        """Answer at once from now on."""
        self._misbehaviour = {}

    def misbehave(self) -> None:
        """Do again what was stated."""
        self._misbehaviour = self._stated

    async def take(self, request: web.BaseRequest) -> web.StreamResponse:
        """Write down what came, do what chance says, and write down how it ended."""
        at = time.time()
        sender = None if request.transport is None else self._senders.sender(request.transport)
        body = await request.read()
        self._number += 1
        number, does = self._number, self._draw()
        self._write(number=number, at=at, sender=sender, **_read(request, body, self._verifiers.get(request.path)))
        did = await self._act(request, does)
        self._write(number=number, did=did, ended=time.time())
        return web.Response(status=500 if did == "500" else 204)

    async def _act(self, request: web.BaseRequest, does: str) -> str:
        if does in {"hang", "slow"}:
            until = time.monotonic() + (3_600 if does == "hang" else self._chance.uniform(*SLOW_SECONDS))
            while time.monotonic() < until:
                await asyncio.sleep(_LOOK_EVERY_SECONDS)
                if request.transport is None or request.transport.is_closing():
                    return "gone"
            return "204"
        if does == "reset" and request.transport is not None:
            request.transport.abort()
        return does

    def _draw(self) -> str:
        drawn = self._chance.random()
        for what, share in self._misbehaviour.items():
            if drawn < share:
                return what
            drawn -= share
        return "204"

    def _write(self, **said: Any) -> None:
        self._ledger.write(json.dumps(said) + "\n")
        self._ledger.flush()


class _Senders:
    """Which process is at the other end of a connection: the kernel knows."""

    def __init__(self, roots: Sequence[int], *, port: int) -> None:
        self._roots = roots
        self._port = port
        self._known: WeakKeyDictionary[asyncio.BaseTransport, int | None] = WeakKeyDictionary()

    def sender(self, transport: asyncio.BaseTransport) -> int | None:
        """Return the process at the other end of a connection, None if it is gone or cannot be seen."""
        if transport not in self._known:
            peer = transport.get_extra_info("peername")
            self._known[transport] = self._found(peer[1]) if peer else None
        return self._known[transport]

    def _found(self, port: int) -> int | None:
        try:
            inode = inode_of(port, to=self._port)
        except OSError:
            return None
        return self._holder(f"socket:[{inode}]") if inode else None

    def _holder(self, inode: str) -> int | None:
        for number in self._candidates():
            with suppress(OSError):
                for entry in Path(f"/proc/{number}/fd").iterdir():
                    with suppress(OSError):
                        if str(entry.readlink()) == inode:
                            return number
        return None

    def _candidates(self) -> Iterator[int]:
        for root in self._roots:
            yield root
            with suppress(OSError):
                yield from map(int, Path(f"/proc/{root}/task/{root}/children").read_text("ascii").split())


def _read(request: web.BaseRequest, body: bytes, verifier: Webhook | None) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        subject = json.loads(body)["snapshot_b"]["id"]
    except (ValueError, LookupError, TypeError):
        subject = ""
    return {
        "delivery_id": headers.get("webhook-id", ""),
        "path": request.path,
        "subject": subject,
        "body": hashlib.sha256(body).hexdigest(),
        "verified": verifier is not None and _verifies(verifier, body, headers),
    }


def _verifies(verifier: Webhook, body: bytes, headers: Mapping[str, str]) -> bool:
    try:
        verifier.verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True


async def _serve(listener: socket.socket, folder: Path, said: Mapping[str, Any]) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    with (folder / "ledger").open("a", encoding="utf8") as ledger:
        taking = _Taking(folder, said, ledger, port=listener.getsockname()[1])
        loop.add_signal_handler(signal.SIGHUP, taking.reload)
        loop.add_signal_handler(signal.SIGUSR1, taking.behave)
        loop.add_signal_handler(signal.SIGUSR2, taking.misbehave)
        loop.add_signal_handler(signal.SIGTERM, ended.set)
        server = web.Server(taking.take, access_log=None)
        await loop.create_server(server, sock=listener)
        await ended.wait()
        os._exit(0)  # what hangs must not be waited for, and the ledger is flushed line by line


if __name__ == "__main__":
    asyncio.run(_serve(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]), json.loads(sys.argv[3])))

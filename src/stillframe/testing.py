"""The fakes that Stillframe is tested with, shipped so that its users can test with them too."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Final, TypeAlias, assert_never

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from standardwebhooks import Webhook, WebhookVerificationError

from stillframe.model.delivery import Letter, Result, Sent

_START_SECONDS: Final = 10.0
_CLOSING_SECONDS = 0.05
"""How long an open request may take to end when a receiver closes; for aiohttp zero would mean for ever."""
_DRIP_SECONDS: Final = 0.05
_CHUNK: Final = b"x" * 16_384


class StillClock:
    """
    A clock that stands still until it is moved.

    >>> clock = StillClock(datetime(2026, 1, 1, tzinfo=UTC))
    >>> clock.move(hours=1)
    >>> clock().isoformat()
    '2026-01-01T01:00:00+00:00'
    """

    def __init__(self, now: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self.set(now)

    def __call__(self) -> datetime:
        """Return the time that it stands at."""
        return self._now

    def move(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move it on, or back when the sum is negative."""
        self._now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)

    def set(self, now: datetime) -> None:
        """
        Put it to another time.

        Errors  ValueError if the time has no zone.
        """
        if now.tzinfo is None:
            raise ValueError("a time needs a zone")
        self._now = now


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Answer with a status, headers and a body."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hang:
    """Take the request and never answer, until the receiver closes or, if given, `seconds` have passed (then 204)."""

    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drip:
    """Send an answer one byte at a time and never come to its end: in its head, or with a whole head in its body."""

    in_head: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Endless:
    """Answer with a status and a body that never ends, as fast as the sender takes it."""

    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Read the whole request, then break the connection without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """Send these bytes as they are, in place of an answer, and close."""

    content: bytes = b"SSH-2.0-OpenSSH_9.6\r\n\r\n"


Behaviour: TypeAlias = Answer | Hang | Drip | Endless | Reset | Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it came in."""

    delivery_id: str
    """The header `webhook-id`: equal for every try of one delivery."""
    path: str
    headers: Mapping[str, str]
    body: bytes
    verified: bool
    """Whether the signature fits one of the receiver's secrets; false when the receiver has none."""
    at: datetime


class MemoryChannel:
    """
    A channel that goes nowhere: it keeps the letters and answers as it is told.

    Each letter takes the next of `results`; the last one holds for all that follow. A letter takes `seconds`, or what
    `slow` says for its receiver.
    """

    def __init__(self, *results: Result, seconds: float = 0.0, slow: Mapping[str, float] | None = None) -> None:
        self._results = list(results) or [Sent(status=204)]
        self._seconds = seconds
        self._slow = dict(slow or {})
        self._open: Counter[str] = Counter()
        self.letters: list[Letter] = []
        """Every letter whose send began, in order."""
        self.most_open: Counter[str] = Counter()
        """The most sends that were open at once, by receiver."""
        self.most_open_in_all = 0
        self.closed = False

    async def send(self, letter: Letter) -> Result:
        """Keep the letter, take the time it takes, and answer."""
        receiver = letter.receiver
        self.letters.append(letter)
        self._open[receiver] += 1
        self.most_open[receiver] = max(self.most_open[receiver], self._open[receiver])
        self.most_open_in_all = max(self.most_open_in_all, self._open.total())
        result = self._results.pop(0) if len(self._results) > 1 else self._results[0]
        try:
            await asyncio.sleep(self._slow.get(receiver, self._seconds))
        finally:
            self._open[receiver] -= 1
        return result

    async def close(self) -> None:
        """Note that it was closed."""
        self.closed = True


class StillResolver(AbstractResolver):
    """
    A name service that knows what it was told: each look-up of a name takes its next address, and the last one holds.

    >>> resolver = StillResolver({"rebind.example.org": ["93.184.215.14", "127.0.0.1"]})
    """

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        self._names = {name: list(addresses) for name, addresses in names.items()}
        self.asked: list[str] = []
        """Every name that was looked up, in order."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """
        Return the next address of a name.

        Errors  OSError if it was told nothing about the name.
        """
        self.asked.append(host)
        addresses = self._names.get(host)
        if not addresses:
            raise OSError(None, "the name is not known")
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        found = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=found, proto=0, flags=0)]

    async def close(self) -> None:
        """There is nothing to let go of."""


class WebhookReceiver:
    """
    A real HTTP server on this machine that takes webhooks, verifies them, keeps a ledger, and behaves as it is told.

    It runs in a thread of its own, inside `with`. Each request takes the next of `behaviours`; the last one holds for
    all that follow.

    Shape   `secrets` (`whsec_…`): any of them verifies. `tls` makes it an HTTPS server.
    """

    def __init__(
        self,
        *behaviours: Behaviour,
        secrets: Sequence[str] = (),
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._behaviours = list(behaviours) or [Answer()]
        self._verifiers = [Webhook(secret) for secret in secrets]
        self._tls = tls
        self._host = host
        self._port = port
        self._ledger: list[Received] = []
        self._connections = 0
        self._listening = False
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="webhook-receiver", daemon=True)
        self._failure: BaseException | None = None

    @property
    def ledger(self) -> tuple[Received, ...]:
        """Every request so far, in order of arrival."""
        with self._changed:
            return tuple(self._ledger)

    @property
    def connections(self) -> int:
        """How many connections were accepted so far, with a request or without."""
        with self._changed:
            return self._connections

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._port

    def url(self, path: str = "/hook") -> str:
        """Return the address to send to."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'https' if self._tls else 'http'}://{host}:{self._port}{path}"

    def behave(self, *behaviours: Behaviour) -> None:
        """Take these behaviours from the next request on."""
        with self._changed:
            self._behaviours = list(behaviours) or [Answer()]

    def trust(self, *secrets: str) -> None:
        """Verify with these secrets from the next request on."""
        with self._changed:
            self._verifiers = [Webhook(secret) for secret in secrets]

    def wait_for(self, count: int, *, seconds: float = 10.0) -> tuple[Received, ...]:
        """
        Return the ledger as soon as it holds so many requests.

        Errors  TimeoutError if it does not in time.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._ledger) >= count, seconds):
                raise TimeoutError(f"{len(self._ledger)} of {count} requests came within {seconds:g} s")
            return tuple(self._ledger)

    def __enter__(self) -> WebhookReceiver:
        self._thread.start()
        with self._changed:
            ready = self._changed.wait_for(lambda: self._listening or self._failure, _START_SECONDS)
        if not ready or self._failure:
            raise RuntimeError("the receiver did not start") from self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(_START_SECONDS)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                runner.run(self._serve())
            except OSError as error:
                with self._changed:
                    self._failure = error
                    self._changed.notify_all()

    async def _serve(self) -> None:
        http = web.Server(self._handle, access_log=None)
        accepted: list[web.RequestHandler] = []

        def accept() -> asyncio.Protocol:
            with self._changed:
                self._connections += 1
            accepted.append(http())
            return accepted[-1]

        listener = await self._loop.create_server(accept, self._host, self._port, ssl=self._tls)
        with self._changed:
            self._port = listener.sockets[0].getsockname()[1]
            self._listening = True
            self._changed.notify_all()
        await self._closing.wait()
        listener.close()
        await http.shutdown(_CLOSING_SECONDS)
        # Whoever connected in this very moment, or reads no more, would keep a socket open beyond the loop's end.
        for one in accepted:
            if one.transport is not None:
                one.transport.abort()
        await asyncio.sleep(0)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        received = self._read(request, await request.read())
        with self._changed:
            self._ledger.append(received)
            behaviour = self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]
            self._changed.notify_all()
        return await self._behave(behaviour, request)

    def _read(self, request: web.BaseRequest, body: bytes) -> Received:
        headers = {name.lower(): value for name, value in request.headers.items()}
        return Received(
            delivery_id=headers.get("webhook-id", ""),
            path=request.path_qs,
            headers=headers,
            body=body,
            verified=any(_verifies(verifier, body, headers) for verifier in self._verifiers),
            at=datetime.now(UTC),
        )

    async def _behave(self, behaviour: Behaviour, request: web.BaseRequest) -> web.StreamResponse:
        match behaviour:
            case Answer(status=status, headers=headers, body=body):
                return web.Response(status=status, headers=headers, body=body)
            case Hang(seconds=seconds):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), seconds)
                return web.Response(status=204)
            case Drip(in_head=in_head):
                return await self._drip(request, in_head=in_head)
            case Endless(status=status):
                return await self._endless(request, status)
            case Reset():
                return _broken(request, b"")
            case Raw(content=content):
                return _broken(request, content)
        assert_never(behaviour)

    async def _drip(self, request: web.BaseRequest, *, in_head: bool) -> web.StreamResponse:
        _write(request, b"HTTP/1.1 200 OK\r\n" + (b"x-slow: " if in_head else b"content-length: 1000000\r\n\r\n"))
        while not self._closing.is_set() and not _gone(request):
            _write(request, b"x")
            await asyncio.sleep(_DRIP_SECONDS)
        return _broken(request, b"")

    async def _endless(self, request: web.BaseRequest, status: int) -> web.StreamResponse:
        response = web.StreamResponse(status=status)
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while not self._closing.is_set():
                await response.write(_CHUNK)
        return response


def _verifies(verifier: Webhook, body: bytes, headers: Mapping[str, str]) -> bool:
    try:
        verifier.verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True


def _gone(request: web.BaseRequest) -> bool:
    return request.transport is None or request.transport.is_closing()


def _write(request: web.BaseRequest, content: bytes) -> None:
    if request.transport is not None and content:
        request.transport.write(content)


def _broken(request: web.BaseRequest, last_words: bytes) -> web.StreamResponse:
    """Close under the request's feet; the response that is returned reaches nobody."""
    if request.transport is not None:
        if last_words:
            request.transport.write(last_words)
            request.transport.close()
        else:
            request.transport.abort()
    return web.Response(status=204)

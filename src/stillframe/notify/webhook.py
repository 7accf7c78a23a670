"""The webhook channel: one signed POST, by one long-lived HTTP client that trusts nobody."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from collections.abc import Callable
from datetime import datetime
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, AbstractStreamWriter
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook
from yarl import URL

from stillframe.errors import AddressRefused
from stillframe.model.delivery import Failed, Letter, Result, Sent
from stillframe.notify.address import AddressDenied, AddressPolicy, check_url, guarded_sockets
from stillframe.notify.retry_after import parse_retry_after

TIMEOUT_SECONDS: Final = 10.0
ANSWER_BYTES: Final = 16 * 1024
ANSWER_SECONDS: Final = 1.0
"""How long an answer's body may take: its head has decided, and the rest is read only to keep the connection."""
KEEPALIVE_SECONDS: Final = 4.0
"""Shorter than the 5 s of Node.js and uvicorn: a POST into a closing connection has an unknown outcome."""
CONNECTIONS: Final = 512
CONNECTIONS_PER_HOST: Final = 64
_REMEMBERED_TARGETS: Final = 4096
_SUCCESS: Final = range(200, 300)
_REDIRECT: Final = range(300, 400)
_GONE: Final = 410


class WebhookChannel:
    """
    Sends letters as Standard Webhooks.

    2xx is sent. 410 and an address that is refused are permanent; every other failure may be tried again. Once the body
    began to go out, a failure without an answer is `unknown`: the receiver may have acted on it.

    Units   `timeout_seconds` holds for one try, from the wait for a connection to the head of the answer.
    Source  Standard Webhooks specification; docs/reference, "Webhooks".
    """

    def __init__(
        self,
        *,
        policy: AddressPolicy,
        clock: Callable[[], datetime],
        version: str,
        timeout_seconds: float = TIMEOUT_SECONDS,
        connections: int = CONNECTIONS,
        connections_per_host: int = CONNECTIONS_PER_HOST,
        tls: ssl.SSLContext | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._user_agent = f"Stillframe/{version}"
        self._timeout_seconds = timeout_seconds
        self._connections = connections
        self._connections_per_host = connections_per_host
        self._tls = tls
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None
        self._targets: dict[str, URL] = {}

    async def send(self, letter: Letter) -> Result:
        """Post the letter once, and return how that ended."""
        try:
            target = self._target(letter.address)
            headers = _signed(letter, self._clock())
        except AddressRefused:
            return Failed(detail="the address is not allowed", permanent=True)
        except UnusableSecret as error:
            return Failed(detail=str(error), permanent=True)
        body = _Body(letter.body, content_type="application/json")
        if self._session is None:
            self._session = self._open_session()
        try:
            async with self._session.post(target, data=body, headers=headers, allow_redirects=False) as response:
                await _drain(response)
                return self._judge(response)
        except TimeoutError:
            word = "no answer" if body.out else "no connection"
            return Failed(detail=f"{word} within {self._timeout_seconds:g} s", unknown=body.out)
        except aiohttp.ClientConnectorError as error:
            return _unconnected(error)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Failed(detail=_broken(error), unknown=body.out)

    async def close(self) -> None:
        """Close the connections that were kept for later."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open_session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=self._connections,
            limit_per_host=self._connections_per_host,
            keepalive_timeout=KEEPALIVE_SECONDS,
            socket_factory=guarded_sockets(self._policy),
            ssl=self._tls or True,
            resolver=self._resolver,
        )
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=self._timeout_seconds),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            headers={"User-Agent": self._user_agent, "Accept-Encoding": "identity"},
        )

    def _target(self, address: str) -> URL:
        """Return the checked URL; the policy is asked again at each send, so that a stricter one holds for old rows."""
        known = self._targets.get(address)
        if known is None:
            if len(self._targets) >= _REMEMBERED_TARGETS:
                self._targets.clear()
            known = URL(check_url(address, policy=self._policy).text, encoded=True)
            self._targets[address] = known
        return known

    def _judge(self, response: aiohttp.ClientResponse) -> Result:
        status = response.status
        if status in _SUCCESS:
            return Sent(status=status)
        return Failed(
            detail=f"answered {status}" + ("; redirects are not followed" if status in _REDIRECT else ""),
            status=status,
            retry_after_seconds=parse_retry_after(response.headers.get("Retry-After"), now=self._clock()),
            permanent=status == _GONE,
        )


class UnusableSecret(ValueError):
    """A letter cannot be signed."""


class _Body(aiohttp.BytesPayload):
    """A body that knows whether it began to go out: before that, the receiver cannot have taken it."""

    out = False

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        self.out = True
        await super().write_with_length(writer, content_length)


def _signed(letter: Letter, now: datetime) -> dict[str, str]:
    """Return the three headers of Standard Webhooks; one signature for each secret in force, apart by spaces."""
    if not letter.secrets:
        raise UnusableSecret("there is no signing secret for this receiver")
    try:
        signatures = [Webhook(secret).sign(letter.delivery_id, now, letter.body.decode()) for secret in letter.secrets]
    except (EmptyWebhookSecretError, ValueError):
        raise UnusableSecret("the signing secret of this receiver cannot be used") from None
    return {
        "webhook-id": letter.delivery_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


async def _drain(response: aiohttp.ClientResponse) -> None:
    """Read what little an answer should hold; whoever sends more, or slowly, loses the connection and nothing else."""
    left = ANSWER_BYTES
    if response.content.at_eof():
        return
    with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(ANSWER_SECONDS):
            while left > 0 and not response.content.at_eof():
                left -= len(await response.content.read(left))


def _unconnected(error: aiohttp.ClientConnectorError) -> Failed:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return Failed(detail="the TLS certificate is not valid")
    if isinstance(error, aiohttp.ClientSSLError):
        return Failed(detail="TLS failed")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Failed(detail="the name does not resolve")
    if isinstance(error.os_error, AddressDenied):
        return Failed(detail="the name leads to an address that is not allowed", permanent=True)
    number = error.os_error.errno
    return Failed(detail=f"no connection: {os.strerror(number)}" if number else "no connection")


def _broken(error: Exception) -> str:
    """Name what went wrong without the error's own text, which may hold the URL or what the receiver sent."""
    if isinstance(error, aiohttp.ClientResponseError | ValueError):
        return "the answer is not HTTP"
    return "the connection broke"

"""One POST of a body, whoever takes it: whether it began to go out, what its answer means, and what broke."""

from __future__ import annotations

import asyncio
import contextlib
import os
from datetime import datetime
from typing import Final

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from stillframe.model.delivery import Failed, Result, Sent
from stillframe.notify.address import AddressDenied
from stillframe.notify.retry_after import parse_retry_after

ANSWER_BYTES: Final = 16 * 1024
ANSWER_SECONDS: Final = 1.0
"""How long an answer's body may take: its head has decided, and the rest is read only to keep the connection."""
KEEPALIVE_SECONDS: Final = 4.0
"""Shorter than the 5 s of Node.js and uvicorn: a POST into a closing connection has an unknown outcome."""
_SUCCESS: Final = range(200, 300)
_REDIRECT: Final = range(300, 400)
_GONE: Final = 410


class Body(aiohttp.BytesPayload):
    """A body that knows whether it began to go out: before that, the receiver cannot have taken it."""

    out = False

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        self.out = True
        await super().write_with_length(writer, content_length)


def judged(response: aiohttp.ClientResponse, *, now: datetime) -> Result:
    """Return what an answer means: 2xx is sent, 410 is final, and everything else may be tried again."""
    status = response.status
    if status in _SUCCESS:
        return Sent(status=status)
    return Failed(
        detail=f"answered {status}" + ("; redirects are not followed" if status in _REDIRECT else ""),
        status=status,
        retry_after_seconds=parse_retry_after(response.headers.get("Retry-After"), now=now),
        permanent=status == _GONE,
    )


def failed(error: Exception, *, body: Body, timeout_seconds: float) -> Failed:
    """Name what went wrong without the error's own text, which may hold the URL or what the receiver sent."""
    if isinstance(error, TimeoutError):
        word = "no answer" if body.out else "no connection"
        return Failed(detail=f"{word} within {timeout_seconds:g} s", unknown=body.out)
    if isinstance(error, aiohttp.ClientConnectorError):
        return _unconnected(error)
    if isinstance(error, aiohttp.ClientResponseError | ValueError):
        return Failed(detail="the answer is not HTTP", unknown=body.out)
    return Failed(detail="the connection broke", unknown=body.out)


async def drain(response: aiohttp.ClientResponse) -> None:
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

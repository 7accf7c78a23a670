"""The webhook channel: one signed POST, by one long-lived HTTP client that trusts nobody."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import datetime
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook
from yarl import URL

from stillframe.errors import AddressRefused
from stillframe.model.delivery import Failed, Letter, Result
from stillframe.notify.address import AddressPolicy, check_url, guarded_sockets
from stillframe.notify.connections import BoundedConnector
from stillframe.notify.posting import KEEPALIVE_SECONDS, Body, drain, failed, judged

TIMEOUT_SECONDS: Final = 10.0
CONNECTIONS: Final = 512
CONNECTIONS_PER_HOST: Final = 64
_REMEMBERED_TARGETS: Final = 16_384
"""About 14 MB of them."""


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
        body = Body(letter.body, content_type="application/json")
        if self._session is None:
            self._session = self._open_session()
        try:
            async with self._session.post(target, data=body, headers=headers, allow_redirects=False) as response:
                await drain(response)
                return judged(response, now=self._clock())
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            return failed(error, body=body, timeout_seconds=self._timeout_seconds)

    async def close(self) -> None:
        """Close the connections that were kept for later."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open_session(self) -> aiohttp.ClientSession:
        connector = BoundedConnector(
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


class UnusableSecret(ValueError):
    """A letter cannot be signed."""


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

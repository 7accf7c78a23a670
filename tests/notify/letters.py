"""What the tests of this room send: letters with boring, complete defaults, and one try of one letter."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from stillframe.model.delivery import Letter, Result
from stillframe.notify.address import AddressPolicy
from stillframe.notify.vault import new_secret
from stillframe.notify.webhook import WebhookChannel

SECRET = new_secret()
BODY = '{"type":"dashboard.diverged","reason":"größer"}'.encode()
OPEN_POLICY = AddressPolicy(allow_private_targets=True)


def wall_clock() -> datetime:
    """Return the time; receivers refuse a signature that is not of now."""
    return datetime.now(UTC)


def a_letter(
    address: str = "https://example.org/hook",
    *,
    delivery_id: str = "delivery-1",
    receiver: str = "receiver-1",
    secrets: Sequence[str] = (SECRET,),
    body: bytes = BODY,
) -> Letter:
    """Return a letter that lacks nothing."""
    return Letter(
        delivery_id=delivery_id,
        lease_token=1,
        attempt=1,
        receiver=receiver,
        address=address,
        secrets=tuple(secrets),
        body=body,
    )


def letters(count: int, address: str = "https://example.org/hook", *, receiver: str = "receiver-1") -> list[Letter]:
    """Return so many letters for one receiver."""
    return [a_letter(address, delivery_id=f"{receiver}-{number}", receiver=receiver) for number in range(count)]


def send_all(*batch: Letter, policy: AddressPolicy = OPEN_POLICY, **options: Any) -> list[Result]:
    """Send letters one after the other through one new webhook channel."""

    async def run() -> list[Result]:
        channel = WebhookChannel(**{"policy": policy, "clock": wall_clock, "version": "1.2.3", **options})
        try:
            return [await channel.send(letter) for letter in batch]
        finally:
            await channel.close()

    return asyncio.run(run())


def send(letter: Letter, *, policy: AddressPolicy = OPEN_POLICY, **options: Any) -> Result:
    """Send one letter through a new webhook channel."""
    return send_all(letter, policy=policy, **options)[0]

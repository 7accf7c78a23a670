"""Bounded connections: a receiver that goes on without an answer is left, and one that is merely polite is not."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from stillframe.notify.connections import INFORMED_MOST, BoundedConnector
from stillframe.testing import Raw, WebhookReceiver

_HINT = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


async def _post(url: str) -> int:
    timeout = aiohttp.ClientTimeout(total=5)
    async with (
        aiohttp.ClientSession(connector=BoundedConnector(), timeout=timeout) as session,
        session.post(url, data=b"x") as answer,
    ):
        return answer.status


def test_a_receiver_that_informs_without_end_is_left_at_once() -> None:
    """It is no answer, and it must not take the loop's time from all others until the timeout."""
    with WebhookReceiver(Raw(content=_HINT * 50_000)) as receiver:
        with pytest.raises(aiohttp.ClientResponseError, match="too many"):
            asyncio.run(_post(receiver.url()))
        assert len(receiver.ledger) == 1


def test_a_receiver_may_inform_before_it_answers() -> None:
    """RFC 9110 allows any number of informational answers; real servers send one or two."""
    with WebhookReceiver(Raw(content=_HINT * INFORMED_MOST + _ANSWER)) as receiver:
        assert asyncio.run(_post(receiver.url())) == 200

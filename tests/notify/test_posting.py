"""One POST: what its answer means, whether it may have arrived, and no word of the other side in what is said."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from stillframe.model.delivery import Failed, Result, Sent
from stillframe.notify.posting import ANSWER_SECONDS, Body, drain, failed, judged
from stillframe.testing import Answer, Behaviour, Drip, Endless, WebhookReceiver

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def post(receiver: WebhookReceiver) -> tuple[Result, Body]:
    async def run() -> tuple[Result, Body]:
        body = Body(b"{}", content_type="application/json")
        async with aiohttp.ClientSession() as session, session.post(receiver.url(), data=body) as response:
            async with asyncio.timeout(ANSWER_SECONDS + 2):
                await drain(response)
            return judged(response, now=NOON), body

    return asyncio.run(run())


@pytest.mark.parametrize("behaviour", [Answer(body=b"x" * 100_000), Endless(), Drip(in_head=False)], ids=repr)
def test_the_head_of_an_answer_decides_whatever_follows(behaviour: Behaviour) -> None:
    """A body without end costs a moment, never the send."""
    with WebhookReceiver(behaviour) as receiver:
        result, body = post(receiver)
    assert isinstance(result, Sent)
    assert body.out


@pytest.mark.parametrize(("status", "permanent"), [(404, False), (410, True), (429, False), (500, False)])
def test_only_gone_is_final(status: int, permanent: bool) -> None:
    """Everything else may be mended by whoever runs the receiver."""
    with WebhookReceiver(Answer(status=status, headers={"Retry-After": "7"})) as receiver:
        result, _ = post(receiver)
    assert result == Failed(detail=f"answered {status}", status=status, permanent=permanent, retry_after_seconds=7.0)


@pytest.mark.parametrize(
    ("error", "out", "result"),
    [
        (TimeoutError("hush"), False, Failed(detail="no connection within 2 s")),
        (TimeoutError("hush"), True, Failed(detail="no answer within 2 s", unknown=True)),
        (ValueError("hush"), True, Failed(detail="the answer is not HTTP", unknown=True)),
        (ConnectionResetError("hush"), True, Failed(detail="the connection broke", unknown=True)),
        (aiohttp.ServerDisconnectedError("hush"), False, Failed(detail="the connection broke")),
    ],
)
def test_what_broke_is_unknown_once_the_body_was_out(error: Any, out: bool, result: Failed) -> None:
    """Before that nobody can have taken it; and the error's own words stay behind."""
    body = Body(b"{}", content_type="application/json")
    body.out = out
    assert failed(error, body=body, timeout_seconds=2) == result

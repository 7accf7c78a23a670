"""Tests of what every channel promises, tried on every channel there is."""

from __future__ import annotations

import asyncio

import pytest

from stillframe.model.delivery import Failed, Sent
from stillframe.notify.alertmanager import AlertmanagerChannel
from stillframe.notify.apprise_channel import AppriseChannel
from stillframe.notify.interface import Channel
from stillframe.notify.switchboard import NamedChannels, Switchboard
from stillframe.notify.webhook import WebhookChannel
from stillframe.testing import MemoryChannel
from tests.notify.letters import OPEN_POLICY, a_letter, wall_clock


def _webhooks() -> Channel:
    return WebhookChannel(policy=OPEN_POLICY, clock=wall_clock, version="1.2.3", timeout_seconds=0.5)


def _memory() -> Channel:
    return MemoryChannel(Failed(detail="no"))


def _alerts() -> Channel:
    return AlertmanagerChannel(name="ops", url="http://127.0.0.1:9", clock=wall_clock, version="1.2.3")


def _chats() -> Channel:
    return AppriseChannel(name="ops", url="json://127.0.0.1:9", timeout_seconds=5)


def _all() -> Channel:
    return Switchboard({"webhook": _webhooks(), "channel": NamedChannels({"ops": _memory()})})


@pytest.mark.parametrize("make", [_webhooks, _memory, _alerts, _chats, _all])
@pytest.mark.parametrize("address", ["", "http://", "no address", "http://127.0.0.1:9/hook", "http://[::1", "\ud800"])
def test_a_failure_is_an_answer_and_no_exception(make: type[Channel], address: str) -> None:
    """Whatever the address, `send` returns, and `close` may follow."""

    async def run() -> Sent | Failed:
        channel = make()
        result = await channel.send(a_letter(address))
        await channel.close()
        return result

    assert isinstance(asyncio.run(run()), Failed)

"""The switchboard: hands each letter to the channel that it goes by, and so is a channel itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stillframe.model.delivery import Failed, Letter, Result, SubscriberKind
from stillframe.notify.interface import Channel

_MISSING: Final[Mapping[SubscriberKind, str]] = {
    "email": "there is no mail server: [smtp] names no host",
    "channel": "the configuration has no [channels]",
}
_NO_SUCH_CHANNEL: Final = "the configuration has no channel of this name under [channels]"


class Switchboard:
    """
    Every way to tell somebody, behind one.

    A kind that has no channel is a failure that may be tried again: the operator may have taken its settings away only
    for a while.
    """

    def __init__(self, channels: Mapping[SubscriberKind, Channel]) -> None:
        self._channels = dict(channels)

    async def send(self, letter: Letter) -> Result:
        """Send a letter by its channel, once."""
        channel = self._channels.get(letter.channel)
        if channel is None:
            return Failed(detail=_MISSING.get(letter.channel, f"nothing is sent to a {letter.channel}"))
        return await channel.send(letter)

    async def close(self) -> None:
        """Close every channel."""
        await _close_all(self._channels)


class NamedChannels:
    """
    The channels that an operator has named: a letter's address is the name of one.

    Shape   `channels`: by the names of `[channels.NAME]`.
    """

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = dict(channels)

    async def send(self, letter: Letter) -> Result:
        """Send a letter by the channel that it names, once."""
        channel = self._channels.get(letter.address)
        return Failed(detail=_NO_SUCH_CHANNEL) if channel is None else await channel.send(letter)

    async def close(self) -> None:
        """Close every channel."""
        await _close_all(self._channels)


async def _close_all(channels: Mapping[SubscriberKind, Channel] | Mapping[str, Channel]) -> None:
    """Close each, also when one before it failed; the first failure is raised when all are closed."""
    failures: list[Exception] = []
    for channel in channels.values():
        try:
            await channel.close()
        except Exception as error:  # noqa: BLE001  # because the channels after it have connections to close too
            failures.append(error)
    if failures:
        raise failures[0]

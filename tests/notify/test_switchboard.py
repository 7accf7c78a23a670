"""The switchboard: each letter goes by its own channel, and what is not set up is said and no crash."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from stillframe.model.delivery import Failed, Letter, Result, Sent, SubscriberKind
from stillframe.notify.switchboard import NamedChannels, Switchboard
from stillframe.testing import MemoryChannel
from tests.notify.letters import a_letter


class Unclosable(MemoryChannel):
    """A channel whose end fails."""

    async def close(self) -> None:
        raise OSError("will not close")


def by(channel: SubscriberKind, address: str = "") -> Letter:
    return replace(a_letter(address), channel=channel)


def sent(board: Switchboard | NamedChannels, *batch: Letter) -> list[Result]:
    async def run() -> list[Result]:
        results = [await board.send(letter) for letter in batch]
        await board.close()
        return results

    return asyncio.run(run())


def test_each_letter_goes_by_its_own_channel() -> None:
    """A mail never goes out as a webhook."""
    webhooks, mails, named = MemoryChannel(), MemoryChannel(), MemoryChannel()
    board = Switchboard({"webhook": webhooks, "email": mails, "channel": named})
    results = sent(board, by("email"), by("webhook"), by("channel"), by("email"))
    assert results == [Sent(status=204)] * 4
    assert [[letter.channel for letter in each.letters] for each in (webhooks, mails, named)] == [
        ["webhook"],
        ["email", "email"],
        ["channel"],
    ]


@pytest.mark.parametrize(("kind", "word"), [("email", "smtp"), ("channel", "channels"), ("persona", "persona")])
def test_what_is_not_set_up_is_a_failure_that_says_so(kind: SubscriberKind, word: str) -> None:
    """Whoever reads the tries sees which section of the configuration is missing, and a later try may find it."""
    (result,) = sent(Switchboard({"webhook": MemoryChannel()}), by(kind))
    assert isinstance(result, Failed)
    assert word in result.detail
    assert not result.permanent
    assert not result.unknown


def test_a_named_channel_gets_the_letters_that_name_it() -> None:
    """Two chats of one operator are told apart by their names."""
    ops, sales = MemoryChannel(), MemoryChannel(Failed(detail="no"))
    results = sent(NamedChannels({"ops": ops, "sales": sales}), by("channel", "sales"), by("channel", "ops"))
    assert results == [Failed(detail="no"), Sent(status=204)]
    assert [letter.address for letter in ops.letters] == ["ops"]


def test_a_channel_that_was_taken_out_of_the_configuration_is_a_failure() -> None:
    """Subscriptions outlive a configuration."""
    (result,) = sent(NamedChannels({"ops": MemoryChannel()}), by("channel", "gone"))
    assert isinstance(result, Failed)
    assert "[channels]" in result.detail
    assert not result.permanent


def test_closing_closes_every_channel_whatever_one_of_them_does() -> None:
    """A connection that nobody closes is a warning in somebody's log."""
    first, last = MemoryChannel(), MemoryChannel()
    board = Switchboard({"webhook": first, "email": Unclosable(), "channel": NamedChannels({"ops": last})})
    with pytest.raises(OSError, match="will not close"):
        asyncio.run(board.close())
    assert (first.closed, last.closed) == (True, True)

"""What a channel is: one way to hand one letter to one receiver, once."""

from __future__ import annotations

from typing import Protocol

from stillframe.model.delivery import Letter, Result


class Channel(Protocol):
    """
    A way to tell one subscriber.

    Whether another try can help is part of the answer: a `Failed` says `permanent` when it cannot, `unknown` when the
    receiver may have taken the letter all the same, and `retry_after_seconds` when the receiver named a time.

    Both methods run on the notifier's loop, and only there.
    """

    async def send(self, letter: Letter) -> Result:
        """
        Try once to hand over the letter, and return how that ended.

        Errors  None that the outside world can cause: every failure is a `Failed`, and its `detail` never holds the
                address.
        """
        ...

    async def close(self) -> None:
        """Let go of connections; no send is running and none follows."""
        ...

"""Connections of the HTTP client: each ends when its receiver says too much before it answers."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from functools import partial
from typing import Any, Final

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import HttpProcessingError

INFORMED_MOST: Final = 16
"""So many informational answers (1xx) may come before the answer: servers send one or two."""
_INFORMATIONAL: Final = range(100, 200)


class BoundedConnector(aiohttp.TCPConnector):
    """
    Opens connections on which a receiver cannot keep the client busy without answering.

    The client passes over informational answers, so an endless row of them (RFC 9110 section 15.2 allows any number)
    would be read, parsed and held for as long as the request may take, at the expense of every other receiver.

    Errors  A request whose receiver goes on so ends with aiohttp.ClientResponseError.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  # because they are the parent's
        super().__init__(**options)
        # The parent has no parameter for this; a test of a flooding receiver fails should the name ever change.
        self._factory: partial[ResponseHandler] = partial(_bounded, loop=self._loop)


class _Bounded(ResponseHandler):
    informed = 0

    def feed_data(self, data: Any, size: int = 0) -> None:  # noqa: ANN401  # because it is the parent's
        if data[0].code in _INFORMATIONAL:
            self.informed += 1
            if self.informed > INFORMED_MOST:
                self._end()
                return
        else:
            self.informed = 0
        super().feed_data(data, size)

    def _end(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()
            self.set_exception(HttpProcessingError(code=400, message="too many informational answers"))


def _bounded(*, loop: AbstractEventLoop) -> ResponseHandler:
    return _Bounded(loop)

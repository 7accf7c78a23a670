"""The Apprise channel: chat services and pagers, each send in a thread of its own, and no address in any word of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from stillframe.errors import ConfigurationError
from stillframe.model.delivery import Failed, Letter, Result, Sent

if TYPE_CHECKING:
    from apprise import Apprise, AppriseResult, NotifyBase

TIMEOUT_SECONDS: Final = 20.0
_log = logging.getLogger("apprise")
"""Apprise's own: what it says of one send is read from its result, and it says addresses."""
_STATUS: Final = re.compile(r"\berror=(\d{3})\b")
_FORMATTING: Final = re.compile(r"[*`\[\]~\\<>|]|(?<![^\W_])_+|_+(?![^\W_])")
_UNCONNECTED: Final = re.compile(r"\bconnection error\b", re.IGNORECASE)


class AppriseChannel:
    """
    Sends a channel's documents to one service that Apprise knows.

    Apprise says that a send did not succeed, and why only in its log, which may name the address: no more is taken from
    there than a status. One message at a time goes to a service, since most of them count how many come at once.

    A thread cannot be stopped. A send that outlasts `timeout_seconds`, the wait for the one before it included, ends
    with an unknown outcome, and nothing else goes to its service before its thread has ended too.

    Shape   `url`: one Apprise URL; it is the operator's word, so its address is not checked.
    Errors  ConfigurationError, which never holds the URL: Apprise is not installed, or cannot use it.
    Source  https://appriseit.com/.
    """

    def __init__(self, *, name: str, url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._service = _service(name, url)
        self._apprise = _speaking_to(self._service)
        self._timeout_seconds = timeout_seconds
        self._turn = asyncio.Semaphore(1)

    @property
    def overflow(self) -> str:
        """What becomes of a text that is too long for the service: `truncate`, `split` or `upstream`."""
        return str(self._service.overflow_mode.value)

    async def send(self, letter: Letter) -> Result:
        """Hand the letter to the service once, and return how that ended."""
        try:
            said = self.arguments(json.loads(letter.body))
        except (ValueError, KeyError, TypeError):
            return Failed(detail="the letter is no document of a channel", permanent=True)
        ended: asyncio.Future[Result] | None = None
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await self._turn.acquire()
                ended = self._begin(said)
                return await asyncio.shield(ended)
        except TimeoutError:
            if ended is None:
                return Failed(detail=f"not sent: the message before it has no end after {self._timeout_seconds:g} s")
            return Failed(detail=f"no end within {self._timeout_seconds:g} s", unknown=True)

    async def close(self) -> None:
        """Let go of the service; a thread that hangs ends with the process."""
        self._apprise.clear()

    def arguments(self, document: Mapping[str, str]) -> dict[str, Any]:
        """Return what Apprise is given: Markdown for a service that shows it or HTML, else plain text."""
        from apprise import NotifyFormat

        is_plain = self._service.resolve_format(NotifyFormat.MARKDOWN) == NotifyFormat.TEXT
        is_blended = self._service.title_maxlen <= 0 and not is_plain
        return {
            "title": harmless(document["title"]) if is_blended else document["title"],
            "body": document["text"] if is_plain else document["markdown"],
            "body_format": NotifyFormat.TEXT if is_plain else NotifyFormat.MARKDOWN,
            "notify_type": document["type"],
        }

    def _begin(self, said: Mapping[str, Any]) -> asyncio.Future[Result]:
        """Start a thread that sends; it is of no pool, since the end of a process waits for those."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[Result] = loop.create_future()

        def end(result: Result) -> None:
            self._turn.release()
            if not ended.done():
                ended.set_result(result)

        def run() -> None:
            result = self._sent(said)
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(end, result)

        threading.Thread(target=run, name="stillframe-channel", daemon=True).start()
        return ended

    def _sent(self, said: Mapping[str, Any]) -> Result:
        try:
            with self._apprise.notify(**said) as result:
                return Sent() if result else _failed(self._service, result)
        except Exception as error:  # noqa: BLE001  # because a service's plugin may raise anything, in words that may hold the address
            return Failed(detail=f"{_called(self._service)} failed: {type(error).__name__}", unknown=True)


def harmless(title: str) -> str:
    """
    Return a title without what would format where a service puts it into its Markdown.

    It is not escaped: inside the bold type of Telegram's Markdown no escape is known, and one star too many refuses the
    whole message.

    >>> harmless("Car_riers *x* [a](b) _y_")
    'Car_riers x a(b) y'
    """
    return _FORMATTING.sub("", title)


def _service(name: str, url: str) -> NotifyBase:
    try:
        from apprise import Apprise, AppriseAsset, OverflowMode
    except ImportError:
        raise ConfigurationError(
            f"channels.{name}.url: this kind of channel needs the extra `channels`: install stillframe[channels]"
        ) from None
    _hush()
    asset = AppriseAsset(
        app_id="Stillframe",
        app_desc="Stillframe",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        http_redirects=False,
        storage_mode="memory",
        allow_templates=False,
        service_timeout=0,
    )
    _log.disabled = True
    try:
        service = Apprise.instantiate(url, asset=asset)
    finally:
        _log.disabled = False
    if service is None:
        raise ConfigurationError(
            f"channels.{name}.url: Apprise cannot use this URL: look up how the URL of your service is written, and "
            "whether it needs a package that is not installed"
        )
    if "overflow=" not in url.lower():
        # One notice is one message: what is too long for a service is cut, and not spread over thirty short messages.
        service.overflow_mode = OverflowMode.TRUNCATE
    return service


def _hush() -> None:
    """Keep what Apprise and its HTTP client say of addresses out of every log."""
    _log.setLevel(logging.WARNING)
    _log.propagate = False
    if not _log.handlers:
        _log.addHandler(logging.NullHandler())
    logging.getLogger("urllib3").setLevel(logging.ERROR)


def _speaking_to(service: NotifyBase) -> Apprise:
    from apprise import Apprise

    return Apprise(service, asset=service.asset)


def _failed(service: NotifyBase, result: AppriseResult) -> Failed:
    said = " ".join(entry.message for entry in result.logs())
    status = _STATUS.search(said)
    if status is not None:
        return Failed(detail=f"{_called(service)} answered {status[1]}", status=int(status[1]))
    if _UNCONNECTED.search(said):
        return Failed(detail=f"{_called(service)}: the connection failed", unknown=True)
    return Failed(detail=f"{_called(service)} did not take it")


def _called(service: NotifyBase) -> str:
    return str(service.service_name)

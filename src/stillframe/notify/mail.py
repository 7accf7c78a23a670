"""The mail channel: one mail at a time over one connection to the operator's mail server."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Final, Literal, TypeAlias

import aiosmtplib

from stillframe.model.delivery import Failed, Letter, Result, Sent

Security: TypeAlias = Literal["starttls", "tls", "none"]

TIMEOUT_SECONDS: Final = 20.0
IDLE_SECONDS: Final = 5.0
"""So long a connection is kept for the next mail; a server closes idle ones, and a mail into a closed one is tried
twice for nothing."""
_DRAIN_PAUSE_SECONDS: Final = 0.01
_HANG_UP_SECONDS: Final = 1.0
_START_INPUT: Final = 354
_CLOSING: Final = 421
_NO_SUCH_MAILBOX_NAME: Final = 553
_SUCCESS: Final = range(200, 300)
_PERMANENT: Final = range(500, 600)
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")
"""The code of RFC 3463, which names the cause and nobody's address."""
_LINE_BEGINS_WITH_DOT = re.compile(rb"(?m)^\.")
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """
    The mail server that an operator named.

    Shape   `sender`: the address that mail comes from, with or without a name. `tls`: None for the machine's own
            certificates.
    Units   `timeout_seconds` holds for one try, from the connection to the answer to the last dot.
    """

    host: str
    port: int
    sender: str
    security: Security = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_seconds: float = TIMEOUT_SECONDS
    tls: ssl.SSLContext | None = None


class _Refused(Exception):
    """The server said no at one step of the conversation."""

    def __init__(self, step: str, *, code: int, message: str = "", permanent: bool = False) -> None:
        found = _ENHANCED.match(message.strip())
        super().__init__(f"{step}: {code}{f' {found[0]}' if found else ''}")
        self.code = code
        self.permanent = permanent and code in _PERMANENT


class _Unable(Exception):
    """The conversation cannot be had as the settings ask for it."""


@dataclass(slots=True)
class _Progress:
    """How far one try has come."""

    dot_is_out: bool = False
    """From here on the server may have taken the mail, whatever we hear."""


@dataclass(frozen=True, slots=True)
class _Gone:
    """The connection was lost before the mail could have been taken; over a new one it can be sent at once."""

    failed: Failed


class MailChannel:
    """
    Sends letters as mail.

    Mails take turns on one connection, which is kept while there is work and opened anew when it broke; a mail that
    finds a kept connection dead is sent over a new one at once. A server's 4xx is tried again; 5xx is permanent where
    it is about the recipient or the content, and not where it is about the operator's own settings (connection,
    sign-in, sender), which somebody may mend. A failure after the last dot is `unknown` unless the server answered.

    Source  RFC 5321 sections 4.1.1.4 and 4.2.1; docs/howto/send-mail.md.
    """

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._sender = parseaddr(server.sender)[1]
        self._turn = asyncio.Lock()
        self._client: aiosmtplib.SMTP | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._leaving: asyncio.Task[None] | None = None

    async def send(self, letter: Letter) -> Result:
        """Send the mail once, and return how that ended."""
        async with self._turn:
            self._stop_idling()
            is_kept = self._client is not None
            result = await self._try(letter)
            if is_kept and isinstance(result, _Gone):
                result = await self._try(letter)
            self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._leave)
        return result.failed if isinstance(result, _Gone) else result

    async def close(self) -> None:
        """Say goodbye and let go of the connection."""
        self._stop_idling()
        if self._leaving is not None:
            await self._leaving
        await self._hang_up()

    async def _try(self, letter: Letter) -> Result | _Gone:
        progress = _Progress()
        seconds = self._server.timeout_seconds
        try:
            async with asyncio.timeout(seconds), self._kept_in_step():
                return Sent(status=await self._converse(await self._connected(), letter, progress))
        except _Refused as error:
            refused = Failed(detail=str(error), status=error.code, permanent=error.permanent)
            return _Gone(refused) if error.code == _CLOSING and not progress.dot_is_out else refused
        except _Unable as error:
            return Failed(detail=str(error))
        except TimeoutError:
            word = "no answer after the mail was sent" if progress.dot_is_out else "the mail was not taken"
            return Failed(detail=f"{word} within {seconds:g} s", unknown=progress.dot_is_out)
        except aiosmtplib.SMTPServerDisconnected:
            if progress.dot_is_out:
                return Failed(detail="the connection broke after the mail was sent", unknown=True)
            return _Gone(Failed(detail="the connection broke before the mail was sent"))
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return Failed(detail=_broken(error), unknown=progress.dot_is_out)

    @asynccontextmanager
    async def _kept_in_step(self) -> AsyncIterator[None]:
        """Let go of a connection on which an answer may still come that nobody waits for."""
        try:
            yield
        except _Refused:
            raise
        except BaseException:
            self._drop()
            raise

    async def _connected(self) -> aiosmtplib.SMTP:
        """Return the connection, opened, encrypted and signed in."""
        if self._client is not None and self._client.is_connected:
            return self._client
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=server.tls,
            timeout=server.timeout_seconds,
        )
        self._client = client
        try:
            await client.connect()
            if server.username is not None:
                await self._sign_in(client, server.username, server.password or "")
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except aiosmtplib.SMTPResponseException as error:
            self._drop()
            raise _Refused("the server refused the connection", code=error.code, message=error.message) from None
        except aiosmtplib.SMTPException as error:
            if type(error) is aiosmtplib.SMTPException:
                raise _Unable("the server offers no STARTTLS") from None
            raise
        return client

    async def _sign_in(self, client: aiosmtplib.SMTP, username: str, password: str) -> None:
        try:
            await client.login(username, password)
        except aiosmtplib.SMTPAuthenticationError as error:
            self._drop()
            raise _Refused("the server refused the sign-in", code=error.code, message=error.message) from None
        except aiosmtplib.SMTPException as error:
            if type(error) is aiosmtplib.SMTPException:
                raise _Unable("the server offers no sign-in on this connection") from None
            raise

    async def _converse(self, client: aiosmtplib.SMTP, letter: Letter, progress: _Progress) -> int:
        """Hand over one mail, and return the code of the server's last answer."""
        is_plain = letter.address.isascii()
        if not is_plain and not client.supports_extension("smtputf8"):
            step = "the server takes no address with letters beyond ASCII"
            raise _Refused(step, code=_NO_SUCH_MAILBOX_NAME, permanent=True)
        body = _as_transmitted(letter.body)
        options = [f"SIZE={len(body)}"] if client.supports_extension("size") else []
        encoding = "ascii" if is_plain else "utf-8"
        try:
            await client.mail(self._sender, options=options if is_plain else [*options, "SMTPUTF8"], encoding=encoding)
            await client.rcpt(letter.address, encoding=encoding)
            return await _hand_over(client, body, progress)
        except aiosmtplib.SMTPSenderRefused as error:
            raise _Refused("the sender was refused", code=error.code, message=error.message) from None
        except aiosmtplib.SMTPRecipientRefused as error:
            refused = _Refused("the recipient was refused", code=error.code, message=error.message, permanent=True)
            await self._reset(client)
            raise refused from None
        except _Refused:
            await self._reset(client)
            raise

    async def _reset(self, client: aiosmtplib.SMTP) -> None:
        """Take the server back to where the next mail begins."""
        try:
            await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            self._drop()

    def _stop_idling(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _leave(self) -> None:
        self._leaving = asyncio.get_running_loop().create_task(self._leave_in_turn())

    async def _leave_in_turn(self) -> None:
        async with self._turn:
            await self._hang_up()

    async def _hang_up(self) -> None:
        if self._client is not None and self._client.is_connected:
            with suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit(timeout=_HANG_UP_SECONDS)
        self._drop()

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


async def _hand_over(client: aiosmtplib.SMTP, body: bytes, progress: _Progress) -> int:
    """
    Send the content, its last dot apart from the rest, so that what breaks before it is known not to have arrived.

    Errors  _Refused; SMTPServerDisconnected.
    """
    answer = await client.execute_command(b"DATA")
    if answer.code != _START_INPUT:
        raise _Refused("the mail was refused", code=answer.code, message=answer.message, permanent=True)
    protocol, transport = client.protocol, client.transport
    if protocol is None or not isinstance(transport, asyncio.WriteTransport):
        raise aiosmtplib.SMTPServerDisconnected("the connection was lost")
    protocol.write(body)
    await asyncio.sleep(0)
    while client.is_connected and transport.get_write_buffer_size():  # noqa: ASYNC110  # because a transport has no event for it
        await asyncio.sleep(_DRAIN_PAUSE_SECONDS)
    protocol.write(b".\r\n")
    progress.dot_is_out = True
    answer = await protocol.read_response()
    if answer.code not in _SUCCESS:
        raise _Refused("the mail was refused", code=answer.code, message=answer.message, permanent=True)
    return answer.code


def _as_transmitted(body: bytes) -> bytes:
    """
    Return content as it goes over the line: lines end with CR LF, and one that begins with a dot has another.

    Source  RFC 5321 section 4.5.2.
    """
    lines = _LINE_END.sub(b"\r\n", body)
    return _LINE_BEGINS_WITH_DOT.sub(b"..", lines if lines.endswith(b"\r\n") else lines + b"\r\n")


def _broken(error: Exception) -> str:
    """Name what went wrong without the error's own text, which may hold an address or what the server said."""
    cause = error.__cause__ if isinstance(error, aiosmtplib.SMTPConnectError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "the TLS certificate of the mail server is not valid"
    if isinstance(cause, ssl.SSLError):
        return "TLS with the mail server failed"
    if isinstance(cause, socket.gaierror):
        return "the name of the mail server does not resolve"
    if isinstance(error, aiosmtplib.SMTPConnectError):
        number = cause.errno if isinstance(cause, OSError) else None
        return (
            f"no connection to the mail server: {os.strerror(number)}" if number else "no connection to the mail server"
        )
    return f"the mail could not be sent: {type(error).__name__}"

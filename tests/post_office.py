"""A real mail server for tests: it takes mail over a real socket, or refuses, breaks and dawdles where told to."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeAlias, cast

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
USER, PASSWORD = "frames", "pass-w0rd-canary"
_WAIT_SECONDS = 10.0

Step: TypeAlias = Literal["CONNECT", "MAIL", "RCPT", "DATA", "CONTENT", "DOT"]
"""`DATA`: the command; `CONTENT`: while the content comes; `DOT`: when all of it has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Answer one step with this line, which refuses it."""

    at: Step
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Reset the connection at one step, without an answer."""

    at: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Dawdle:
    """Let one step wait."""

    at: Step
    seconds: float


Behaviour: TypeAlias = Say | Break | Dawdle | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One mail as it came in."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    encrypted: bool
    user: str | None
    connection: int

    @property
    def message(self) -> EmailMessage:
        return cast(EmailMessage, message_from_bytes(self.content, policy=default))


class Mailbox:
    """
    A mail server on this machine, in a thread of its own.

    Shape   `behaviours`: one for each mail that begins, the last one for all after it; None takes it. `security`: as
            the client calls it. `certificate`: of a server with STARTTLS or TLS. `sign_in`: whether mail needs it.
    """

    def __init__(
        self,
        *behaviours: Behaviour,
        security: Literal["starttls", "tls", "none"] = "none",
        certificate: Certificate | None = None,
        sign_in: bool = False,
        utf8: bool = True,
    ) -> None:
        self._behaviours: list[Behaviour] = list(behaviours)
        self._security = security
        self._certificate = certificate
        self.sign_in = sign_in
        self._utf8 = utf8
        self._changed = threading.Condition()
        self._arrived: list[Arrived] = []
        self.connections = 0
        self.begun = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="test-mailbox", daemon=True)
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.sessions: set[_Session] = set()

    def __enter__(self) -> Mailbox:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(_WAIT_SECONDS)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_WAIT_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_WAIT_SECONDS)
        self._loop.close()

    @property
    def arrived(self) -> tuple[Arrived, ...]:
        """Every mail that was taken, in order."""
        with self._changed:
            return tuple(self._arrived)

    def wait_for(self, count: int) -> tuple[Arrived, ...]:
        """Return the mails once there are so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._arrived) >= count, _WAIT_SECONDS), len(self._arrived)
            return tuple(self._arrived)

    def behave(self, *behaviours: Behaviour) -> None:
        """Behave in another way from the next mail on."""
        with self._changed:
            self._behaviours = list(behaviours)

    def settings(self, **more: Any) -> dict[str, Any]:
        """Return the section `[smtp]` that names this server."""
        return {"host": HOST, "port": self.port, "security": self._security, "sender": "frames@example.org", **more}

    def drop_connections(self) -> None:
        """Close every connection, as a server does with those that are idle."""

        def drop() -> None:
            for session in list(self.sessions):
                session.shut()

        self._loop.call_soon_threadsafe(drop)
        until = time.monotonic() + _WAIT_SECONDS
        while self.sessions and time.monotonic() < until:
            time.sleep(0.01)

    def next_behaviour(self) -> Behaviour:
        with self._changed:
            self.begun += 1
            if not self._behaviours:
                return None
            return self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]

    def take(self, mail: Arrived) -> None:
        with self._changed:
            self._arrived.append(mail)
            self._changed.notify_all()

    async def _open(self) -> None:
        tls = None if self._certificate is None else self._certificate.server_context()
        self._server = await self._loop.create_server(
            lambda: _Session(
                self,
                tls_context=tls if self._security == "starttls" else None,
                auth_require_tls=self._security != "tls",
                # Over TLS from the first byte the library does not see the encryption, and would refuse to be asked.
                auth_required=self.sign_in and self._security == "starttls",
                authenticator=_authenticate,
                enable_SMTPUTF8=self._utf8,
                hostname="mail.example.org",
                loop=self._loop,
            ),
            sock=self._listener,
            ssl=tls if self._security == "tls" else None,
        )

    async def _close(self) -> None:
        self._server.close()
        for session in list(self.sessions):
            session.shut()
        await asyncio.sleep(0.05)


class _Session(SMTP):
    """One connection."""

    def __init__(self, mailbox: Mailbox, **options: Any) -> None:
        super().__init__(self, **options)
        self._mailbox = mailbox
        self._behaviour: Behaviour = None
        self._number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self.transport is None:
            self._mailbox.connections += 1
            self._number = self._mailbox.connections
            self._mailbox.sessions.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._mailbox.sessions.discard(self)

    def shut(self) -> None:
        if self.transport is not None:
            cast(asyncio.Transport, self.transport).abort()

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802  # because the library finds it by this name
        self._behaviour = self._mailbox.next_behaviour()
        if not await self._misbehaves("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802  # because the library finds it by this name
        if not await self._misbehaves("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  # because the library finds it by this name
        if await self._misbehaves("DATA"):
            return
        if isinstance(self._behaviour, Break) and self._behaviour.at == "CONTENT":
            await self.push("354 go on")
            self.shut()
            return
        await super().smtp_DATA(arg)

    async def handle_DATA(self, *_: Any) -> str:  # noqa: N802  # because the library finds it by this name
        assert self.envelope is not None
        assert self.session is not None
        if isinstance(self._behaviour, Say) and self._behaviour.at == "DOT":
            return self._behaviour.line
        self._mailbox.take(
            Arrived(
                sender=self.envelope.mail_from or "",
                recipients=tuple(self.envelope.rcpt_tos),
                content=cast(bytes, self.envelope.content),
                encrypted=self.session.ssl is not None or self.transport_is_tls,
                user=cast(LoginPassword, self.session.auth_data).login.decode() if self.session.auth_data else None,
                connection=self._number,
            )
        )
        if isinstance(self._behaviour, Break) and self._behaviour.at == "DOT":
            self.shut()
        if isinstance(self._behaviour, Dawdle) and self._behaviour.at == "DOT":
            await asyncio.sleep(self._behaviour.seconds)
        return "250 2.0.0 taken"

    @property
    def transport_is_tls(self) -> bool:
        return self.transport is not None and self.transport.get_extra_info("sslcontext") is not None

    async def _misbehaves(self, step: Step) -> bool:
        found = self._behaviour
        if found is None or found.at != step:
            return False
        if isinstance(found, Dawdle):
            await asyncio.sleep(found.seconds)
            return False
        if isinstance(found, Break):
            self.shut()
        else:
            await self.push(found.line)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate that this test made itself, for 127.0.0.1, and its key."""

    path: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path)
        return context

    def client_context(self) -> ssl.SSLContext:
        """Return the context of a client that trusts it."""
        return ssl.create_default_context(cafile=str(self.path))


def new_certificate(folder: Path) -> Certificate:
    """Make a certificate that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return Certificate(path=path)


def _authenticate(server: object, session: object, envelope: object, mechanism: str, auth_data: Any) -> AuthResult:
    is_known = auth_data.login.decode() == USER and auth_data.password.decode() == PASSWORD
    return AuthResult(success=is_known, handled=False, auth_data=auth_data)

"""A server that a command asks over HTTP: one request, one answer, and the token to nobody else."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, urlencode, urlsplit

from stillframe import __version__
from stillframe.cli.form import Form, form_of
from stillframe.cli.output import one_line
from stillframe.cli.problems import error_in
from stillframe.errors import InvalidInput, ServerUnreachable, StillframeError

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 300.0
"""A snapshot answers when its sources have; each may be given minutes."""
RETRY_DELAYS_SECONDS = (0.25, 1.0)
RUNNING_ASKED_MOST = 60
"""How often a request is sent again that the server still works at, after the connection to it broke."""
_PORTS = {"http": 80, "https": 443}
_HUNG_UP = (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
_BROKEN = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError, http.client.HTTPException)

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a server is."""

    scheme: Literal["http", "https"]
    host: str
    port: int
    prefix: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.prefix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered."""

    status: int
    media_type: str
    body: bytes = field(repr=False)
    retry_after_seconds: float | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """
    A server and the token that it knows the caller by.

    Errors  What the server's problem documents say; ServerUnreachable for a server that does not answer, answers with a
            redirect, or is not Stillframe.
    """

    address: Address
    token: str = field(repr=False)

    def read(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the document at a path; members of `query` that are None are left out."""
        return self._document(self._repeated("GET", path + _query(query or {})))

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """
        Have something done once and return its document.

        A broken connection says nothing of what was done before it broke. So each request has a key of its own, and
        sent again under it, it is answered with what the first one did.
        """
        return self._document(self._keyed(path, body))

    def post_files(self, path: str, request: Mapping[str, Any], files: Sequence[tuple[str, Path]]) -> dict[str, Any]:
        """
        Have something done once with files, each under the name beside it, and return its document.

        The files are read while they are sent. Where the connection broke they are read and sent again, under the same
        key.

        Errors  InvalidInput for a file that cannot be read, or became shorter while it was sent.
        """
        form = form_of(request, files)
        headers = {
            "Idempotency-Key": uuid.uuid4().hex,
            "Content-Type": form.content_type,
            "Content-Length": str(form.length),
        }
        return self._document(self._repeated("POST", path, headers=headers, data=form))

    def download(self, path: str, body: Mapping[str, Any]) -> bytes:
        """Have something made, and return it byte for byte."""
        return self._keyed(path, body).body

    def change(self, method: Literal["PUT", "PATCH"], path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Have something changed and return its document; done twice it is the same change."""
        data = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        return self._document(self._repeated(method, path, headers=headers, data=data))

    def delete(self, path: str) -> None:
        """Have something taken away; not repeated, because a second one would find nothing."""
        try:
            self._checked(self._once("DELETE", path, headers={}, data=None))
        except _Broken as error:
            raise self._unreachable(f"{error}; whether it was done, a list will say") from error

    def _keyed(self, path: str, body: Mapping[str, Any] | None) -> Answer:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        if body is None:
            return self._repeated("POST", path, headers=headers)
        data = json.dumps(body, ensure_ascii=False).encode()
        return self._repeated("POST", path, headers=headers | {"Content-Type": "application/json"}, data=data)

    def _repeated(
        self, method: Method, path: str, *, headers: Mapping[str, str] | None = None, data: bytes | Form | None = None
    ) -> Answer:
        """Send what may be sent twice, and send it again where the connection broke."""
        delays = iter(RETRY_DELAYS_SECONDS)
        asked_again = 0
        while True:
            try:
                answer = self._once(method, path, headers=headers or {}, data=data)
            except _Broken as error:
                delay = next(delays, None)
                if delay is None:
                    raise self._unreachable(str(error)) from error
                asked_again += 1
                time.sleep(delay)
                continue
            # The first one still runs: its answer is worth waiting for, and no key but ours is meant.
            if answer.status == 409 and answer.retry_after_seconds and 0 < asked_again <= RUNNING_ASKED_MOST:
                asked_again += 1
                time.sleep(answer.retry_after_seconds)
                continue
            return self._checked(answer)

    def _once(self, method: Method, path: str, *, headers: Mapping[str, str], data: bytes | Form | None) -> Answer:
        connection = _connection(self.address)
        try:
            self._connect(connection)
            try:
                # A server that refuses a body before it has read it answers and hangs up: its answer is what counts.
                with suppress(*_HUNG_UP):
                    connection.request(method, self.address.prefix + path, body=data, headers=self._headers(headers))
                return _answer(connection.getresponse())
            except TimeoutError as error:
                raise self._unreachable(f"no answer within {ANSWER_SECONDS:g} seconds") from error
            except _BROKEN as error:
                raise _Broken(f"the connection broke ({type(error).__name__})") from error
        finally:
            connection.close()

    def _connect(self, connection: http.client.HTTPConnection) -> None:
        try:
            connection.connect()
        except ssl.SSLCertVerificationError as error:
            raise self._unreachable(f"its certificate is not trusted: {error.verify_message}") from error
        except OSError as error:
            raise self._unreachable(error.strerror or str(error) or type(error).__name__) from error
        except (UnicodeError, ValueError) as error:
            raise self._unreachable("its name is none") from error
        connection.sock.settimeout(ANSWER_SECONDS)

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/json",
            "User-Agent": f"stillframe/{__version__}",
            **more,
        }

    def _checked(self, answer: Answer) -> Answer:
        if answer.is_success:
            return answer
        raise error_in(answer.body, status=answer.status, media_type=answer.media_type) or self._stranger(answer)

    def _document(self, answer: Answer) -> dict[str, Any]:
        try:
            document = json.loads(answer.body)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise self._stranger(answer)
        return document

    def _stranger(self, answer: Answer) -> StillframeError:
        if 300 <= answer.status < 400:
            return self._unreachable("it answers with a redirect, which is not followed: name the address it leads to")
        kind = one_line(answer.media_type) or "nothing"
        return self._unreachable(f"it does not answer as Stillframe does (HTTP {answer.status}, {kind})")

    def _unreachable(self, why: str) -> ServerUnreachable:
        return ServerUnreachable(f"{self.address} cannot be asked: {one_line(why)}")


class _Broken(Exception):
    """The connection broke after it was made: nobody knows whether the request was carried out."""


def server_at(url: str, *, token: str | None) -> Server:
    """
    Return the server that an address names.

    Errors  InvalidInput for what is no http or https address, holds a name, a password or a query, and for a missing
            token; the token is never shown.
    """
    address = address_in(url)
    if not token:
        raise InvalidInput.at(
            "STILLFRAME_TOKEN", f"set it to a token of {address}: `stillframe token create` makes one"
        )
    if not token.isascii() or not token.isprintable() or " " in token:
        raise InvalidInput.at("STILLFRAME_TOKEN", "this is no token: a token is ASCII letters, digits, _ and -")
    return Server(address=address, token=token)


def address_in(url: str) -> Address:
    """
    Return the address that a URL gives.

    Errors  InvalidInput; what may be a password is not repeated.

    >>> str(address_in("https://stillframe.example.org/"))
    'https://stillframe.example.org'
    >>> address_in("http://[::1]:8000/dashboards").prefix
    '/dashboards'
    """
    try:
        parts = urlsplit(url.strip())
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        raise _no_address() from None
    if scheme not in _PORTS or not host or not _is_plain(parts):
        raise _no_address()
    return Address(
        scheme="https" if scheme == "https" else "http",
        host=host,
        port=_PORTS[scheme] if port is None else port,
        prefix=parts.path.rstrip("/"),
    )


def _is_plain(parts: SplitResult) -> bool:
    extras = (parts.query, parts.fragment, parts.username, parts.password)
    text = parts.netloc + parts.path
    return not any(extras) and text.isascii() and text.isprintable() and " " not in text


def _no_address() -> InvalidInput:
    return InvalidInput.at(
        "--server",
        "an address is expected such as https://stillframe.example.org, with no name, password or query in it",
    )


def _connection(address: Address) -> http.client.HTTPConnection:
    if address.scheme == "http":
        return http.client.HTTPConnection(address.host, address.port, timeout=CONNECT_SECONDS)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(address.host, address.port, timeout=CONNECT_SECONDS, context=context)


def _answer(response: http.client.HTTPResponse) -> Answer:
    body = response.read()
    after = response.headers.get("Retry-After", "")
    return Answer(
        status=response.status,
        media_type=response.headers.get_content_type() if body else "",
        body=body,
        retry_after_seconds=min(float(after), ANSWER_SECONDS) if after.isdecimal() else None,
    )


def _query(members: Mapping[str, Any]) -> str:
    said = {name: value for name, value in members.items() if value is not None}
    return f"?{urlencode(said, doseq=True)}" if said else ""

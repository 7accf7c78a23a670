"""Real servers on this machine that do what a network does: answer by a script, hang up, lose an answer."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

HANG_UP = b""
"""Read the request, then close the connection without a word."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One request as it arrived."""

    line: str
    headers: dict[str, str]
    body: bytes


def answer(status: int, document: Any = None, **headers: str) -> bytes:
    """The bytes of an answer with a JSON body."""
    body = json.dumps(document or {}).encode()
    media_type = "application/problem+json" if status >= 400 else "application/json"
    said = {"Content-Type": media_type, "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in said.items())
    return f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + body


def problem(status: int, code: str, detail: str = "no", **more: Any) -> bytes:
    """The bytes of a problem document."""
    return answer(status, {"title": "No", "status": status, "detail": detail, "error_code": code, **more})


class ScriptedServer:
    """Plays `script`, one entry a connection; past its end it says an empty object."""

    def __init__(self, script: Sequence[bytes] = (), *, tls: ssl.SSLContext | None = None) -> None:
        self.sent: list[Sent] = []
        self._script = list(script)
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
                with connection if self._tls is None else self._tls.wrap_socket(connection, server_side=True) as open_:
                    self._converse(open_)
            except ssl.SSLError:
                continue
            except OSError:
                return

    def _converse(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as reader:
            line = reader.readline().decode().strip()
            pairs = iter(lambda: reader.readline().decode().strip(), "")
            headers = {name.lower(): value.strip() for name, _, value in (pair.partition(":") for pair in pairs)}
            body = reader.read(int(headers.get("content-length", 0)))
            self.sent.append(Sent(line=line, headers=headers, body=body))
        connection.sendall(self._script.pop(0) if self._script else answer(200, {}))


class LosingProxy:
    """Stands before a server and carries every request to it, but loses the first `losses` answers on the way back."""

    def __init__(self, port: int, *, losses: int) -> None:
        self.carried = 0
        self._port = port
        self._losses = losses
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, socket.create_connection(("127.0.0.1", self._port)) as beyond:
                beyond.sendall(_whole_message(connection))
                answered = _whole_message(beyond)
                self.carried += 1
                if self.carried > self._losses:
                    connection.sendall(answered)


def _whole_message(connection: socket.socket) -> bytes:
    """One message of HTTP: its head, and as much as its Content-Length says."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65_536)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().splitlines() if line.startswith(b"content-length:")]
    while len(body) < int(lengths[0] if lengths else 0):
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body

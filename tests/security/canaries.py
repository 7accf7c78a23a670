"""Canaries: listeners on every address of this machine, at several ports, that count whoever connects."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType

WEB_PORT = 80
_PORTS_OF_THEIR_OWN = 3
_QUIET_SECONDS = 0.3


class Canaries:
    """
    Listeners on all IPv4 and IPv6 addresses, inside `with`: loopback, and whatever else this machine is known by.

    They answer nothing. Port 80 is among theirs where this user may have it, since many spellings leave no room for
    another one.
    """

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._connects: list[str] = []
        self._listeners: list[socket.socket] = []
        self.ports: list[int] = []

    @property
    def connects(self) -> list[str]:
        """Every connect so far, by the address and port that it came to; what is under way is waited for."""
        self._stopping.wait(_QUIET_SECONDS)
        with self._lock:
            return list(self._connects)

    def port(self, number: int) -> int:
        """Return one of the ports, in turns."""
        own = [port for port in self.ports if port != WEB_PORT]
        return own[number % len(own)]

    def __enter__(self) -> Canaries:
        with contextlib.suppress(OSError):
            self._listen(WEB_PORT)
        for _ in range(_PORTS_OF_THEIR_OWN):
            self._listen(0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _listen(self, port: int) -> None:
        both = socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if both else socket.AF_INET
        listener = socket.create_server(("", port), family=family, backlog=256, dualstack_ipv6=both)
        self._listeners.append(listener)
        self.ports.append(listener.getsockname()[1])
        threading.Thread(target=self._count, args=(listener,), name="canary", daemon=True).start()

    def _count(self, listener: socket.socket) -> None:
        while not self._stopping.is_set():
            try:
                opened, _ = listener.accept()
            except OSError:
                return
            with opened:
                came_to = opened.getsockname()
                with self._lock:
                    self._connects.append(f"{came_to[0]} {came_to[1]}")

"""Receivers that misbehave, each kind on a port of its own, in a process of its own."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.servers import HOST, free_port, process
from stillframe.testing import Answer, Behaviour, Drip, Endless, Hang, Raw, Reset, WebhookReceiver

_ODD_WAITS = ("soon", "-1", "1e9", "99999999999999999999", "", "0", "Thu, 99 Foo 2026 99:99:99 GMT", "\u0661\u0662")
KINDS: Mapping[str, Sequence[Behaviour]] = {
    "hangs": (Hang(),),
    "drips in the head": (Drip(in_head=True),),
    "drips in the body": (Drip(in_head=False),),
    "answers without end": (Endless(),),
    "fails without end": (Endless(status=500),),
    "resets after reading": (Reset(),),
    "redirects": (Answer(status=307, headers={"Location": f"http://{HOST}:9/elsewhere"}),),
    "is gone": (Answer(status=410),),
    "asks to wait oddly": tuple(
        Raw(content=f"HTTP/1.1 429 Slow\r\nRetry-After: {wait}\r\nContent-Length: 0\r\n\r\n".encode())
        for wait in _ODD_WAITS
    ),
    "speaks something else": (Raw(),),
    "says a head without end": (Raw(content=b"HTTP/1.1 200 OK\r\n" + b"X-More: and more\r\n" * 200_000),),
    "says wait without end": (Raw(content=b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100_000),),
    "promises a huge chunk": (Raw(content=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n"),),
}
"""What the process does on a port; the kinds below need no behaviour."""
SHOWN_FALSE_PAPERS = "has a certificate of nobody"
NO_TLS = "is asked for TLS and has none"
NEVER_ACCEPTS = "never accepts"
REFUSES = "refuses the connection"


@dataclass(frozen=True, slots=True, kw_only=True)
class Misbehaving:
    """
    Receivers that misbehave.

    Shape   `ports` by kind.
    """

    ports: Mapping[str, int]

    def address(self, number: int) -> str:
        """Return the URL of one of any number of receivers, the kinds in turns."""
        kind = list(self.ports)[number % len(self.ports)]
        scheme = "https" if kind in (SHOWN_FALSE_PAPERS, NO_TLS) else "http"
        return f"{scheme}://{HOST}:{self.ports[kind]}/{number}"


@contextmanager
def misbehaving() -> Iterator[Misbehaving]:
    """Run one of each kind in another process."""
    kinds = [*KINDS, SHOWN_FALSE_PAPERS, NO_TLS, NEVER_ACCEPTS]
    ports = {kind: free_port() for kind in [*kinds, REFUSES]}
    with process("-m", "bench.misbehaving", *(str(ports[kind]) for kind in kinds), port=ports[NO_TLS]):
        yield Misbehaving(ports=ports)


def papers(folder: Path) -> ssl.SSLContext:
    """Return a server's TLS with a certificate that nobody vouches for."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody.example.org")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "papers.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def main() -> None:
    """Misbehave on the ports given, in the order of the kinds, until told to stop."""
    numbers = [int(word) for word in sys.argv[1:]]
    with ExitStack() as stack, TemporaryDirectory() as folder:
        for behaviours, port in zip(KINDS.values(), numbers, strict=False):
            stack.enter_context(WebhookReceiver(*[*behaviours] * 1_000, port=port))
        false_papers, no_tls, never_accepts = numbers[len(KINDS) :]
        stack.enter_context(WebhookReceiver(tls=papers(Path(folder)), port=false_papers))
        deaf = stack.enter_context(socket.create_server((HOST, never_accepts), backlog=1))
        assert deaf.fileno() >= 0
        stack.enter_context(WebhookReceiver(port=no_tls))
        threading.Event().wait()


if __name__ == "__main__":
    main()

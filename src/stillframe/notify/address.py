"""The address check: what a user may name as a receiver, and what a socket may be opened to."""

from __future__ import annotations

import errno
import re
import socket
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address
from typing import Any, Final, TypeAlias
from urllib.parse import SplitResult, quote, urlsplit

import idna
from yarl import URL

from stillframe.errors import AddressRefused
from stillframe.notify.networks import Address, denial

SCHEME_PORTS: Final = {"http": 80, "https": 443}
LONGEST_URL_CHARACTERS: Final = 2048
LONGEST_HOST_CHARACTERS: Final = 253
HIGHEST_PORT: Final = 65_535
HEARD_AT_ONCE_BYTES: Final = 32 * 1024
PRIVATE_SUFFIXES: Final = frozenset(
    {
        "corp",
        "home",
        "home.arpa",
        "internal",
        "intranet",
        "invalid",
        "lan",
        "local",
        "localdomain",
        "localhost",
        "onion",
    }
    | {"private", "test"}
)
"""Names that are nobody's in the public DNS. Source: RFC 6761, 6762 appendix G, 7686, 8375; ICANN's .internal."""

AddrInfo: TypeAlias = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]
SocketFactory: TypeAlias = Callable[[AddrInfo], socket.socket]

_REFUSED_TEXT: Final = "the address is not allowed"
_DIGITS: Final = re.compile(r"[0-9]+")
_NUMBER: Final = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))
"""What stands in a path or query as it was typed; the rest is percent-encoded as UTF-8."""
_IPV4_BITS: Final = 32
_IPV4_PARTS: Final = 4
_OCTET_LIMIT: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPolicy:
    """What this installation allows a user to name."""

    allow_private_targets: bool = False
    """True for people on one network: loopback, private, shared and unique local addresses; names of no public DNS."""
    ports: Sequence[range] = (range(80, 81), range(443, 444), range(1024, HIGHEST_PORT + 1))
    """By default the two of the web, and those that need no privilege."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedURL:
    """A URL that passed the check, as it will be sent."""

    text: str = field(repr=False)
    """The whole URL; its path and query are often a credential."""
    scheme: str
    host: str
    """A name in ASCII, lower case, or an address in its canonical form."""
    port: int
    address: Address | None
    """Set when the host is an address and not a name."""


class AddressDenied(OSError):
    """A name led to an address that is on the deny table."""

    def __init__(self) -> None:
        # One text for all: where texts differ, the client joins the errors of several addresses into one plain OSError.
        super().__init__(errno.EACCES, _REFUSED_TEXT)


def check_url(text: str, *, policy: AddressPolicy) -> CheckedURL:
    """
    Return a URL in its one normal spelling, or refuse it.

    Every spelling of an IPv4 address that some client understands (decimal, octal, hexadecimal, fewer parts, full-width
    digits, a trailing dot) is read as that address, and decided as such. A name is decided twice: here by how it is
    written, and by `guarded_sockets` when it has become an address.

    Shape   `text` as a user typed it.
    Errors  AddressRefused with the reason; it names the host at most, never userinfo, path or query.
    Source  WHATWG URL, host parsing; RFC 5891; docs/reference, "Webhooks".

    >>> check_url("HTTPS://Example.ORG:443/hook?x=1", policy=AddressPolicy()).text
    'https://example.org/hook?x=1'
    >>> check_url("http://0x7f.1/", policy=AddressPolicy())
    Traceback (most recent call last):
    stillframe.errors.AddressRefused: Stillframe does not send to 127.0.0.1: loopback
    """
    parts = _split(text)
    host_text, port_text = _host_and_port(parts.netloc)
    host, address = _host(host_text)
    port = _port(port_text, scheme=parts.scheme)
    if not any(port in allowed for allowed in policy.ports):
        raise AddressRefused(f"port {port} is not allowed")
    if address is not None:
        reason = denial(address, allow_private=policy.allow_private_targets)
        if reason is not None:
            raise AddressRefused(f"Stillframe does not send to {address}: {reason}")
    elif not policy.allow_private_targets:
        _refuse_private_name(host)
    return CheckedURL(text=_joined(parts, host, port), scheme=parts.scheme, host=host, port=port, address=address)


def guarded_sockets(policy: AddressPolicy) -> SocketFactory:
    """
    Return what opens the client's sockets: none to a denied address, whichever name led there.

    It runs after the name was resolved and before the connect, with the very address of the connect, so there is no
    moment in which a name can change its mind (DNS rebinding).

    Errors  The factory raises AddressDenied.
    """

    def open_socket(info: AddrInfo) -> socket.socket:
        family, kind, protocol, _, target = info
        address = ip_address(target[0])
        if denial(address, allow_private=policy.allow_private_targets) is not None:
            raise AddressDenied
        opened = socket.socket(family=family, type=kind, proto=protocol)
        # What a receiver says is short; one that says much must not fill the memory of this process at once.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, HEARD_AT_ONCE_BYTES)
        return opened

    return open_socket


def _split(text: str) -> SplitResult:
    if len(text) > LONGEST_URL_CHARACTERS:
        raise AddressRefused(f"a URL has at most {LONGEST_URL_CHARACTERS} characters")
    if any(character == "\\" or _is_blank(character) for character in text):
        raise AddressRefused("a URL holds no space, no backslash and no control character")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise AddressRefused("this is not a URL") from None
    if parts.scheme not in SCHEME_PORTS:
        raise AddressRefused("a URL begins with http:// or https://")
    if not text[len(parts.scheme) :].startswith("://") or not parts.netloc:
        raise AddressRefused("the URL names no host")
    if "@" in parts.netloc:
        raise AddressRefused("the URL holds a user name or password; put a credential into the path or query")
    return parts


def _is_blank(character: str) -> bool:
    """Whether a character is white space, a control, a format character, or half a pair."""
    return character.isspace() or unicodedata.category(character) in {"Cc", "Cf", "Cs"}


def _host_and_port(netloc: str) -> tuple[str, str | None]:
    if netloc.startswith("["):
        host, closed, rest = netloc.partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise AddressRefused("the host is not valid")
        return host + closed, rest[1:] if rest else None
    host, colon, port = netloc.partition(":")
    return host, port if colon else None


def _port(text: str | None, *, scheme: str) -> int:
    if text is None:
        return SCHEME_PORTS[scheme]
    if not _DIGITS.fullmatch(text) or len(text) > len(str(HIGHEST_PORT)) or not 1 <= int(text) <= HIGHEST_PORT:
        raise AddressRefused(f"the port is not a number from 1 to {HIGHEST_PORT}")
    return int(text)


def _host(text: str) -> tuple[str, Address | None]:
    if text.startswith("["):
        return _ipv6(text[1:-1])
    name = _ascii_name(text)
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        address = _ipv4(name)
        return str(address), address
    return name, None


def _ipv6(text: str) -> tuple[str, IPv6Address]:
    if "%" in text:
        raise AddressRefused("an address with a zone is not allowed")
    try:
        address = IPv6Address(text)
    except AddressValueError:
        raise AddressRefused("the host is not a valid IPv6 address") from None
    return f"[{address.compressed}]", address


def _ascii_name(text: str) -> str:
    """Return a name as the DNS holds it; full-width and circled digits and dots become plain ones."""
    try:
        name = idna.encode(text, uts46=True, std3_rules=True).decode("ascii").removesuffix(".")
    except (UnicodeError, IndexError):
        raise AddressRefused("the host is not a valid name") from None
    if not name or len(name) > LONGEST_HOST_CHARACTERS:
        raise AddressRefused("the host is not a valid name")
    return name


def _ipv4(name: str) -> IPv4Address:
    """
    Return the address that a host ending in a number means: one to four parts, each decimal, octal or hexadecimal.

    Source  WHATWG URL, "IPv4 parser", which is what inet_aton and so most clients do.
    """
    parts = name.split(".")
    numbers = [_number(part) for part in parts]
    if len(parts) > _IPV4_PARTS or any(number >= _OCTET_LIMIT for number in numbers[:-1]):
        raise AddressRefused("the host is not a valid IPv4 address")
    last_bits = _IPV4_BITS - 8 * (len(parts) - 1)
    if numbers[-1] >= 1 << last_bits:
        raise AddressRefused("the host is not a valid IPv4 address")
    value = numbers[-1]
    for place, number in enumerate(numbers[:-1]):
        value |= number << (8 * (_IPV4_PARTS - 1 - place))
    return IPv4Address(value)


def _number(text: str) -> int:
    try:
        if text.startswith("0x"):
            return int(text[2:] or "0", 16)
        return int(text, 8 if text.startswith("0") else 10)
    except ValueError:
        raise AddressRefused("the host is not a valid IPv4 address") from None


def _refuse_private_name(name: str) -> None:
    labels = name.split(".")
    suffixes = {".".join(labels[start:]) for start in range(len(labels))}
    if len(labels) == 1 or not suffixes.isdisjoint(PRIVATE_SUFFIXES):
        raise AddressRefused(f"Stillframe does not send to {name}: not a public name")


def _joined(parts: SplitResult, host: str, port: int) -> str:
    """Return the URL in its normal spelling, without fragment; two parsers must agree on the host."""
    shown_port = "" if port == SCHEME_PORTS[parts.scheme] else f":{port}"
    query = f"?{parts.query}" if parts.query else ""
    text = f"{parts.scheme}://{host}{shown_port}{quote((parts.path or '/') + query, safe=_ASCII)}"
    try:
        url = URL(text, encoded=True)
        agreed = url.raw_host == host.strip("[]") and url.port == port and str(url) == text
    except ValueError:
        agreed = False
    if not agreed:
        raise AddressRefused("this is not a URL that every client reads alike")
    return text

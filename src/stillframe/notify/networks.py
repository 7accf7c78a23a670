"""Which addresses are nobody's public receiver: the deny table, and why each network is on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """One network that is denied."""

    network: IPv4Network | IPv6Network
    reason: str
    private: bool = False
    """True when somebody's own receivers may well live there: `allow_private_targets` opens it."""


def _denied(network: str, reason: str, *, private: bool = False) -> Denied:
    return Denied(network=ip_network(network), reason=reason, private=private)


DENIED_IPV4: Final[Sequence[Denied]] = (
    _denied("100.100.100.200/32", "a cloud metadata service"),
    _denied("168.63.129.16/32", "a cloud metadata service"),
    _denied("0.0.0.0/8", "this network"),
    _denied("10.0.0.0/8", "private", private=True),
    _denied("100.64.0.0/10", "shared by carriers", private=True),
    _denied("127.0.0.0/8", "loopback", private=True),
    _denied("169.254.0.0/16", "link-local"),
    _denied("172.16.0.0/12", "private", private=True),
    _denied("192.0.0.0/24", "reserved for protocols"),
    _denied("192.0.2.0/24", "documentation"),
    _denied("192.88.99.0/24", "a 6to4 relay"),
    _denied("192.168.0.0/16", "private", private=True),
    _denied("198.18.0.0/15", "benchmarking"),
    _denied("198.51.100.0/24", "documentation"),
    _denied("203.0.113.0/24", "documentation"),
    _denied("224.0.0.0/4", "multicast"),
    _denied("240.0.0.0/4", "reserved"),
)
"""The first entry that holds an address decides. Source: IANA IPv4 Special-Purpose Address Registry; the clouds."""

DENIED_IPV6: Final[Sequence[Denied]] = (
    _denied("fd00:ec2::/32", "a cloud metadata service"),
    _denied("::1/128", "loopback", private=True),
    _denied("::/128", "unspecified"),
    _denied("::/96", "IPv4-compatible"),
    _denied("::ffff:0:0/96", "IPv4-mapped"),
    _denied("::ffff:0:0:0/96", "IPv4-translated"),
    _denied("64:ff9b::/96", "NAT64"),
    _denied("64:ff9b:1::/48", "NAT64"),
    _denied("100::/64", "discard-only"),
    _denied("2001::/32", "Teredo"),
    _denied("2001::/23", "reserved for protocols"),
    _denied("2001:db8::/32", "documentation"),
    _denied("2002::/16", "6to4"),
    _denied("3fff::/20", "documentation"),
    _denied("5f00::/16", "segment routing"),
    _denied("fc00::/7", "unique local", private=True),
    _denied("fe80::/10", "link-local"),
    _denied("fec0::/10", "site-local"),
    _denied("ff00::/8", "multicast"),
)
"""The first entry that holds an address decides. Source: IANA IPv6 Special-Purpose Address Registry."""

GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
"""All that IANA has given out for public use; the rest of IPv6 is reserved."""


def denial(address: Address, *, allow_private: bool) -> str | None:
    """
    Return why an address is denied, or None when it may be connected to.

    An IPv6 address that wraps an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo) is denied whatever it wraps: no
    public receiver needs that spelling.

    Source  docs/reference, "Webhooks": the address check. Not `ipaddress.is_private`, which knows another list in every
            Python.
    """
    table = DENIED_IPV4 if isinstance(address, IPv4Address) else DENIED_IPV6
    for entry in table:
        if address in entry.network:
            return None if entry.private and allow_private else entry.reason
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return "reserved"
    return None

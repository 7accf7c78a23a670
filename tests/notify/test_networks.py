"""Tests of the deny table."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.notify.networks import DENIED_IPV4, DENIED_IPV6, denial

PRIVATE = ["10.0.0.1", "100.64.0.1", "127.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "::1", "fd12::1"]
NEVER = ["0.0.0.0", "100.100.100.200", "168.63.129.16", "169.254.169.254", "224.0.0.1", "255.255.255.255", "192.0.2.1"]
NEVER += ["::", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "2001::1"]
NEVER += ["fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1", "4000::1"]
EDGES = [
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
]
EDGES += [
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
]
EDGES += ["223.255.255.255", "2001:200::1", "2003::1", "2606:4700::1111"]


@pytest.mark.parametrize("text", PRIVATE + NEVER)
def test_an_address_that_is_nobodys_public_receiver_is_denied(text: str) -> None:
    """The answer is the reason, in words."""
    assert denial(ip_address(text), allow_private=False)


@pytest.mark.parametrize("text", PRIVATE)
def test_people_on_one_network_may_open_their_own(text: str) -> None:
    """`allow_private_targets` opens where somebody's own receivers may live."""
    assert denial(ip_address(text), allow_private=True) is None


@pytest.mark.parametrize("text", NEVER)
def test_what_is_never_a_receiver_stays_denied(text: str) -> None:
    """No setting opens metadata services, link-local, multicast, reserved space, or an IPv4 address in disguise."""
    assert denial(ip_address(text), allow_private=True)


@pytest.mark.parametrize("text", EDGES)
def test_the_neighbours_of_denied_networks_are_public(text: str) -> None:
    """A network ends where it ends."""
    assert denial(ip_address(text), allow_private=False) is None


@given(st.ip_addresses())
def test_opening_private_networks_denies_nothing_more(address: IPv4Address | IPv6Address) -> None:
    """What is allowed to the strict is allowed to the open."""
    if denial(address, allow_private=False) is None:
        assert denial(address, allow_private=True) is None


@given(st.ip_addresses(v=6))
def test_only_what_was_given_out_is_public_in_ipv6(address: IPv6Address) -> None:
    """Space that nobody has yet is nobody's receiver."""
    if not 0x2000 <= int(address) >> 112 <= 0x3FFF:
        assert denial(address, allow_private=False)


@given(st.ip_addresses())
def test_it_is_no_laxer_than_the_python_of_the_day(address: IPv4Address | IPv6Address) -> None:
    """The own table is a reason to refuse more than `is_private` and its kin, never less."""
    if (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
    ):
        assert denial(address, allow_private=False)


def test_every_entry_of_the_table_decides_something() -> None:
    """No entry is dead behind a wider one that stands before it."""
    for table in (DENIED_IPV4, DENIED_IPV6):
        for place, entry in enumerate(table):
            hiding = [other for other in table[:place] if entry.network.network_address in other.network]
            assert not [other for other in hiding if entry.network.broadcast_address in other.network]

"""Tests of the address check: a corpus of spellings, refused in words and refused at the socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, ip_address
from urllib.parse import urlsplit

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.errors import AddressRefused
from stillframe.notify.address import AddressDenied, AddressPolicy, check_url, guarded_sockets
from stillframe.testing import StillResolver, WebhookReceiver
from tests.security import corpus
from tests.security.corpus import LOOPBACK_IPV4, LOOPBACK_IPV6, PUBLIC

STRICT = AddressPolicy()
OPEN = AddressPolicy(allow_private_targets=True)

HOSTS = [host for hosts in corpus.HOSTS.values() for host in hosts]
CORPUS = [f"http://{host}/hook" for host in HOSTS] + corpus.WHOLE


def test_the_corpus_is_large_enough() -> None:
    """At least 150 spellings that must be refused, and 30 that must not."""
    assert len(set(CORPUS)) == len(CORPUS) >= 150
    assert len(set(PUBLIC)) >= 30


@pytest.mark.parametrize("url", CORPUS)
def test_a_spelling_of_a_forbidden_address_is_refused(url: str) -> None:
    """Refused where it is typed, with a reason that is no more than a sentence."""
    with pytest.raises(AddressRefused) as caught:
        check_url(url, policy=STRICT)
    assert 10 < len(caught.value.message) < 200


@pytest.mark.parametrize("host", PUBLIC)
def test_a_public_address_is_not_refused(host: str) -> None:
    """Neither in words nor at the socket, which is opened here and not connected."""
    checked = check_url(f"https://{host}/hook", policy=STRICT)
    address = checked.address
    assert address is not None
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with guarded_sockets(STRICT)((family, socket.SOCK_STREAM, 0, "", (str(address), 443))) as opened:
        assert opened.family == family


@pytest.fixture
def canary() -> Iterator[WebhookReceiver]:
    """A listener on loopback that counts every connection."""
    with WebhookReceiver() as listener:
        yield listener


async def _post_each(urls: list[str], *, policy: AddressPolicy | None, resolver: StillResolver | None = None) -> None:
    factory = guarded_sockets(policy) if policy else None
    connector = aiohttp.TCPConnector(socket_factory=factory, resolver=resolver, force_close=True)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=3)) as session:
        for url in urls:
            try:
                async with session.post(url, data=b"x"):
                    pass
            except (aiohttp.ClientError, OSError, ValueError, TimeoutError):
                continue


def test_no_spelling_reaches_a_listener_through_the_guarded_client(canary: WebhookReceiver) -> None:
    """Even with the check in words taken away no socket is opened; without the guard many spellings get through."""
    urls = [
        f"http://{host}:{canary.port}/hook" for host in LOOPBACK_IPV4 + LOOPBACK_IPV6 + ["0", "0.0.0.0", "localhost"]
    ]
    asyncio.run(_post_each(urls, policy=STRICT))
    assert canary.connections == 0
    plain = [f"http://{host}:{canary.port}/hook" for host in LOOPBACK_IPV4 if not host.endswith(".")]
    asyncio.run(_post_each(plain, policy=None))
    assert canary.connections > 10


def test_a_name_that_turns_to_a_forbidden_address_reaches_nobody(canary: WebhookReceiver) -> None:
    """Between the check of a name and the connect there is no moment left for the name to change its mind."""
    names = {
        f"n{place}.example.org": [str(ip)]
        for place, ip in enumerate(["127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0"])
    }
    urls = [f"http://{name}:{canary.port}/hook" for name in names]
    assert all(check_url(url, policy=STRICT).address is None for url in urls)
    asyncio.run(_post_each(urls, policy=STRICT, resolver=StillResolver(names)))
    assert canary.connections == 0
    asyncio.run(_post_each(urls, policy=OPEN, resolver=StillResolver(names)))
    assert canary.connections == 1, "the open policy reaches 127.0.0.1, and no disguise of it"


@given(st.ip_addresses())
def test_the_socket_is_refused_exactly_where_the_literal_is(address: IPv4Address) -> None:
    """One table decides in both places."""
    host = f"[{address}]" if address.version == 6 else str(address)
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        check_url(f"http://{host}/", policy=STRICT)
        refused = False
    except AddressRefused:
        refused = True
    try:
        guarded_sockets(STRICT)((family, socket.SOCK_STREAM, 0, "", (str(address), 80))).close()
        denied = False
    except AddressDenied:
        denied = True
    assert refused == denied


@st.composite
def spellings(draw: st.DrawFn, address: IPv4Address) -> str:
    """Draw a way to write an IPv4 address: fewer parts, other bases, more zeros, wide digits and dots, a last dot."""
    octets = list(address.packed)
    kept = draw(st.integers(min_value=1, max_value=4))
    numbers = [*octets[: kept - 1], int.from_bytes(bytes(octets[kept - 1 :]), "big")]
    forms = st.sampled_from(["{:d}", "0{:o}", "000{:o}", "0x{:x}", "0X{:X}", "0x00{:x}"])
    text = ".".join(draw(forms).format(number) for number in numbers) + draw(st.sampled_from(["", "."]))
    if draw(st.booleans()):
        text = "".join(chr(ord(character) + 0xFEE0) if draw(st.booleans()) else character for character in text)
    return text.replace(".", draw(st.sampled_from([".", "。", "．"])))


def _decision(host: str, policy: AddressPolicy) -> str:
    try:
        return check_url(f"http://{host}/", policy=policy).text
    except AddressRefused as error:
        return error.message


@given(st.data(), st.ip_addresses(v=4) | st.sampled_from([IPv4Address("127.0.0.1"), IPv4Address("169.254.169.254")]))
def test_any_spelling_of_an_address_is_decided_as_the_address(data: st.DataObject, address: IPv4Address) -> None:
    """Allowed or refused, and if refused for the same reason; if allowed it is sent to in its canonical form."""
    spelling = data.draw(spellings(address))
    for policy in (STRICT, OPEN):
        assert _decision(spelling, policy) == _decision(str(address), policy)


@given(st.text(max_size=40) | st.from_regex(r"https?://[^/]{0,20}(:\d{1,5})?(/\S{0,10})?", fullmatch=True))
def test_no_text_breaks_the_check_and_what_passes_passes_unchanged(text: str) -> None:
    """Whatever is typed is refused or normal, and the normal form of a normal form is itself."""
    try:
        checked = check_url(text, policy=OPEN)
    except AddressRefused:
        return
    assert check_url(checked.text, policy=OPEN) == checked
    assert checked.text.isascii()
    assert urlsplit(checked.text).hostname == checked.host.strip("[]")


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("https://example.org", "https://example.org/"),
        ("HTTPS://EXAMPLE.ORG:443/Hook", "https://example.org/Hook"),
        ("http://example.org:80?x=1", "http://example.org/?x=1"),
        ("http://example.org:8080/", "http://example.org:8080/"),
        ("https://example.org./a/../b?q=%41+%20#fragment", "https://example.org/a/../b?q=%41+%20"),
        ("https://bücher.example.org/grün?ü", "https://xn--bcher-kva.example.org/gr%C3%BCn?%C3%BC"),
        ("http://[2606:4700:0:0::1111]/", "http://[2606:4700::1111]/"),
    ],
)
def test_an_address_is_sent_to_in_one_normal_spelling(typed: str, normal: str) -> None:
    """Equal receivers get equal names; a path and query stay as they were typed, for a receiver may sign them."""
    assert check_url(typed, policy=STRICT).text == normal


def test_the_ports_are_those_of_the_web_and_those_without_privilege() -> None:
    """80, 443 and from 1024, unless the installation says otherwise."""
    for port in (80, 443, 1024, 65_535):
        assert check_url(f"http://example.org:{port}/", policy=STRICT).port == port
    for port in (1, 22, 79, 444, 1023):
        with pytest.raises(AddressRefused, match=f"port {port}"):
            check_url(f"http://example.org:{port}/", policy=STRICT)
    assert check_url("http://example.org:22/", policy=AddressPolicy(ports=(range(22, 23),))).port == 22


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "10.1.2.3", "localhost", "nas.lan", "receiver"])
def test_people_on_one_network_may_name_their_own(host: str) -> None:
    """`allow_private_targets` opens private addresses and names."""
    assert check_url(f"http://{host}:8080/hook", policy=OPEN).host == host


@pytest.mark.parametrize("url", ["https://alice:hush@10.0.0.1/hush", "https://10.0.0.1/hush?hush=hush", "hush://hush"])
def test_a_refusal_never_repeats_a_credential(url: str) -> None:
    """It names the host at most."""
    with pytest.raises(AddressRefused) as caught:
        check_url(url, policy=STRICT)
    assert "hush" not in caught.value.message


@pytest.mark.parametrize(
    "url", ["https://alice:pw@example.org/", "https://alice@example.org/", "https://@example.org/"]
)
def test_userinfo_is_refused_with_what_to_do_instead(url: str) -> None:
    """A name before the host is a credential in a place where everybody shows it."""
    with pytest.raises(AddressRefused, match="user name or password"):
        check_url(url, policy=STRICT)


def test_a_checked_url_does_not_show_itself() -> None:
    """A log line that holds one holds no credential."""
    assert "hush" not in repr(check_url("https://example.org/hush", policy=STRICT))


def test_an_address_with_a_zone_is_judged_without_it() -> None:
    """A name service may answer with one."""
    assert ip_address("fe80::1").is_link_local
    with pytest.raises(AddressDenied):
        guarded_sockets(OPEN)((socket.AF_INET6, socket.SOCK_STREAM, 0, "", ("fe80::1%lo", 80, 0, 1)))

"""The corpus of addresses that no webhook may reach, each with its reason, and of public ones that are let through."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

LOOPBACK_IPV4 = [
    "127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "127.255.255.254", "2130706433", "017700000001", "0x7f000001",
    "0X7F000001", "0x7f.1", "0x7f.0.0.1", "0x7f.0x0.0x0.0x1", "0177.0.0.1", "0177.0.0.01", "0177.1", "0177.0.1",
    "00177.0.0.1", "127.0.0.01", "127.0x1", "127.0.0x1", "0x7F.0.1", "127.000.000.001", "0x7f.0.0x1", "127.0.0.1.",
    "2130706433.", "0x7f.1.", "１２７.0.0.1", "１２７．０．０．１", "127。0。0。1", "①②⑦.⓪.⓪.①", "１２７。１",
    "２１３０７０６４３３", "０ｘ７ｆ．１", "127｡0｡0｡1", "𝟏𝟐𝟕.𝟎.𝟎.𝟏", "𝟙𝟚𝟟.𝟘.𝟘.𝟙", "¹²⁷.⁰.⁰.¹", "₁₂₇.₀.₀.₁",
    "0x00007f.1", "0x7f.000.000.1",
]  # fmt: skip
LOOPBACK_IPV6 = [
    "[::1]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::0:1]", "[0::1]", "[::0.0.0.1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::FFFF:127.0.0.1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]",
    "[::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::127.0.0.1]", "[2002:7f00:1::]",
    "[2002:7f00:0001::1]", "[2001:0:7f00:1::]", "[2001:0000:4136:e378:8000:63bf:80ff:fffe]", "[::ffff:0:127.0.0.1]",
    "[::]", "[::0]", "[::0.0.0.0]",
]  # fmt: skip
PRIVATE_AND_RESERVED = [
    "0", "0.0.0.0", "0.0.0.1", "0.1", "00", "0x0", "0x", "0x.0x.0x.0x", "０", "10.0.0.1", "10.1", "0xa.1",
    "012.0.0.1", "167772161", "0x0a000001", "10.255.255.255", "172.16.0.1", "172.31.255.255", "0xac.0x10.0.1",
    "2886729729", "192.168.0.1", "192.168.1", "0xc0.0xa8.1", "3232235521", "0300.0250.0.1", "192.168.0.1.",
    "100.64.0.1", "100.127.255.255", "100.100.100.200", "0x64646464c8", "1684301000", "169.254.169.254",
    "169.254.43518", "2852039166", "0xa9fea9fe", "0xa9.0xfe.0xa9.0xfe", "0251.0376.0251.0376", "0251.254.169.254",
    "169.254.169.254.", "１６９.254.169.254", "169.254.170.2", "168.63.129.16", "192.0.0.1", "192.0.0.192",
    "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "4294967295", "0xffffffff", "037777777777", "[fc00::1]",
    "[fd00::1]", "[fd00:ec2::254]", "[FD00:EC2::254]", "[fe80::1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[fec0::1]",
    "[ff02::1]", "[2001:db8::1]", "[3fff::1]", "[100::1]", "[2001:2::1]", "[2001:10::1]", "[5f00::1]", "[4000::1]",
    "[::ffff:8.8.8.8]", "[64:ff9b::8.8.8.8]", "[2002:808:808::1]", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]",
    "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]", "[::ffff:10.0.0.1]", "[::10.0.0.1]", "[2002:a00:1::1]",
    "[::1%25lo]", "[::1%lo]",
]  # fmt: skip
NAMES = [
    "localhost", "LOCALHOST", "localhost.", "ｌｏｃａｌｈｏｓｔ", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "a.localhost", "localhost.localdomain",
    "intranet", "router", "db.internal", "metadata.google.internal", "metadata.google.internal.", "printer.local",
    "nas.lan", "nas.home.arpa", "x.home", "x.corp", "x.test", "x.invalid", "x.onion", "x.intranet", "x.private",
    "kubernetes.default.svc.cluster.local", "metadata",
]  # fmt: skip
BROKEN = [
    "256.0.0.1", "1.2.3.256", "1.2.3.4.5", "127.0.0.0x100", "4294967296", "08.0.0.1", "09", "1.2.3.08", "1..2.3",
    "127.0.0.1..", "", ".", "..", "[", "[]", "[::1", "::1", "[::1]x", "[1.2.3.4]", "[::g]", "[1::2::3]",
    "exa mple.org", "exa\tmple.org", "exa%6dple.org", "example.org%00", "%31%32%37.0.0.1", "127%2e0%2e0%2e1",
    "exa_mple.org", "-a.example.org", "xn--zzzzzz.org", "a..example.org", ".example.org", "exam\u200bple.org\\",
    "example.org\\@127.0.0.1", "user@127.0.0.1", "user:pw@example.org", "example.org@127.0.0.1",
    "example.org:80@127.0.0.1", ":@example.org", "@example.org", "example.org＠127.0.0.1", "１２７.0.0.1＠x.org",
    "a" * 64 + ".org", "℀.org", "example.org:0", "example.org:22", "example.org:25", "example.org:65536",
    "example.org:+80", "example.org:８０", "example.org:", "example.org:80:80", "example.org:http", "example.org:-1",
    "١٢٧.0.0.1", "example.1", "1.example.0x", "a.b.c.1",
]  # fmt: skip
WHOLE = [
    "", "/", "//127.0.0.1/", "http:", "http:/127.0.0.1/", "http:127.0.0.1", "http:///127.0.0.1/", "https://",
    "ftp://example.org/", "file:///etc/passwd", "gopher://127.0.0.1:70/_x", "dict://127.0.0.1:11211/",
    "ws://example.org/", "unix:///var/run/docker.sock", "javascript:alert(1)", "data:text/plain,x", "http+unix://x/",
    "HTTP\n://example.org/", "ht\ttp://example.org/", " http://example.org/", "http://example.org/ ",
    "http://example.org/\r\nHost: 127.0.0.1", "http://example.org/a b", "http://example.org/\x00",
    "http:\\\\127.0.0.1\\", "http://example.org\\.127.0.0.1/", "http://example.org/\u2028",
    "http://example.org/" + "a" * 2048, "http://\ud800.org/", "127.0.0.1:8080", "example.org", "http://[::1]]/",
    "jar:http://example.org!/", "http://example.org/\u202egro", "netdoc:///etc/passwd", "ldap://127.0.0.1/",
    "http://example.org/a\\b", "http://example.org/?a\\b",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9", "11.0.0.1", "64.6.64.6", "93.184.215.14", "100.63.255.255",
    "100.128.0.1", "128.0.0.1", "134744072", "0x08080808", "010.8.8.8", "8.8.2056", "８.８.８.８", "8.8.8.8.",
    "169.253.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "192.167.1.1", "192.169.1.1", "198.17.0.1", "198.20.0.1",
    "203.0.114.1", "208.67.222.222", "223.255.255.254", "[2606:4700:4700::1111]", "[2001:4860:4860::8888]",
    "[2620:fe::fe]", "[2a00:1450:4001:81b::200e]", "[2001:500:2::c]", "[2400:CB00::1]",
]  # fmt: skip
"""In five spellings, too; a leading zero means octal, as it does to inet_aton."""

TURNING = [
    "127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1",
    "2002:7f00:1::1", "2001:0:7f00:1::", "::ffff:0:7f00:1", "0.0.0.0", "::", "10.0.0.1", "172.16.0.1", "192.168.0.1",
    "100.64.0.1", "100.100.100.200", "169.254.169.254", "168.63.129.16", "fd00:ec2::254", "fe80::1", "fc00::1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "192.88.99.1", "ff02::1", "fec0::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1", "4000::1",
]  # fmt: skip
"""What an innocent name may turn to between the check of the name and the connect."""
HOSTS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "loopback, in a form that inet_aton or a browser reads": LOOPBACK_IPV4,
        "loopback or unspecified, in IPv6 or wrapped in it": LOOPBACK_IPV6,
        "private, link-local, metadata, shared, reserved or wrapped": PRIVATE_AND_RESERVED,
        "a name of no public DNS": NAMES,
        "a host or port on which parsers differ": BROKEN,
    }
)
"""Hosts by the reason why they are refused."""
SEED = 20_261_126
DRAWN = 100
_TARGETS = ("127.0.0.1", "127.8.9.10", "169.254.169.254", "10.1.2.3", "192.168.4.5", "100.100.100.200", "0.0.0.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """
    One address as somebody may type it.

    Shape   `is_host`: `text` is a host, to which a port may be added; else it is the whole of what is typed.
    """

    text: str
    reason: str
    is_host: bool = True

    def url(self, port: int) -> str:
        """Return what is typed, with a port where the spelling leaves room for one."""
        if not self.is_host:
            return self.text
        _, _, after = self.text.rpartition("]") if "]" in self.text else self.text.rpartition("@")
        return f"http://{self.text}/hook" if ":" in after else f"http://{self.text}:{port}/hook"


def spellings(*, seed: int = SEED) -> list[Spelling]:
    """Return every spelling that is written down, and some that are drawn."""
    hosts = [Spelling(text=text, reason=reason) for reason, texts in HOSTS.items() for text in texts]
    whole = [Spelling(text=text, reason="no URL of the web with one host", is_host=False) for text in WHOLE]
    known = {one.text for one in hosts}
    drawn = [Spelling(text=text, reason="drawn") for text in drawn_hosts(seed) if text not in known]
    return [*hosts, *whole, *drawn]


def drawn_hosts(seed: int) -> Iterator[str]:
    """Yield distinct ways to write forbidden IPv4 addresses: fewer parts, other bases, wide digits, other dots."""
    chance, seen = random.Random(seed), set[str]()
    while len(seen) < DRAWN:
        octets = [int(part) for part in chance.choice(_TARGETS).split(".")]
        kept = chance.randint(1, 4)
        last = 0
        for octet in octets[kept - 1 :]:
            last = last * 256 + octet
        forms = ("{:d}", "0{:o}", "000{:o}", "0x{:x}", "0X{:X}", "0x00{:x}")
        text = ".".join(chance.choice(forms).format(number) for number in [*octets[: kept - 1], last])
        if chance.random() < 0.5:
            text = "".join(chr(ord(letter) + 0xFEE0) if chance.random() < 0.5 else letter for letter in text)
        text = text.replace(".", chance.choice([".", "\u3002", "\uff0e"])) + chance.choice(["", "."])
        if text not in seen:
            seen.add(text)
            yield text

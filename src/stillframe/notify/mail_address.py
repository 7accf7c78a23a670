"""Mail addresses: one spelling for each that people type, and what a sender's address is made of."""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import Final

import idna

LOCAL_PART_MOST: Final = 64
ADDRESS_MOST: Final = 254
"""Octets. Source: RFC 5321 sections 4.5.3.1.1 and 4.5.3.1.3, with its erratum 1690."""
_ATOM: Final = r"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\W\x00-\x7f])+"
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_NOT_ADDRESS: Final = "this is not one mail address: write it as ana@example.org"


def mail_address(text: str) -> str:
    """
    Return an address in its one spelling: the part before the @ as it was typed, the domain in ASCII and lower case.

    Quoted local parts and addresses in brackets are not taken: nobody has had one for decades. Nor is what a header
    would read as an encoded word.

    Errors  ValueError if it is not one address.
    Source  RFC 5321 section 4.1.2; RFC 6531 section 3.3; RFC 5891.

    >>> mail_address("Ana@Bücher.Example")
    'Ana@xn--bcher-kva.example'
    """
    local, at, domain = text.rpartition("@")
    if not at or not _LOCAL_PART.fullmatch(local) or "=?" in local or len(local.encode()) > LOCAL_PART_MOST:
        raise ValueError(_NOT_ADDRESS)
    try:
        ascii_domain = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except (UnicodeError, IndexError):
        raise ValueError(_NOT_ADDRESS) from None
    found = f"{local}@{ascii_domain}"
    if not ascii_domain or ascii_domain.endswith(".") or len(found.encode()) > ADDRESS_MOST:
        raise ValueError(_NOT_ADDRESS)
    return found


def sender_address(text: str) -> tuple[str, str]:
    """
    Return the name and the address of a sender, as `Name <address>` or the address alone.

    Errors  ValueError if there is no address in it.

    >>> sender_address("Stillframe <frames@example.org>")
    ('Stillframe', 'frames@example.org')
    """
    name, address = parseaddr(text)
    found = mail_address(address)
    if not found.isascii():
        raise ValueError("a sender's address has ASCII letters before its @, so that every server takes it")
    return name, found

"""Text from outside made harmless in Markdown: it does not format, link, render as HTML or mention anybody."""

from __future__ import annotations

import re

from stillframe.report.figures import name

_SPECIAL = re.compile(r"[\\`*_{}\[\]#!|~:$^=]|(?<=www)\.", re.IGNORECASE)
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"})
"""`\\@` would still be a mention to `mentions_in`; an entity is not, and reads as the same sign once rendered."""
_PIPE = "\\|"
_PLAIN_COLON = re.compile(r"\\:(?=\s|$|\d\d\b)")
"""One that neither begins an address nor, by its two digits, an emoji's short name."""
_UNSAFE_IN_LINK = re.compile(r"[^!#$%&'*+,\-./0-9:;=?A-Z_a-z~]")


def escaped(text: str, *, most: int) -> str:
    """
    Return text as Markdown that shows it as it is, on one line; at most `most` of its characters are kept.

    Source  CommonMark 0.31, sections 2.4 (backslash escapes) and 2.5 (entities); GFM 6.9 (links made from bare text).

    >>> escaped("<b>@ops-lead</b> [x](http://y)", most=80)
    '&lt;b&gt;&#64;ops-lead&lt;/b&gt; \\\\[x\\\\](http\\\\://y)'
    """
    return _SPECIAL.sub(r"\\\g<0>", name(text, most=most)).translate(_ENTITIES)


def in_cell(text: str, *, most: int) -> str:
    """
    Return text as Markdown that shows as it is, also in a table; nothing of an empty text.

    A bar is an entity there, whatever stands before it.

    Source  GFM 4.10 (tables).

    >>> in_cell("a|b: c", most=80)
    'a&#124;b: c'
    """
    return _PLAIN_COLON.sub(":", escaped(text, most=most).replace(_PIPE, "&#124;")) if text else ""


def link(text: str, url: str) -> str:
    """
    Return a Markdown link with a text of our own.

    >>> link("frame 12", "https://frames.example/snapshot/1 (a)")
    '[frame 12](https://frames.example/snapshot/1%20%28a%29)'
    """
    return f"[{text}]({safe_url(url)})"


def safe_url(url: str) -> str:
    """
    Return an address with everything encoded that could end it where it stands, or be no part of an address at all.

    >>> safe_url("https://frames.example/project:my service")
    'https://frames.example/project:my%20service'
    """
    return _UNSAFE_IN_LINK.sub(_percent_encoded, url)


def _percent_encoded(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf8", "replace"))

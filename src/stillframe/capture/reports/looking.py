"""A first look at a report: its syntax, and the few names by which a reader knows its own."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from stillframe.capture.reports.interface import Look

HEAD_BYTES: Final = 4096
_LONGEST_MARK: Final = 200
_ROOT: Final = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_KEY: Final = re.compile(rb'[{,]\s*"((?:[^"\\]|\\.){1,64})"\s*:')
_SHORT_TEXT: Final = re.compile(rb'"([^"\\]{1,64})"\s*:\s*"([^"\\]{0,200})"')
_TOP: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TOP_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def without_mark(data: bytes) -> bytes:
    """Return the bytes without the mark that some editors put in front of UTF-8."""
    return data.removeprefix(_BYTE_ORDER_MARK)


def look_at(data: bytes) -> Look:
    """
    Return what can be seen of a report at a glance; what is cut off or broken is looked at as far as it goes.

    Shape   Of broken JSON the keys of the first 4 KiB, whatever their depth, so that the reader whose format it is says
            what is wrong with it.
    """
    start = data[:HEAD_BYTES].lstrip()
    if start[:1] == b"{":
        return _look_at_object(data)
    if start[:1] == b"[":
        return _look_at_list(data)
    head = start.decode("utf-8", errors="replace")
    if start[:1] == b"<":
        found = _ROOT.search(re.sub(rb"<!--.*?-->", b"", start, flags=re.DOTALL))
        return Look(syntax="xml", root=found[1].decode() if found else "", head=head)
    return Look(syntax="text", head=head)


def _look_at_object(data: bytes) -> Look:
    try:
        top = _TOP.decode(data)
    except msgspec.DecodeError:
        return _broken(data)
    return Look(syntax="json", keys=frozenset(top), marks=_marks(top))


def _look_at_list(data: bytes) -> Look:
    first = data[:HEAD_BYTES].lstrip()[1:].lstrip()
    if first[:1] == b"]":
        return Look(syntax="json", is_list=True)
    try:
        top = _TOP.decode(_TOP_LIST.decode(data)[0])
    except msgspec.DecodeError:
        broken = _broken(data)
        return Look(syntax="json", is_list=True, keys=broken.keys, marks=broken.marks)
    return Look(syntax="json", is_list=True, keys=frozenset(top), marks=_marks(top))


def _broken(data: bytes) -> Look:
    head = data[:HEAD_BYTES]
    keys = frozenset(found.decode("utf-8", errors="replace") for found in _KEY.findall(head))
    marks = {name.decode(errors="replace"): text.decode(errors="replace") for name, text in _SHORT_TEXT.findall(head)}
    return Look(syntax="json", keys=keys, marks=marks)


def _marks(top: dict[str, msgspec.Raw]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, raw in top.items():
        text = bytes(raw) if len(memoryview(raw)) <= _LONGEST_MARK else b""
        if text[:1] == b'"':
            found[name] = msgspec.json.decode(text, type=str)
    return found

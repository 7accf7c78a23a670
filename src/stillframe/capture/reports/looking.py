"""A first look at a report: its syntax, and the few names by which a reader knows its own."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from stillframe.capture.reports.interface import Look

HEAD_BYTES: Final = 4096
MOST_KEYS: Final = 20_000
MOST_KEYS_OF_LISTS: Final = 200
MOST_KEY_LETTERS: Final = 1_000_000
MOST_LISTED: Final = 1_000_000
_LONGEST_MARK: Final = 200
_ROOT: Final = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_ASIDE: Final = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_KEY: Final = re.compile(rb'[{,]\s*"((?:[^"\\]|\\.){1,64})"\s*:')
_SHORT_TEXT: Final = re.compile(rb'"([^"\\]{1,64})"\s*:\s*"([^"\\]{0,200})"')
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class _Key:
    """The name of a member, noted as it goes by."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class _Enough(Exception):
    """Raised when so many names have gone by that one more would tell nothing."""


class _Names:
    """Takes names until it has enough: a look costs the same however many members an object has."""

    def __init__(self, most: int) -> None:
        self.found: list[str] = []
        self._most = most
        self._letters = MOST_KEY_LETTERS

    def take(self, _type: type, name: str) -> _Key:
        self.found.append(name[:HEAD_BYTES])
        self._letters -= len(name)
        if len(self.found) > self._most or self._letters < 0:
            raise _Enough
        return _Key(name)


def without_mark(data: bytes) -> bytes:
    """Return the bytes without the mark that some editors put in front of UTF-8."""
    return data.removeprefix(_BYTE_ORDER_MARK)


def look_at(data: bytes) -> Look:
    """
    Return what can be seen of a report at a glance; what is cut off or broken is looked at as far as it goes.

    Shape   Of broken JSON, and of objects with more members than any report has, the keys and short texts of the first
            4 KiB, whatever their depth, so that the reader whose format it is says what is wrong with it.
    """
    start = data[:HEAD_BYTES].lstrip()
    head = start.decode("utf-8", errors="replace")
    if start[:1] == b"{":
        return _look_at_object(data, head)
    if start[:1] == b"[":
        return _look_at_list(data, head)
    if start[:1] == b"<":
        found = _ROOT.search(_ASIDE.sub(b"", start))
        return Look(syntax="xml", root=found[1].decode(errors="replace") if found else "", head=head)
    return Look(syntax="text", head=head)


def _look_at_object(data: bytes, head: str) -> Look:
    names = _Names(MOST_KEYS)
    try:
        top = msgspec.json.Decoder(dict[_Key, msgspec.Raw], dec_hook=names.take).decode(data)
    except (_Enough, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _broken(data, head, names.found, is_list=False)
    return Look(syntax="json", keys=frozenset(names.found), marks=_marks(top), head=head)


def _look_at_list(data: bytes, head: str) -> Look:
    if data[:HEAD_BYTES].lstrip()[1:].lstrip()[:1] == b"]":
        return Look(syntax="json", is_list=True, head=head)
    names = _Names(MOST_KEYS_OF_LISTS)
    if data.count(b"{") > MOST_LISTED:
        return _broken(data, head, [], is_list=True)
    try:
        top = msgspec.json.Decoder(list[dict[_Key, msgspec.Raw]], dec_hook=names.take).decode(data)
    except (_Enough, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _broken(data, head, names.found, is_list=True)
    return Look(syntax="json", is_list=True, keys=frozenset(names.found), marks=_marks(top[0]), head=head)


def _broken(data: bytes, head: str, names: list[str], *, is_list: bool) -> Look:
    start = data[:HEAD_BYTES]
    keys = {found.decode(errors="replace") for found in _KEY.findall(start)}
    marks = {name.decode(errors="replace"): text.decode(errors="replace") for name, text in _SHORT_TEXT.findall(start)}
    return Look(syntax="json", is_list=is_list, keys=frozenset(keys.union(names)), marks=marks, head=head)


def _marks(top: dict[_Key, msgspec.Raw]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, raw in top.items():
        text = bytes(raw) if len(memoryview(raw)) <= _LONGEST_MARK else b""
        if text[:1] == b'"':
            try:
                found[key.name] = msgspec.json.decode(text, type=str)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
    return found

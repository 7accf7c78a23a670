"""How values of the model lie in columns: packed ids and hashes, times, flags, JSON."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import orjson
from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.types import UserDefinedType

from stillframe.model.calm import NO_CALM, Calm
from stillframe.model.times import time_from_text, time_text

Value = TypeVar("Value")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_UUID_TEXT_LENGTH = 36
_UUID_BYTES = 16


class _Column(UserDefinedType[Value], ABC):
    """A column whose values are turned on the way in and on the way out; None stays None."""

    def get_col_spec(self, **_: object) -> str:
        return ""

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        write = self.writer(dialect)
        return None if write is None else lambda value: None if value is None else write(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        read = self.reader(dialect)
        return None if read is None else lambda value: None if value is None else read(value)

    @abstractmethod
    def writer(self, dialect: Dialect) -> Callable[[Value], Any] | None:
        """Return what turns a value into what the database keeps; None where they are the same."""

    @abstractmethod
    def reader(self, dialect: Dialect) -> Callable[[Any], Value] | None:
        """Return what turns back what the database kept; None where they are the same."""


class PackedId(_Column[str]):
    """An id; in SQLite a UUID takes 16 bytes and any other text stays text, in PostgreSQL all are text."""

    cache_ok = True

    def writer(self, dialect: Dialect) -> Callable[[str], Any] | None:
        return pack_id if dialect.name == "sqlite" else None

    def reader(self, dialect: Dialect) -> Callable[[Any], str] | None:
        return unpack_id if dialect.name == "sqlite" else None


class HexDigest(_Column[str]):
    """A digest, hexadecimal outside and bytes inside."""

    cache_ok = True

    def writer(self, dialect: Dialect) -> Callable[[str], Any]:
        return bytes.fromhex

    def reader(self, dialect: Dialect) -> Callable[[Any], str]:
        return bytes.hex


class TimeText(_Column[datetime]):
    """A time as RFC 3339 text, which sorts."""

    cache_ok = True

    def writer(self, dialect: Dialect) -> Callable[[datetime], Any]:
        return time_text

    def reader(self, dialect: Dialect) -> Callable[[Any], datetime]:
        return time_from_text


class TimeMillis(_Column[datetime]):
    """A time as milliseconds since 1970, where rows are many."""

    cache_ok = True

    def writer(self, dialect: Dialect) -> Callable[[datetime], Any]:
        return to_millis

    def reader(self, dialect: Dialect) -> Callable[[Any], datetime]:
        return from_millis


class Flag(_Column[bool]):
    """Yes or no, as 1 or 0 in both databases."""

    cache_ok = True

    def writer(self, dialect: Dialect) -> Callable[[bool], Any]:
        return int

    def reader(self, dialect: Dialect) -> Callable[[Any], bool]:
        return bool


class JsonText(_Column[Any]):
    """A JSON value as text."""

    cache_ok = True

    def writer(self, dialect: Dialect) -> Callable[[Any], Any]:
        return json_text

    def reader(self, dialect: Dialect) -> Callable[[Any], Any]:
        return orjson.loads


class CalmText(_Column[Calm]):
    """What a subscriber asks for so as not to be told too often; nothing asked for is NULL."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return lambda value: None if value is None or value.is_none else json_text(value.as_dict())

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return lambda value: NO_CALM if value is None else Calm.from_dict(orjson.loads(value))

    def writer(self, dialect: Dialect) -> Callable[[Calm], Any] | None:
        return None

    def reader(self, dialect: Dialect) -> Callable[[Any], Calm] | None:
        return None


class Code(_Column[str]):
    """One of a few known words, as its number; the most common word should be 0, which takes no room in SQLite."""

    cache_ok = True

    def __init__(self, words: tuple[str, ...] = ()) -> None:
        self.words = words

    def writer(self, dialect: Dialect) -> Callable[[str], Any]:
        return self.words.index

    def reader(self, dialect: Dialect) -> Callable[[Any], str]:
        return self.words.__getitem__


class Words(_Column[tuple[str, ...]]):
    """A few plain words in one text, with commas between them."""

    cache_ok = True

    def writer(self, dialect: Dialect) -> Callable[[tuple[str, ...]], Any]:
        return ",".join

    def reader(self, dialect: Dialect) -> Callable[[Any], tuple[str, ...]]:
        return lambda stored: tuple(stored.split(","))


def is_true(column: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a flag is set, in words that both databases have."""
    return column == bindparam(None, True, type_=Flag())


def pack_id(text: str) -> bytes | str:
    """
    Return the 16 bytes of a UUID in its usual spelling, and any other text as it is.

    >>> len(pack_id("0190a5d2-7c3e-7000-8000-000000000001")), pack_id("h-1")
    (16, 'h-1')
    """
    if len(text) != _UUID_TEXT_LENGTH:
        return text
    try:
        packed = bytes.fromhex(text.replace("-", ""))
    except ValueError:
        return text
    return packed if len(packed) == _UUID_BYTES and unpack_id(packed) == text else text


def unpack_id(stored: bytes | str) -> str:
    """Return the id that `pack_id` was given."""
    if isinstance(stored, str):
        return stored
    digits = stored.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def to_millis(time: datetime) -> int:
    """Return a time as whole milliseconds since 1970, finer parts cut."""
    return (time - _EPOCH) // _MILLISECOND


def from_millis(stored: int) -> datetime:
    """Return the time that `to_millis` was given."""
    return _EPOCH + stored * _MILLISECOND


def json_text(value: Any) -> str:  # noqa: ANN401  # because any JSON value is allowed
    """Return a JSON value as text; mappings that are no dict are written as one."""
    return orjson.dumps(value, default=_plain).decode()


def _plain(value: Any) -> Any:  # noqa: ANN401  # because orjson asks for what it does not know
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")

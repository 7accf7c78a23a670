"""Values in columns come back as they went in."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from stillframe.model.times import milliseconds
from stillframe.store.types import Words, from_millis, pack_id, to_millis, unpack_id

_FIRST, _LAST = datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2200-01-01")


@given(some.uuids().map(str) | some.text(max_size=40) | some.uuids().map(lambda found: str(found).upper()))
def test_an_id_is_the_same_after_packing(text: str) -> None:
    """A UUID takes 16 bytes, and whatever else was used as an id stays itself."""
    assert unpack_id(pack_id(text)) == text


@given(some.uuids())
def test_packed_ids_sort_as_their_text(found: UUID) -> None:
    """The order of an index is the order of time in UUIDv7."""
    assert pack_id(str(found)) == found.bytes


@given(some.datetimes(min_value=_FIRST, max_value=_LAST, timezones=some.just(UTC)))
def test_a_time_keeps_its_milliseconds(time: datetime) -> None:
    """Milliseconds are what Stillframe keeps, also before 1970."""
    assert from_millis(to_millis(time)) == milliseconds(time)


@pytest.mark.parametrize("words", [("fail",), ("fail", "warn", "pass")])
def test_words_come_back_in_their_order(words: tuple[str, ...]) -> None:
    """A column that people read with SQL says them with commas between."""
    written = Words().writer(SQLiteDialect())
    read = Words().reader(SQLiteDialect())
    assert written(words) == ",".join(words)
    assert read(written(words)) == words

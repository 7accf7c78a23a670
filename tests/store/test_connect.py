"""Connecting: SQLite opened as the house wants it, and transactions that begin before their first statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from stillframe.store import Store
from stillframe.store.connect import SQLITE, begin_writing, is_postgresql, open_engine


@contextmanager
def connected(target: str | Path) -> Iterator[Connection]:
    """A connection of its own pool, which does not wait for locks."""
    engine = open_engine(str(target))
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA busy_timeout=0")
            connection.rollback()
        yield connection
    engine.dispose()


def test_sqlite_is_opened_as_the_house_wants_it(sqlite_path: Path) -> None:
    """WAL, FULL, foreign keys and recursive triggers: each one is a promise."""
    store = Store.open(sqlite_path, create=False)
    with store._engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "recursive_triggers",
                "busy_timeout",
                "page_size",
            )
        }
    store.close()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "busy_timeout": 5_000,
        "page_size": 1_024,
    }


def test_the_bundled_sqlite_does_not_corrupt_its_log() -> None:
    """Versions before 3.51.3 can damage a database when the WAL restarts."""
    assert SQLITE.sqlite_version_info >= (3, 51, 3)


@pytest.mark.parametrize(
    ("target", "is_url"),
    [
        ("postgresql://alice@host/db", True),
        ("postgresql+psycopg://host/db", True),
        ("postgres://host/db", True),
        ("postgresql.db", False),
        ("data/postgres/stillframe.db", False),
    ],
)
def test_a_url_is_told_from_a_path(target: str, is_url: bool) -> None:
    """Only a scheme makes a URL; a file may be called what it likes."""
    assert is_postgresql(target) is is_url


def test_a_writer_holds_the_lock_before_its_first_statement(sqlite_path: Path) -> None:
    """What it reads is still true when it writes; readers are not in its way."""
    with connected(sqlite_path) as one, connected(sqlite_path) as other:
        with begin_writing(one):
            with pytest.raises(OperationalError, match="locked"):
                begin_writing(other)
            with other.begin():
                assert other.execute(text("SELECT count(*) FROM users")).scalar_one() == 0
        with begin_writing(other):
            pass


def test_the_wish_to_write_is_spent_with_its_transaction(sqlite_path: Path) -> None:
    """A connection that wrote goes back to the pool, and whoever reads with it next locks nothing."""
    with connected(sqlite_path) as one, connected(sqlite_path) as other:
        with begin_writing(one):
            pass
        with one.begin(), begin_writing(other):
            assert one.execute(text("SELECT count(*) FROM users")).scalar_one() == 0


def test_a_reader_sees_one_moment(target: str) -> None:
    """Two reads of one unit never show two states, whoever commits between them."""
    store = Store.open(target, create=True)
    with store.read() as unit:
        assert unit.dashboards.count() == 0
        with connected(target) as other, begin_writing(other):
            other.execute(text("INSERT INTO workers VALUES ('w', 'worker', '2026-03-01T12:00:00.000Z')"))
        assert unit.workers.youngest_beat("worker") is None
    with store.read() as unit:
        assert unit.workers.youngest_beat("worker") is not None
    store.close()

"""Fixtures for tests on real databases: a store on a SQLite file, and the same on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from stillframe.store import Store

_database_numbers = count(1)


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Make an empty database on a PostgreSQL server, and drop it afterwards; its URL."""
    name = f"test_{next(_database_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield server.replace("/postgres?", f"/{name}?", 1)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store can be made: a path without a file, then the URL of an empty PostgreSQL database."""
    if request.param == "sqlite":
        return str(tmp_path / "stillframe.db")
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def store(target: str) -> Iterator[Store]:
    """An empty store, on SQLite and then on PostgreSQL."""
    opened = Store.open(target, create=True)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    """The path of an empty store's SQLite file."""
    path = tmp_path / "stillframe.db"
    Store.open(path, create=True).close()
    return path

"""Fixtures for tests on real databases: a store on a SQLite file, and the same on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stillframe.store import Store


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

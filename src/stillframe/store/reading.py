"""Opens a database to be looked at and never changed, also one that is damaged or of another version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from stillframe.store.connect import BUSY_SECONDS, SQLITE, is_postgresql, open_engine

_FIRST = "SELECT count(*) FROM sqlite_schema"
_READING_POSTGRES = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


@contextmanager
def opened_for_reading(target: str) -> Iterator[Connection]:
    """
    Open the SQLite file at a path, or the PostgreSQL database of a URL, and see one moment of it.

    A SQLite file is opened read-only. Where its folder cannot be written, SQLite needs to be told that nobody else
    writes; what stands in a WAL beside it is then not seen.

    Errors  What the driver raises.
    """
    engine = open_engine(target).execution_options(**_READING_POSTGRES) if is_postgresql(target) else _sqlite(target)
    try:
        with engine.connect() as connection:
            connection.begin()
            yield connection
    finally:
        engine.dispose()


def _sqlite(target: str) -> Engine:
    engine = _read_only(target, "mode=ro")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(_FIRST)
    except DBAPIError as error:
        if "unable to open" not in str(error.orig) or not Path(target).exists():
            raise
        return _read_only(target, "mode=ro&immutable=1")
    return engine


def _read_only(target: str, how: str) -> Engine:
    address = f"file:{quote(str(Path(target).absolute()))}?{how}"
    return create_engine(
        "sqlite+stillframe://",
        module=SQLITE,
        creator=lambda: SQLITE.connect(
            address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        ),
        poolclass=NullPool,
        hide_parameters=True,
    )

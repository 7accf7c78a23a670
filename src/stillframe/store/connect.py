"""Opens engines: SQLite as this house wants it, PostgreSQL by psycopg."""

from __future__ import annotations

import sqlite3 as standard_sqlite
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, RootTransaction, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import ConnectionPoolEntry

try:
    from pysqlite3 import dbapi2 as bundled_sqlite
except ImportError:
    bundled_sqlite = None

SQLITE: ModuleType = bundled_sqlite or standard_sqlite
"""The bundled SQLite where there is one: versions before 3.51.3 can corrupt a database when the WAL restarts."""
SQLITE_IS_BUNDLED = bundled_sqlite is not None
PAGE_BYTES = 1024
"""Small pages: forty nearly empty tables and indexes cost a page each, and frames lie in full overflow pages."""
CHECKPOINT_PAGES = 8192
"""The WAL is copied back at 8 MiB, not within every commit that is larger than SQLite's 1,000 small pages."""
BUSY_SECONDS = 5.0
POOL_CONNECTIONS = 16
MORE_CONNECTIONS = 48
_WRITES = "stillframe_writes"
_DIALECT = "stillframe"


class HouseSqlite(SQLiteDialect_pysqlite):
    """
    SQLite whose transactions begin as the driver would not begin them, and before the first statement.

    An event of the engine could do the same, and would cost each statement as much as reading a row.
    """

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:  # noqa: ANN401  # because the parent's type lacks what a pool adds
        """Lock at once where `begin_writing` said so: what a writer reads stays true until it writes."""
        writes = dbapi_connection.info.pop(_WRITES, False)
        dbapi_connection.driver_connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


registry.register(f"sqlite.{_DIALECT}", __name__, HouseSqlite.__name__)


def begin_writing(connection: Connection) -> RootTransaction:
    """Begin a transaction that writes; in SQLite it waits for the lock of the whole file first."""
    if connection.dialect.name == "sqlite":
        connection.connection.info[_WRITES] = True
    return connection.begin()


def is_postgresql(target: str) -> bool:
    """Say whether a target names a PostgreSQL database and not a file."""
    return target.startswith(("postgresql://", "postgresql+psycopg://", "postgres://"))


def open_engine(target: str) -> Engine:
    """Return an engine for a PostgreSQL URL or the path of a SQLite file; nothing is connected yet."""
    return _postgresql(target) if is_postgresql(target) else _sqlite(Path(target))


def _postgresql(url: str) -> Engine:
    rest = url.split("://", 1)[1]
    return create_engine(
        f"postgresql+psycopg://{rest}",
        pool_size=POOL_CONNECTIONS,
        max_overflow=MORE_CONNECTIONS,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": int(BUSY_SECONDS)},
    )


def _sqlite(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite+{_DIALECT}://",
        module=SQLITE,
        creator=lambda: SQLITE.connect(str(path), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False),
        pool_size=POOL_CONNECTIONS,
        max_overflow=MORE_CONNECTIONS,
        hide_parameters=True,
        poolclass=_queue_pool(),
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _queue_pool() -> Any:  # noqa: ANN401  # because the pool class is imported late, and only here
    from sqlalchemy.pool import QueuePool

    return QueuePool


def _prepare(connection: Any, _: ConnectionPoolEntry) -> None:  # noqa: ANN401  # because a DBAPI connection has no type
    for pragma in (
        f"page_size={PAGE_BYTES}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        f"busy_timeout={int(BUSY_SECONDS * 1000)}",
        "trusted_schema=OFF",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
        "cache_size=-8192",
    ):
        connection.execute(f"PRAGMA {pragma}")

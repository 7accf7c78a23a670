"""The store: opens the database, hands out units of work, and lets nothing of a driver out."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import Engine, text

from stillframe.errors import StoreError, StoreMissing
from stillframe.store import schema
from stillframe.store.connect import begin_writing, is_postgresql, open_engine
from stillframe.store.faults import translated
from stillframe.store.memory import Memory
from stillframe.store.schema import SchemaState
from stillframe.store.unit import Unit
from stillframe.store.work import Work

_WRITING = MappingProxyType({"preserve_rowcount": True})
"""psycopg counts the rows of an INSERT only when asked to."""
_READING_POSTGRES = MappingProxyType({"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
PAYLOAD_CACHE_BYTES = 8 * 1024 * 1024

_write_locks: weakref.WeakValueDictionary[Path, _WriteLock] = weakref.WeakValueDictionary()
_write_locks_lock = threading.Lock()


class _WriteLock:
    """Queues the writers of one file in one process: SQLite's own waiting is unfair (p99 of 1.3 s at 8 clients)."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


class Store:
    """
    Everything that was captured and promised, in one SQLite file or one PostgreSQL database. Thread safe.

    Errors  Every method, and every unit's: StoreFull, StoreUnavailable, or StoreError for what the database refused.
    """

    def __init__(self, engine: Engine, *, path: Path | None, payload_cache_bytes: int) -> None:
        self._engine = engine
        self._reader = engine if path is not None else engine.execution_options(**_READING_POSTGRES)
        self._writer = engine.execution_options(**_WRITING)
        self._path = path
        self._memory = Memory(payload_bytes=payload_cache_bytes)
        self._writing = None if path is None else _write_lock(path)
        self.failed_writes = 0
        """How many units that write the database has failed since it was opened: full, gone, locked, or refused."""

    @classmethod
    def open(cls, target: str | Path, *, create: bool, payload_cache_bytes: int = PAYLOAD_CACHE_BYTES) -> Store:
        """
        Open the SQLite file at a path, or the PostgreSQL database of a `postgresql://` URL.

        With `create`, a missing file is made and the schema brought up to date, under a lock; without, neither.

        Errors  StoreMissing, naming the path; SchemaBehind; SchemaAhead; StoreUnavailable.
        """
        name = str(target)
        path = None if is_postgresql(name) else Path(name).absolute()
        if path is not None and not path.exists():
            if not create:
                raise StoreMissing(f"There is no database at {path}.")
            path.parent.mkdir(parents=True, exist_ok=True)
        store = cls(
            open_engine(name if path is None else str(path)), path=path, payload_cache_bytes=payload_cache_bytes
        )
        try:
            store.migrate() if create else store.require_current()
        except BaseException:
            store.close()
            raise
        return store

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    def close(self) -> None:
        """Let go of every connection; units that are still open keep theirs until they end."""
        self._engine.dispose()

    def migrate(self) -> None:
        """
        Bring the schema up to date, if it is not.

        Errors  SchemaAhead if the database is newer than this program.
        """
        with translated():
            if schema.schema_state(self._engine) != "current":
                schema.migrate(self._engine)

    def require_current(self) -> None:
        """
        Return if the schema fits this program.

        Errors  SchemaBehind, SchemaAhead.
        """
        with translated():
            schema.require_current(self._engine)

    def schema_state(self) -> SchemaState:
        """Return `current`, `behind` or `ahead`."""
        with translated():
            return schema.schema_state(self._engine)

    def check_writable(self) -> None:
        """
        Return if a write transaction can be opened, write and be rolled back.

        Errors  StoreUnavailable, StoreFull.
        """
        with self._counted(), translated(), self._queued(), self._writer.connect() as connection:
            begin_writing(connection)
            connection.execute(text("DELETE FROM workers WHERE id=''"))

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """
        Open a unit of work that commits when the block is left, and rolls back when an exception leaves it.

        Keep it short: in SQLite all writers of all processes wait for it.
        """
        with self._counted(), translated(), self._queued(), self._writer.connect() as connection:
            work = Work(connection, self._memory, writes=True)
            with begin_writing(connection):
                yield Unit(work)
            work.committed()

    @contextmanager
    def read(self) -> Iterator[Unit]:
        """Open a unit of work that sees one moment of the database and writes nothing."""
        with translated(), self._reader.connect() as connection:
            connection.begin()  # closing the connection rolls it back
            yield Unit(Work(connection, self._memory, writes=False))

    @contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            yield
        except StoreError:
            self.failed_writes += 1
            raise

    @contextmanager
    def _queued(self) -> Iterator[None]:
        with nullcontext() if self._writing is None else self._writing.lock:
            yield


def _write_lock(path: Path) -> _WriteLock:
    with _write_locks_lock:
        return _write_locks.setdefault(path.resolve(), _WriteLock())

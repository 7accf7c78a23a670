"""The source `sql`: one SELECT in a session that the database itself holds to reading."""

from __future__ import annotations

import sqlite3 as standard_sqlite
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from threading import Timer
from types import ModuleType, TracebackType
from typing import Any, Self

import sqlalchemy
from sqlalchemy.engine import URL, CursorResult, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from stillframe.capture.cells import rows_from
from stillframe.capture.deadline import Deadline
from stillframe.capture.interface import Connection, Read
from stillframe.capture.select_statement import check_select
from stillframe.errors import SourceFailed

try:
    from pysqlite3 import dbapi2 as bundled_sqlite
except ImportError:
    bundled_sqlite = None

_SQLITE: ModuleType = bundled_sqlite or standard_sqlite
_BATCH_ROWS = 500
_LONGEST_REASON = 300
_SHORTEST_SECRET = 4
_CANCEL_SECONDS = 2.0
_STEPS_BETWEEN_LOOKS = 10_000
_READING = frozenset({_SQLITE.SQLITE_SELECT, _SQLITE.SQLITE_READ, _SQLITE.SQLITE_FUNCTION, _SQLITE.SQLITE_RECURSIVE})
_TAKE_A_CONNECT_TIMEOUT = frozenset({"psycopg", "psycopg2", "pymysql", "mysqldb", "mariadbconnector"})
_SPEAK_LIBPQ = frozenset({"psycopg", "psycopg2"})
"""These also notice a network that went silent; without that the thread of a lost server would wait for hours."""
_READ_ONLY_BY_STATEMENT = {
    "mysql": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION max_execution_time = {milliseconds}"),
    "mariadb": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION max_statement_time = {seconds}"),
    "oracle": ("SET TRANSACTION READ ONLY",),
    "postgresql": ("SET LOCAL statement_timeout = {milliseconds}", "SET LOCAL TIME ZONE 'UTC'"),
}
"""What makes a session read only and bounded, where the database has words for it. A server-side cursor counts its
timeout anew for each fetch, so a timer cancels as well."""
_STREAMED = {"stream_results": True, "max_row_buffer": _BATCH_ROWS, "no_parameters": True}
"""Without `no_parameters` the driver would read a per cent sign in the query as the place of a parameter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlSource:
    """
    One SELECT on a database that the operator named.

    Shape   `connection.url`: any SQLAlchemy URL; a relative SQLite path starts in `connection.folder`.
    Source  docs/reference/semantics.md, "What is refused".
    """

    connection: Connection
    query: str

    def check(self) -> None:
        """Refuse at `$.query` what is not one SELECT in the language of the connection's database."""
        check_select(self.query, database=_url_of(self.connection).get_backend_name())

    def read(self, *, max_rows: int, seconds: float) -> Read:
        """
        Run the query once, within `seconds` that begin before connecting.

        Errors  CaptureRefused at `$.query` for what is not one SELECT, at `$` or `$[ROW].COLUMN` for rows that no table
                can hold; SourceFailed for everything that the database or the way to it does not do.
        """
        deadline = Deadline.after(seconds)
        url = _url_of(self.connection)
        check_select(self.query, database=url.get_backend_name())
        engine = _engine_for(url, connection=self.connection, deadline=deadline)
        try:
            with _Cancelling(deadline) as cancelling, engine.connect() as session:
                cancelling.watch(session.connection.driver_connection)
                deadline.check()
                columns, rows = _answer(session, self.query, max_rows=max_rows, deadline=deadline)
        except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as error:
            failure = deadline.failure() if deadline.is_over else SourceFailed(_reason(error, url))
            raise failure from None
        finally:
            engine.dispose()
        return Read(value=rows, rows=len(rows), columns=columns)


def _answer(
    session: sqlalchemy.Connection, query: str, *, max_rows: int, deadline: Deadline
) -> tuple[tuple[str, ...], list[dict[str, object]]]:
    session = _held_to_reading(session, deadline)
    with session.exec_driver_sql(query, execution_options=_STREAMED) as result:
        columns = tuple(map(str, result.keys()))
        rows = rows_from(columns, _batches(result, max_rows), max_rows=max_rows, deadline=deadline)
    session.rollback()
    return columns, rows


def _batches(result: CursorResult[Any], max_rows: int) -> Iterator[Sequence[Sequence[object]]]:
    wanted = max_rows + 1
    while wanted > 0:
        batch = result.fetchmany(min(_BATCH_ROWS, wanted))
        if not batch:
            return
        wanted -= len(batch)
        yield batch


def _held_to_reading(session: sqlalchemy.Connection, deadline: Deadline) -> sqlalchemy.Connection:
    name = "mariadb" if getattr(session.dialect, "is_mariadb", False) else session.dialect.name
    left = max(deadline.left_seconds, 0.001)
    if name == "sqlite":
        _hold_sqlite(session.connection.driver_connection, deadline)
    if name == "postgresql":
        session = session.execution_options(postgresql_readonly=True)
    for statement in _READ_ONLY_BY_STATEMENT.get(name, ()):
        session.exec_driver_sql(statement.format(milliseconds=ceil(left * 1000), seconds=round(left, 3)))
    return session


def _hold_sqlite(driver: Any, deadline: Deadline) -> None:  # noqa: ANN401  # because two modules make it
    def allow(action: int, first: str | None, *_more: str | None) -> int:
        reads = action in _READING or (action == _SQLITE.SQLITE_PRAGMA and first == "data_version")
        return int(_SQLITE.SQLITE_OK if reads else _SQLITE.SQLITE_DENY)

    driver.execute("PRAGMA query_only = ON")
    driver.set_progress_handler(lambda: deadline.is_over, _STEPS_BETWEEN_LOOKS)
    driver.set_authorizer(allow)


class _Cancelling:
    """A timer that cancels what a connection is doing when its time is up; SQLite looks at the clock itself."""

    def __init__(self, deadline: Deadline) -> None:
        self._timer = Timer(deadline.left_seconds, self._cancel)
        self._timer.daemon = True
        self._driver: Any = None

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def watch(self, driver: Any) -> None:  # noqa: ANN401  # because every driver has its own
        """Cancel what this connection does when the time is up."""
        self._driver = driver

    def _cancel(self) -> None:
        with suppress(Exception):
            if hasattr(self._driver, "cancel_safe"):
                self._driver.cancel_safe(timeout=_CANCEL_SECONDS)
            elif hasattr(self._driver, "cancel"):
                self._driver.cancel()


def _url_of(connection: Connection) -> URL:
    try:
        url = make_url(connection.url)
    except (ArgumentError, ValueError):
        raise SourceFailed(f"the connection {connection.name!r} is no database URL") from None
    return url


def _engine_for(url: URL, *, connection: Connection, deadline: Deadline) -> sqlalchemy.Engine:
    try:
        if url.get_backend_name() == "sqlite":
            return _sqlite_engine(_sqlite_file(url, connection), deadline)
        arguments: dict[str, Any] = {}
        seconds = max(1, ceil(deadline.left_seconds))
        if url.get_driver_name() in _TAKE_A_CONNECT_TIMEOUT:
            arguments["connect_timeout"] = seconds
        if url.get_driver_name() in _SPEAK_LIBPQ:
            arguments |= {"tcp_user_timeout": seconds * 1000, "keepalives_idle": seconds, "keepalives_interval": 1}
        return sqlalchemy.create_engine(url, poolclass=NullPool, connect_args=arguments)
    except NoSuchModuleError:
        raise SourceFailed(f"no database driver is known for {url.drivername!r}") from None
    except ImportError as error:
        hint = "; install stillframe[postgres]" if url.get_backend_name() == "postgresql" else ""
        raise SourceFailed(f"the database driver {error.name or url.drivername!r} is not installed{hint}") from None
    except (ArgumentError, TypeError, ValueError):
        raise SourceFailed(f"the URL of the connection {connection.name!r} is not complete") from None


def _sqlite_file(url: URL, connection: Connection) -> Path:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise SourceFailed(f"the connection {connection.name!r} names no file; write sqlite:///PATH")
    file = connection.folder / url.database
    if not file.is_file():
        raise SourceFailed(f"the database of the connection {connection.name!r} is not there, and is never made")
    return file.resolve()


def _sqlite_engine(file: Path, deadline: Deadline) -> sqlalchemy.Engine:
    def connect() -> Any:  # noqa: ANN401  # because two modules make it
        return _SQLITE.connect(
            f"{file.as_uri()}?mode=ro", uri=True, timeout=deadline.left_seconds, check_same_thread=False
        )

    return sqlalchemy.create_engine("sqlite://", module=_SQLITE, creator=connect, poolclass=NullPool)


def _reason(error: Exception, url: URL) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = " ".join(str(cause).split())
    secrets = [url.password, url.username, *_texts(url)]
    if any(secret and len(secret) < _SHORTEST_SECRET and secret in text for secret in secrets):
        return f"the database refused ({type(cause).__name__})"
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return f"the database refused: {text[:_LONGEST_REASON]}" if text else "the database refused"


def _texts(url: URL) -> list[str]:
    values = [value for found in url.query.values() for value in ([found] if isinstance(found, str) else found)]
    return [value for value in values if len(value) >= _SHORTEST_SECRET]

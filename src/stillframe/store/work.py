"""One open transaction, as the repositories share it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import Connection, Executable, Row, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.schema import Table

from stillframe.errors import InvalidInput, NotFound
from stillframe.model.times import time_from_text, time_text
from stillframe.store.answers import Item, Page
from stillframe.store.memory import Memory
from stillframe.store.tables import DASHBOARDS

Parameters: TypeAlias = Mapping[str, Any]

LIST_MOST = 1000
_DASHBOARD_KEY = select(DASHBOARDS.c.key).where(DASHBOARDS.c.id == bindparam("wanted"))
_DIGITS_MOST = 18
"""Of a number that fits into 64 bits for certain."""


class Work:
    """
    A connection inside a transaction, the store's memory, and what to remember once the transaction is committed.

    Not shared between threads.
    """

    def __init__(self, connection: Connection, memory: Memory, *, writes: bool) -> None:
        self.connection = connection
        self.memory = memory
        self.writes = writes
        self.is_sqlite = connection.dialect.name == "sqlite"
        self.heads: dict[int, Row[Any]] = {}
        """The whole heads that this unit locked, by dashboard, until it moves them."""
        self.heads_payloads: dict[str, bool] = {}
        """Whether the payload of a head, by snapshot id, stands at the moment that this reading unit sees."""
        self._lessons: list[Callable[[], None]] = []

    def remember(self, lesson: Callable[[], None]) -> None:
        """Do this after the commit; at once where nothing can be rolled back."""
        if self.writes:
            self._lessons.append(lesson)
        else:
            lesson()

    def committed(self) -> None:
        for lesson in self._lessons:
            lesson()

    def rows(self, statement: Executable, parameters: Parameters | None = None) -> Sequence[Row[Any]]:
        return self.connection.execute(statement, parameters or {}).all()

    def row(self, statement: Executable, parameters: Parameters | None = None) -> Row[Any] | None:
        return self.connection.execute(statement, parameters or {}).first()

    def driver_rows(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """
        Return rows as the driver gives them, for those who read thousands and need nothing turned.

        Shape   `statement`: in the words and with the marks of this database's driver.
        """
        driver: Any = self.connection.connection.driver_connection
        dialect = self.connection.dialect
        try:
            if self.is_sqlite:
                return driver.execute(statement, parameters).fetchall()  # type: ignore[no-any-return]  # because drivers have no types
            with driver.cursor(binary=True) as cursor:
                return cursor.execute(statement, parameters).fetchall()  # type: ignore[no-any-return]  # because drivers have no types
        except dialect.loaded_dbapi.Error as error:
            raise DBAPIError.instance(statement, None, error, dialect.loaded_dbapi.Error, dialect=dialect) from error

    def run(self, statement: Executable, parameters: Parameters | Sequence[Parameters] | None = None) -> int:
        """Execute, and return how many rows it touched."""
        return self.connection.execute(statement, parameters or {}).rowcount

    def insert(self, table: Table) -> Any:  # noqa: ANN401  # because the two dialects' inserts share no type that has on_conflict
        """Return an INSERT of this database, which can say what to do about a row that is there already."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def insert_once(self, table: Table) -> Executable:
        """Return the INSERT that passes over a row whose key, or anything else unique, is there already."""
        return _insert_once(table, self.is_sqlite)

    def dashboard_key(self, dashboard_id: str) -> int:
        """
        Return the integer that stands for a dashboard in narrow rows.

        Errors  NotFound if there is no such dashboard.
        """
        known = self.memory.keys.get(dashboard_id)
        if known is not None:
            return known
        found = self.row(_DASHBOARD_KEY, {"wanted": dashboard_id})
        if found is None:
            raise NotFound
        key: int = found.key
        self.remember(lambda: self.memory.keys.put(dashboard_id, key))
        return key


@cache
def _insert_once(table: Table, is_sqlite: bool) -> Executable:
    return (sqlite.insert(table) if is_sqlite else postgresql.insert(table)).on_conflict_do_nothing()


def page_of(items: Sequence[Item], *, limit: int, cursor: Callable[[Item], str]) -> Page[Item]:
    """Return a page of at most `limit` of the items, which were read with one more than that."""
    kept = list(items[:limit])
    return Page(kept, cursor(kept[-1]) if kept and len(items) > limit else None)


def number_cursor(cursor: str | None) -> int | None:
    """
    Return the number that a cursor holds.

    Errors  InvalidInput if this cursor was never given out.
    """
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _DIGITS_MOST):
        raise bad_cursor(cursor)
    return int(cursor)


def pair_cursor(cursor: str | None) -> tuple[str, str] | None:
    """
    Return the time, as a column holds it, and the id that a cursor holds.

    Errors  InvalidInput if this cursor was never given out.
    """
    if cursor is None:
        return None
    time, separator, identity = cursor.partition("~")
    if not separator:
        raise bad_cursor(cursor)
    return time_text(time_from_text(time, path="$.cursor")), identity


def bad_cursor(cursor: str) -> InvalidInput:
    """Return the error for a cursor that no list gave out."""
    return InvalidInput.at("$.cursor", f"{cursor[:40]!r} is not a cursor that a list gave out")


def bounded(limit: int) -> int:
    """Return a page size between 1 and what a page may hold."""
    return max(1, min(limit, LIST_MOST))

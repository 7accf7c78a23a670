"""Copies everything that one database holds into another one of the same schema, also from SQLite to PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, inspect, select, text

from stillframe.errors import BackupRefused
from stillframe.store import schema
from stillframe.store.connect import begin_writing, open_engine
from stillframe.store.faults import translated
from stillframe.store.reading import opened_for_reading
from stillframe.store.tables import METADATA

ROWS_AT_ONCE = 2_000
_LARGE_ROWS_AT_ONCE = {"reports": 4}
"""Of tables whose rows may take megabytes."""
_SPENT = ("leases", "workers")
"""What only a running process has."""

_FOREIGN_KEYS = text(
    """SELECT c.conrelid::regclass::text AS owner,quote_ident(c.conname) AS name,
pg_get_constraintdef(c.oid) AS definition
FROM pg_constraint c WHERE c.contype='f' AND c.connamespace=current_schema()::regnamespace"""
)
_OURS = text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname=current_schema() AND tablename=ANY(:names)")
_FUNCTIONS = text(
    """SELECT p.oid::regprocedure::text FROM pg_proc p
WHERE p.pronamespace=current_schema()::regnamespace AND p.prorettype='trigger'::regtype AND p.proname=ANY(:names)"""
)
_TRIGGERS = text("SELECT name,sql FROM sqlite_schema WHERE type='trigger'")


def copied_to_sqlite(source: str, path: Path) -> None:
    """
    Write what a PostgreSQL database holds at one moment into a new SQLite file.

    Errors  SchemaBehind, SchemaAhead; StoreError.
    """
    with translated(), opened_for_reading(source) as origin:
        schema.require_current(origin.engine)
        engine = open_engine(str(path))
        try:
            schema.migrate(engine)
            with engine.connect() as sink:
                _outside_transactions(sink, "PRAGMA foreign_keys=OFF")
                with begin_writing(sink), _without_sqlite_triggers(sink):
                    _copy(origin, sink)
                sink.invalidate()
            with engine.connect() as sink:
                _outside_transactions(sink, "PRAGMA journal_mode=DELETE")
        finally:
            engine.dispose()


def copied_to_postgresql(path: Path, target: str) -> None:
    """
    Put what a SQLite file holds in the place of everything that a PostgreSQL database holds, in one transaction.

    Errors  StoreError, after which the database is as it was.
    """
    engine = open_engine(target)
    try:
        with translated(), opened_for_reading(str(path)) as origin, engine.connect() as sink, sink.begin():
            _drop_everything(sink)
            schema.migrate_within(sink)
            with _without_postgresql_guards(sink):
                _copy(origin, sink)
                _count_on(sink)
    finally:
        engine.dispose()


def holds_something(target: str) -> bool:
    """
    Say whether a database holds anything that somebody would miss.

    Errors  BackupRefused if it is no database of ours; StoreError.
    """
    with translated(), opened_for_reading(target) as connection:
        there = set(inspect(connection).get_table_names())
        if there and "alembic_version" not in there:
            raise BackupRefused("What is there already is not a Stillframe database; nothing was replaced.")
        missed = there & {"dashboards", "groups", "projects", "personas", "tokens"}
        return any(connection.exec_driver_sql(f"SELECT 1 FROM {name} LIMIT 1").first() for name in sorted(missed))  # noqa: S608  # because the names are those above


def _outside_transactions(connection: Connection, pragma: str) -> None:
    """Do what SQLite does not do in a transaction; the connection is not used for anything else."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(pragma)


def _copy(origin: Connection, sink: Connection) -> None:
    for table in METADATA.sorted_tables:
        if table.name in _SPENT:
            continue
        columns = _written(table, sink)
        rows_at_once = _LARGE_ROWS_AT_ONCE.get(table.name, ROWS_AT_ONCE)
        # Of this one statement: said of the connection, the next table would be read like this one.
        streamed = {"yield_per": rows_at_once}
        rows = origin.execute(select(*columns), execution_options=streamed)
        for part in rows.mappings().partitions(rows_at_once):
            sink.execute(table.insert(), [dict(row) for row in part])


def _written(table: Table, sink: Connection) -> list[Any]:
    """Return the columns that are not computed from others."""
    computed = {found["name"] for found in inspect(sink).get_columns(table.name) if found.get("computed")}
    return [column for column in table.c if column.name not in computed]


@contextmanager
def _without_sqlite_triggers(sink: Connection) -> Iterator[None]:
    triggers = sink.execute(_TRIGGERS).all()
    for trigger in triggers:
        sink.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
    yield
    for trigger in triggers:
        sink.exec_driver_sql(trigger.sql)


@contextmanager
def _without_postgresql_guards(sink: Connection) -> Iterator[None]:
    """Load without triggers and foreign keys; making the keys again checks every row."""
    keys = sink.execute(_FOREIGN_KEYS).all()
    for key in keys:
        sink.exec_driver_sql(f"ALTER TABLE {key.owner} DROP CONSTRAINT {key.name}")
    for table in METADATA.tables:
        sink.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for table in METADATA.tables:
        sink.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    for key in keys:
        sink.exec_driver_sql(f"ALTER TABLE {key.owner} ADD CONSTRAINT {key.name} {key.definition}")


def _drop_everything(sink: Connection) -> None:
    names = [*METADATA.tables, "alembic_version"]
    for (table,) in sink.execute(_OURS, {"names": names}).all():
        sink.exec_driver_sql(f"DROP TABLE {table} CASCADE")
    functions = [f"{table}_{event}" for table in names for event in ("insert", "update", "delete")]
    for (function,) in sink.execute(_FUNCTIONS, {"names": [*functions, "evidence_truncate"]}).all():
        sink.exec_driver_sql(f"DROP FUNCTION {function} CASCADE")


def _count_on(sink: Connection) -> None:
    """Let every number that PostgreSQL gives out go on after the highest that was copied."""
    for table in METADATA.tables.values():
        for found in inspect(sink).get_columns(table.name):
            if found.get("identity"):
                name = found["name"]
                sink.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}','{name}'),"  # noqa: S608  # because the names are those of our own tables
                    f"coalesce(max({name}),0)+1,false) FROM {table.name}"
                )

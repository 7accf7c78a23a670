"""Whether the schema fits this program, and the migrations that make it fit, under a lock."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Engine, inspect, text

from stillframe.errors import SchemaAhead, SchemaBehind
from stillframe.store.connect import begin_writing
from stillframe.store.migrations import VERSIONS

SchemaState: TypeAlias = Literal["current", "behind", "ahead"]
MIGRATION_SECONDS = 600
_VERSION_TABLE = "alembic_version"
_POSTGRES_LOCK = 0x5311F4A3
"""Any number will do, as long as every Stillframe process asks for the same."""


def schema_state(engine: Engine) -> SchemaState:
    """Return whether the database has the schema of this program, an older one (or none), or a newer one."""
    with engine.connect() as connection:
        return state_of(connection)


def require_current(engine: Engine) -> None:
    """
    Return if this program may use the database.

    Errors  SchemaBehind, SchemaAhead.
    """
    match schema_state(engine):
        case "behind":
            raise SchemaBehind
        case "ahead":
            raise SchemaAhead
        case "current":
            return


def migrate(engine: Engine) -> None:
    """
    Bring the schema to this program's version; processes that start together agree on who does it.

    In SQLite the lock is the write transaction that the migration itself runs in, in PostgreSQL an advisory lock.

    Errors  SchemaAhead if the database is newer.
    """
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            _be_patient(connection)
        with begin_writing(connection):
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _POSTGRES_LOCK})
            is_new = not inspect(connection).has_table(_VERSION_TABLE)
            _upgrade(connection)
        if is_new and connection.dialect.name == "sqlite":
            # Each version leaves holes in the pages that hold the schema; of an empty file they are closed at once.
            _driver(connection).execute("VACUUM")
        connection.invalidate()


def migrate_within(connection: Connection) -> None:
    """Bring the schema up to date in the transaction that is open; whoever opened it sees to the lock."""
    _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    match state_of(connection):
        case "ahead":
            raise SchemaAhead
        case "behind":
            _run_migrations(connection)
        case "current":
            return


def _run_migrations(connection: Connection) -> None:
    # Alembic takes as long to import as the rest of the store, and most processes find the schema current.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _be_patient(connection: Connection) -> None:
    """Wait for another process's migration longer than for its writes; the connection is not used for anything else."""
    _driver(connection).execute(f"PRAGMA busy_timeout={MIGRATION_SECONDS * 1000}")


def _driver(connection: Connection) -> Any:  # noqa: ANN401  # because a DBAPI connection has no type
    return connection.connection.driver_connection


def state_of(connection: Connection) -> SchemaState:
    """Return how the schema that a connection sees stands to this program's."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return "behind"
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    if list(found) == [VERSIONS[-1]]:
        return "current"
    return "behind" if set(found) <= set(VERSIONS) else "ahead"

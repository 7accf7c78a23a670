"""Whether the schema fits this program, and the migrations that make it fit, under a lock."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from stillframe.errors import SchemaAhead, SchemaBehind
from stillframe.store.connect import WRITES

SchemaState: TypeAlias = Literal["current", "behind", "ahead"]
_POSTGRES_LOCK = 0x5311F4A3
"""Any number will do, as long as every Stillframe process asks for the same."""


def schema_state(engine: Engine) -> SchemaState:
    """Return whether the database has the schema of this program, an older one (or none), or a newer one."""
    with engine.connect() as connection:
        return _state(connection)


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


def migrate(engine: Engine, *, lock_path: Path | None) -> None:
    """
    Bring the schema to this program's version; processes that start together agree on who does it.

    Errors  SchemaAhead if the database is newer.
    """
    with (
        _one_at_a_time(lock_path),
        engine.connect().execution_options(**{WRITES: True}) as connection,
        connection.begin(),
    ):
        if lock_path is None:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _POSTGRES_LOCK})
        match _state(connection):
            case "ahead":
                raise SchemaAhead
            case "behind":
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
            case "current":
                return


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    return config


def _state(connection: Connection) -> SchemaState:
    script = ScriptDirectory.from_config(_config())
    current = MigrationContext.configure(connection).get_current_revision()
    if current == script.get_current_head():
        return "current"
    known = {revision.revision for revision in script.walk_revisions()}
    return "behind" if current is None or current in known else "ahead"


@contextmanager
def _one_at_a_time(lock_path: Path | None) -> Iterator[None]:
    if lock_path is None:
        yield
        return
    with lock_path.open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

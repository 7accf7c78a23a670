"""A database as the first release wrote it, put into a file or a PostgreSQL database, and what it held."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from stillframe.flows.services import Services
from stillframe.notify import Notifier
from stillframe.store import migrations
from stillframe.store.connect import SQLITE, begin_writing, is_postgresql, open_engine
from stillframe.store.types import unpack_id
from stillframe.testing import MemoryChannel
from tests.stories.house import furnish, settings_of

DATA = Path(__file__).with_name("data")
VAULT_KEY = base64.b64encode(bytes(range(32))).decode()
TOKEN = "sf_of_the_first_release_{}"
_IDS = {
    "acceptances": ("snapshot_id",),
    "heads": ("last_snapshot_id", "head_snapshot_id"),
    "notices": ("snapshot_id", "baseline_snapshot_id"),
    "snapshots": ("id",),
    "verdicts": ("snapshot_id", "baseline_snapshot_id"),
}
"""Columns that SQLite holds packed and PostgreSQL as text."""
_NUMBERED = {"dashboards": "key", "texts": "key", "contents": "key", "rules": "id", "outbox": "key", "tries": "key"}


def held() -> Any:
    """Return what the first release answered of this database, as JSON."""
    return json.loads((DATA / "first_release.json").read_text("utf8"))


def write_first_release(target: str, scratch: Path) -> None:
    """Make the database of the first release at a target that holds nothing yet."""
    if not is_postgresql(target):
        _write_file(Path(target))
        return
    source = scratch / "source.db"
    _write_file(source)
    engine = open_engine(target)
    with engine.connect() as connection, begin_writing(connection):
        _migrate_to_first(connection)
        # The rows come in no order that foreign keys would like, and every one of them was accepted once.
        connection.execute(text("SET LOCAL session_replication_role=replica"))
        for table, columns, rows in _tables(source):
            names, marks = ",".join(columns), ",".join(f":{name}" for name in columns)
            connection.execute(
                text(f"INSERT INTO {table}({names}) VALUES({marks})"),
                rows,
            )
        for table, key in _NUMBERED.items():
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table}','{key}'),(SELECT max({key}) FROM {table}))")
            )
    engine.dispose()


@contextmanager
def opened(target: str, folder: Path, channel: MemoryChannel | None = None) -> Iterator[Services]:
    """Open services over a database, which migrates it, at the time when the first release left it."""
    (folder / "timed.json").write_text('[{"id": "a", "score": 2}, {"id": "b", "score": 1}]', encoding="utf8")
    settings = settings_of(folder, target, secrets={"key": VAULT_KEY}, connections={"files": {"url": str(folder)}})
    services, clock = furnish(settings)
    clock.set(datetime.fromisoformat(held()["now"]))
    services = replace(services, notifier=Notifier(channel=channel or MemoryChannel(), clock=clock))
    yield services
    services.close()


def _write_file(path: Path) -> None:
    with closing(SQLITE.connect(path)) as connection:
        connection.executescript((DATA / "first_release.sql").read_text("utf8"))


def _tables(source: Path) -> Iterator[tuple[str, list[str], list[dict[str, Any]]]]:
    """Return every table with rows: its name, its columns, its rows as PostgreSQL takes them."""
    with closing(SQLITE.connect(source)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type='table'")]
        for table in tables:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            packed = _IDS.get(table, ())
            found = connection.execute(f"SELECT {','.join(columns)} FROM {table}").fetchall()
            rows = [
                {
                    name: unpack_id(value) if name in packed and value is not None else value
                    for name, value in zip(columns, row, strict=True)
                }
                for row in found
            ]
            if rows and table != "alembic_version":
                yield table, columns, rows


def _migrate_to_first(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")

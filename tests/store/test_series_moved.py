"""Series of the first schema, one row a value, moved into packed rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from stillframe.store import Store, migrations
from stillframe.store.connect import begin_writing, open_engine
from stillframe.store.migrations.series_tables import BATCH_ROWS

SNAPSHOT = text(
    """INSERT INTO snapshots(dashboard,sequence,id,timestamp,as_of,late,initiator,trigger_source,immutable,
retention_class,content,view_spec_hash,capture_status,adopted)
VALUES(:dashboard,:sequence,:id,:as_of,:as_of,0,1,1,0,1,1,1,:status,:adopted)"""
)
VALUE = text("INSERT INTO series(dashboard,name,sequence,value) VALUES(:dashboard,:name,:sequence,:value)")


def _first_schema(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")


def _fill(connection: Connection, count: int) -> None:
    """Two dashboards: one with many snapshots of two metrics, one with an empty, an accepted and a lost one."""
    connection.execute(text("INSERT INTO users VALUES('u','alice','admin','2026-01-01T00:00:00.000Z',NULL)"))
    for key in (1, 2):
        connection.execute(
            text(
                "INSERT INTO dashboards VALUES(:key,:name,:name,'t','u','{}','h','manual','2026-01-01T00:00:00.000Z',"
                "'2026-01-01T00:00:00.000Z','2026-01-01T00:00:00.000Z')"
            ),
            {"key": key, "name": f"d{key}"},
        )
    connection.execute(text("INSERT INTO texts(text) VALUES('papers'),('tests')"))
    snapshots: list[dict[str, Any]] = []
    values: list[dict[str, Any]] = []
    for sequence in range(1, count + 1):
        plain = {"dashboard": 1, "sequence": sequence}
        snapshots.append(plain | {"id": f"s-{sequence}", "as_of": sequence * 1_000, "status": 0, "adopted": 1})
        values.append(plain | {"name": 1, "value": sequence + 0.5})
        values.append(plain | {"name": 2, "value": None if sequence % 2 else float(sequence)})
    for sequence, (status, adopted) in enumerate(((0, 1), (1, 1), (1, 1), (0, 0)), start=1):
        plain = {"dashboard": 2, "sequence": sequence}
        snapshots.append(
            plain | {"id": f"e-{sequence}", "as_of": 9_000 - sequence, "status": status, "adopted": adopted}
        )
        values.append(plain | {"name": 1, "value": float(sequence)})
    connection.execute(SNAPSHOT, snapshots)
    connection.execute(VALUE, values)
    connection.execute(text("INSERT INTO acceptances VALUES('e-3','alice','2026-01-01T00:00:00.000Z')"))


def test_every_value_of_the_first_schema_is_found_again(target: str) -> None:
    """Empty captures had values that no answer showed; those of the truth are all there, in order."""
    count = BATCH_ROWS + 7
    engine = open_engine(target)
    with engine.connect() as connection, begin_writing(connection):
        _first_schema(connection)
        _fill(connection, count)
    engine.dispose()
    store = Store.open(target, create=True)
    with store.read() as unit:
        many, few = unit.series.block("d1"), unit.series.block("d2")
    store.close()
    assert many.values["papers"] == [sequence + 0.5 for sequence in range(1, count + 1)]
    assert many.values["tests"] == [None if sequence % 2 else sequence for sequence in range(1, count + 1)]
    assert list(many.as_of) == [sequence * 1_000 for sequence in range(1, count + 1)]
    assert list(many.sequences) == list(range(1, count + 1))
    assert (few.as_of, few.sequences, few.values) == ([8_997, 8_999], [3, 1], {"papers": [3, 1]})

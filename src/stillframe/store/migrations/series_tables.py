"""The tables and indexes of schema version 0003, and how the values that 0001 kept one by one move into packed rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, text

from stillframe.store.memory import Memory
from stillframe.store.migrations.first_tables import in_words_of
from stillframe.store.series import packed_rows
from stillframe.store.texts import Texts
from stillframe.store.work import Work

BATCH_ROWS = 2_000

_SET_ASIDE = "ALTER TABLE series RENAME TO series_before;"
_SERIES = {
    # Four bytes find one of millions of hashes as well as the eight of 0001 did; the query compares the whole.
    "sqlite": """
CREATE TABLE series(dashboard @int,as_of @int,sequence @int,layout @int,packed @blob NOT NULL,
PRIMARY KEY(dashboard,as_of,sequence,layout)) @narrow;
DROP INDEX contents_hash;
CREATE INDEX contents_hash ON contents(substr(hash,1,4));
""",
    # A trend is read from the index alone; what is new in it is vacuumed early, or the table would be asked again.
    "postgresql": """
ALTER INDEX series_pkey RENAME TO series_before_pkey;
CREATE TABLE series(dashboard @int,as_of @int,sequence @int,layout @int,packed @blob NOT NULL,
PRIMARY KEY(dashboard,as_of,sequence,layout) INCLUDE(packed))
WITH(autovacuum_vacuum_insert_scale_factor=0.02);
ALTER TABLE snapshots SET(autovacuum_vacuum_insert_scale_factor=0.02);
""",
}
_LISTS = """
CREATE INDEX snapshots_listed ON snapshots(dashboard,timestamp,sequence,members) WHERE scope IS NOT NULL;
"""
_DASHBOARDS = text("SELECT DISTINCT dashboard FROM series_before ORDER BY dashboard")
_OLD = text(
    """SELECT v.sequence,s.as_of,v.name,v.value FROM series_before v
    JOIN snapshots s ON s.dashboard=v.dashboard AND s.sequence=v.sequence
    WHERE v.dashboard=:dashboard AND s.adopted=1
    AND (s.capture_status<>1 OR EXISTS(SELECT 1 FROM acceptances a WHERE a.snapshot_id=s.id))
    ORDER BY v.sequence,v.name"""
)
_NEW = text(
    "INSERT INTO series(dashboard,as_of,sequence,layout,packed) VALUES(:dashboard,:as_of,:sequence,:layout,:packed)"
)


def table_statements(dialect: str) -> list[str]:
    """Return the statements that set the old series aside and make what takes its place."""
    return in_words_of(dialect, _SET_ASIDE + _SERIES[dialect] + _LISTS)


def move_values(connection: Connection) -> None:
    """Pack every value that 0001 kept, a batch at a time, and let the old table go."""
    # Its memory ends with it, so it may learn before the commit; asking for a layout each time would take minutes.
    texts = Texts(Work(connection, Memory(payload_bytes=0), writes=False))
    for dashboard in connection.execute(_DASHBOARDS).scalars().all():
        # Of this one statement: said of the connection, the options would hold for the inserts in between as well.
        streamed = {"stream_results": True, "yield_per": BATCH_ROWS}
        rows = connection.execute(_OLD, {"dashboard": dashboard}, execution_options=streamed)
        for batch in _batches(_packed(rows, texts, dashboard)):
            connection.execute(_NEW, batch)
    connection.execute(text("DROP TABLE series_before"))


def _packed(rows: Iterable[Any], texts: Texts, dashboard: int) -> Iterator[dict[str, Any]]:
    for (sequence, as_of), found in groupby(rows, key=lambda row: (row.sequence, row.as_of)):
        moment = {"dashboard": dashboard, "as_of": as_of, "sequence": sequence}
        for row in packed_rows(texts, {value.name: value.value for value in found}):
            yield moment | row


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch

"""The database that the demo's dashboard asks: somebody else's to Stillframe, and filled a day at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from stillframe.cli.demo.example import Day

_TABLES = """
create table carriers (carrier text primary key, name text not null);
create table carrier_days (
    day text not null,
    carrier text not null references carriers,
    flights integer not null,
    cancelled integer not null,
    arrived integer not null,
    on_time integer not null,
    delay_minutes integer not null,
    primary key (day, carrier)
) without rowid;
"""


def create(path: Path, *, carriers: Iterable[tuple[str, str]]) -> None:
    """Make the database with its carriers and no flights."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(_TABLES)
        connection.executemany("insert into carriers values (?, ?)", carriers)


def load(path: Path, day: Day) -> None:
    """Add a day's rows, as a nightly import would; not synced to the disk, because all of it can be made again."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("pragma synchronous = off")
        connection.executemany("insert into carrier_days values (?, ?, ?, ?, ?, ?, ?)", day.rows)

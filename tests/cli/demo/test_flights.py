"""The database that the demo's dashboard asks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from stillframe.cli.demo import example, flights


def test_days_are_added_one_by_one(tmp_path: Path) -> None:
    """Each import adds its rows and touches no other."""
    path = tmp_path / "flights.db"
    flights.create(path, carriers=example.carriers())
    first, second = example.days(2)
    for day, rows in ((first, len(first.rows)), (second, len(first.rows) + len(second.rows))):
        flights.load(path, day)
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("select count(*), max(day) from carrier_days").fetchone() == (rows, day.date)


def test_a_day_cannot_be_imported_twice(tmp_path: Path) -> None:
    """Counting a day double would move the ranking."""
    path = tmp_path / "flights.db"
    flights.create(path, carriers=example.carriers())
    (day,) = example.days(1)
    flights.load(path, day)
    with pytest.raises(sqlite3.IntegrityError):
        flights.load(path, day)

"""A database that is only looked at: nothing can be written through it, and a damaged one opens all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from stillframe.store import Store
from stillframe.store.reading import opened_for_reading
from tests.store.cast import scene


def test_nothing_is_written_through_it(target: str) -> None:
    """The database itself refuses."""
    Store.open(target, create=True).close()
    with pytest.raises(DBAPIError), opened_for_reading(target) as connection:
        connection.execute(text("DELETE FROM workers"))


def test_one_moment_is_seen(target: str) -> None:
    """What is committed meanwhile comes with the next look."""
    store = Store.open(target, create=True)
    here = scene(store)
    with opened_for_reading(target) as connection:
        assert connection.execute(text("SELECT count(*) FROM snapshots")).scalar_one() == 0
        here.take(1)
        assert connection.execute(text("SELECT count(*) FROM snapshots")).scalar_one() == 0
    with opened_for_reading(target) as connection:
        assert connection.execute(text("SELECT count(*) FROM snapshots")).scalar_one() == 1
    store.close()


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    """Looking for something does not bring it into being."""
    with pytest.raises(DBAPIError), opened_for_reading(str(tmp_path / "nowhere.db")):
        raise AssertionError("there was nothing to open")
    assert list(tmp_path.iterdir()) == []


def test_a_path_with_a_question_mark_is_a_path(tmp_path: Path) -> None:
    """What SQLite would take for the end of an address is part of a name."""
    path = tmp_path / "what?mode=rwc#.db"
    Store.open(path, create=True).close()
    with opened_for_reading(str(path)) as connection:
        assert connection.execute(text("SELECT count(*) FROM snapshots")).scalar_one() == 0

"""Faults: each way in which a driver says no is one of ours, and says whether trying again can help."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, exc, text

from stillframe.errors import NotFound, StoreError, StoreFull, StoreUnavailable
from stillframe.store.connect import open_engine
from stillframe.store.faults import translate, translated


def fill_up(engine: Engine) -> None:
    with engine.begin() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        connection.execute(text("INSERT INTO texts(text) VALUES (:long)"), {"long": "x" * 100_000})


def write_while_another_does(engine: Engine) -> None:
    with engine.connect() as one, engine.connect() as other, one.begin():
        one.exec_driver_sql("DELETE FROM workers")
        other.exec_driver_sql("PRAGMA busy_timeout=0")
        other.exec_driver_sql("DELETE FROM workers")


def break_a_constraint(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO workers VALUES ('w', 'worker', 'now'), ('w', 'worker', 'now')")


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (fill_up, StoreFull),
        (write_while_another_does, StoreUnavailable),
        (break_a_constraint, StoreError),
    ],
)
def test_what_sqlite_refuses_is_one_of_our_errors(
    sqlite_path: Path, act: Callable[[Engine], None], error: type[StoreError]
) -> None:
    """Full, busy and refused are three answers, and the driver's own word stays behind them as the cause."""
    engine = open_engine(str(sqlite_path))
    with pytest.raises(StoreError) as refused, translated():
        act(engine)
    engine.dispose()
    assert type(refused.value) is error
    assert isinstance(refused.value.__cause__, exc.DBAPIError)


@pytest.mark.parametrize(
    ("sqlstate", "error"),
    [
        ("53100", StoreFull),
        ("53300", StoreUnavailable),
        ("40001", StoreUnavailable),
        ("40P01", StoreUnavailable),
        ("55P03", StoreUnavailable),
        ("57P01", StoreUnavailable),
        ("08006", StoreUnavailable),
        ("23505", StoreError),
        ("42P01", StoreError),
    ],
)
def test_what_postgresql_refuses_is_one_of_our_errors(sqlstate: str, error: type[StoreError]) -> None:
    """A full disk, a lost race, a server that stops; a constraint is no reason to try again."""
    original = psycopg.errors.lookup(sqlstate)("said so")
    found = translate(exc.DatabaseError("SELECT 1", None, original))
    assert type(found) is error


def test_a_connection_that_broke_can_be_tried_again() -> None:
    """Whatever the driver said, the next connection is another one."""
    lost = exc.DatabaseError("SELECT 1", None, Exception("gone"), connection_invalidated=True)
    assert type(translate(lost)) is StoreUnavailable


def test_a_pool_that_is_used_up_can_be_tried_again() -> None:
    """Too many at once is not a broken database."""
    with pytest.raises(StoreUnavailable), translated():
        raise exc.TimeoutError


def test_our_own_errors_pass_as_they_are() -> None:
    """Only a driver's errors are translated; a bug stays a bug."""
    for error in (NotFound(), ValueError("no parent")):
        with pytest.raises(type(error)) as passed, translated():
            raise error
        assert passed.value is error


def test_no_value_of_a_statement_is_in_the_words() -> None:
    """An error goes to logs and answers, a secret never does."""
    original = psycopg.errors.lookup("23505")("duplicate key\nDETAIL: Key (digest)=(top secret) exists")
    assert "top secret" not in str(translate(exc.DatabaseError("SELECT 1", None, original)))

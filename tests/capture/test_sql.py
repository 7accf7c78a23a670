"""The source `sql` on real SQLite files and a real PostgreSQL server."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from stillframe.capture.interface import Connection, Read
from stillframe.capture.sql import SqlSource
from stillframe.errors import CaptureRefused, SourceFailed
from tests.capture.answering import closed_port, silent

SECONDS = 10.0
ENDLESS = "with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) as n from r"


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    """A real database with three hypotheses."""
    file = tmp_path / "data" / "scores.db"
    file.parent.mkdir()
    with sqlite3.connect(file) as database:
        database.execute("create table hypotheses (id text, title text, score real, elo integer)")
        database.executemany(
            "insert into hypotheses values (?, ?, ?, ?)",
            [("h-1", "50% more", 0.71, 1500), ("h-2", "Größe", 0.5, None), ("h-3", "c", 0.1, 1400)],
        )
    database.close()
    return file


def ask_sqlite(file: Path, query: str, *, max_rows: int = 100, seconds: float = SECONDS) -> Read:
    connection = Connection(name="warehouse", url=f"sqlite:///{file}")
    return SqlSource(connection=connection, query=query).read(max_rows=max_rows, seconds=seconds)


def ask_postgres(url: str, query: str, *, max_rows: int = 100, seconds: float = SECONDS) -> Read:
    connection = Connection(name="warehouse", url=url)
    return SqlSource(connection=connection, query=query).read(max_rows=max_rows, seconds=seconds)


def cell(url: str, expression: str) -> Any:
    return ask_postgres(url, f"select {expression} as x").value[0]["x"]


class TestSqlite:
    def test_rows_come_as_they_are_in_the_order_of_the_query(self, sqlite_file: Path) -> None:
        """Numbers, texts and nulls keep their kind, columns their order, rows theirs."""
        read = ask_sqlite(sqlite_file, "select id, score, elo from hypotheses where title like '%e%' order by id desc")
        assert read.value == [{"id": "h-2", "score": 0.5, "elo": None}, {"id": "h-1", "score": 0.71, "elo": 1500}]
        assert (read.rows, read.columns) == (2, ("id", "score", "elo"))

    def test_a_query_without_rows_keeps_its_columns(self, sqlite_file: Path) -> None:
        """An empty answer is still a table, and the same table as yesterday's."""
        read = ask_sqlite(sqlite_file, "select id, score from hypotheses where 0")
        assert (read.value, read.rows, read.columns) == ([], 0, ("id", "score"))

    def test_a_relative_path_starts_in_the_folder_of_the_connection(self, sqlite_file: Path) -> None:
        """The configuration's folder decides, not the folder where the program was started."""
        connection = Connection(name="w", url="sqlite:///data/scores.db", folder=sqlite_file.parent.parent)
        read = SqlSource(connection=connection, query="select count(*) as n from hypotheses").read(
            max_rows=1, seconds=SECONDS
        )
        assert read.value == [{"n": 3}]

    def test_a_database_that_is_not_there_is_never_made(self, tmp_path: Path) -> None:
        """A wrong path is an error, not an empty database that looks like news."""
        with pytest.raises(SourceFailed, match="is not there"):
            ask_sqlite(tmp_path / "none.db", "select 1 as x")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x.db?mode=rwc&uri=true"])
    def test_a_connection_without_a_file_is_refused(self, url: str) -> None:
        """A database in memory holds nothing, and a URI could ask for more than reading."""
        with pytest.raises(SourceFailed, match="names no file"):
            SqlSource(connection=Connection(name="w", url=url), query="select 1 as x").read(max_rows=1, seconds=1)

    def test_one_row_too_many_is_refused_and_as_many_as_allowed_are_not(self, sqlite_file: Path) -> None:
        """The limit itself is fine; a table is never cut in silence."""
        assert ask_sqlite(sqlite_file, "select id from hypotheses", max_rows=3).rows == 3
        with pytest.raises(CaptureRefused, match="at most 2 are taken"):
            ask_sqlite(sqlite_file, "select id from hypotheses", max_rows=2)

    def test_an_endless_query_is_interrupted(self, sqlite_file: Path) -> None:
        """The limit stops the work itself, not only the waiting."""
        started = time.monotonic()
        with pytest.raises(SourceFailed, match=r"did not answer within 0\.3 s"):
            ask_sqlite(sqlite_file, ENDLESS, seconds=0.3)
        assert time.monotonic() - started < 3

    def test_no_thread_is_left_behind(self, sqlite_file: Path) -> None:
        """The timer ends with the read."""
        before = threading.active_count()
        ask_sqlite(sqlite_file, "select 1 as x")
        time.sleep(0.05)
        assert threading.active_count() <= before

    def test_two_columns_of_one_name_are_refused(self, sqlite_file: Path) -> None:
        """In a row of JSON the second would swallow the first."""
        with pytest.raises(CaptureRefused, match="two columns are called 'id'"):
            ask_sqlite(sqlite_file, "select a.id, b.id from hypotheses a join hypotheses b")

    def test_bytes_are_refused_with_row_and_column(self, sqlite_file: Path) -> None:
        """Bytes have no form in JSON that everybody would agree on."""
        with pytest.raises(CaptureRefused) as refusal:
            ask_sqlite(sqlite_file, "select 1 as a, 'x' as b union all select 2, x'00ff'")
        assert [fault.path for fault in refusal.value.faults] == ["$[1].b"]

    def test_an_error_of_the_database_says_its_reason_and_no_path(self, sqlite_file: Path) -> None:
        """Who wrote the query needs the reason; where the file lies is the operator's business."""
        with pytest.raises(SourceFailed, match="no such table: nope") as failure:
            ask_sqlite(sqlite_file, "select * from nope")
        assert str(sqlite_file.parent) not in str(failure.value)
        assert failure.value.__suppress_context__

    def test_the_session_itself_refuses_what_the_reading_of_the_query_missed(self, sqlite_file: Path) -> None:
        """The second fence: SQLite's own authorizer allows reading and nothing else."""
        with pytest.raises(SourceFailed, match=r"authoriz|prohibited"):
            ask_sqlite(sqlite_file, "select * from pragma_table_info('hypotheses')")

    def test_full_text_tables_can_be_read(self, sqlite_file: Path) -> None:
        """A virtual table asks the database questions of its own, and those are allowed."""
        with sqlite3.connect(sqlite_file) as database:
            database.execute("create virtual table words using fts5(word)")
            database.execute("insert into words values ('hello')")
        database.close()
        assert ask_sqlite(sqlite_file, "select word from words where words match 'hello'").rows == 1

    def test_a_database_that_is_being_written_can_be_read(self, sqlite_file: Path) -> None:
        """In WAL mode a reader sees the last commit and waits for nobody."""
        with sqlite3.connect(sqlite_file, isolation_level=None) as writer:
            writer.execute("pragma journal_mode = wal")
            writer.execute("begin immediate")
            writer.execute("delete from hypotheses")
            assert ask_sqlite(sqlite_file, "select count(*) as n from hypotheses").value == [{"n": 3}]
            writer.execute("rollback")
        writer.close()


@pytest.mark.postgres
class TestPostgres:
    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("0.71::numeric", 0.71),
            ("5::numeric(10, 2)", 5),
            ("12345678901234567890.5::numeric", "12345678901234567890.5"),
            ("1152921504606846976::numeric", "1152921504606846976"),
            ("'NaN'::numeric", "nan"),
            ("true", True),
            ("null::int", None),
            ("date '2013-01-31'", "2013-01-31"),
            ("timestamp '2013-01-31 07:30'", "2013-01-31T07:30:00.000000"),
            ("timestamptz '2013-01-31 07:30:00.25+02'", "2013-01-31T05:30:00.250000Z"),
            ("(timestamptz '2013-01-31 07:30+02')::text", "2013-01-31 05:30:00+00"),
            ("time '07:30'", "07:30:00.000000"),
            ("'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
            ("'10.0.0.1'::inet", "10.0.0.1"),
            ("'a%b'", "a%b"),
            ("('%(x)s' like '%x%')", True),
            ("'{\"a\": 1}'::jsonb", {"a": 1}),
            ("array[1, 2]", [1, 2]),
        ],
    )
    def test_every_type_has_its_form(self, postgres_url: str, expression: str, expected: object) -> None:
        """Exact decimals are numbers, others text; times are RFC 3339; a per cent sign is a per cent sign."""
        found = cell(postgres_url, expression)
        assert (found, type(found)) == (expected, type(expected)) or str(found) == expected == "nan"

    @pytest.mark.parametrize("expression", ["'x'::bytea", "interval '1 day'", "int4range(1, 5)"])
    def test_what_has_no_form_is_refused_with_its_place(self, postgres_url: str, expression: str) -> None:
        """Guessing a form would make it part of the evidence."""
        with pytest.raises(CaptureRefused) as refusal:
            cell(postgres_url, expression)
        assert [fault.path for fault in refusal.value.faults] == ["$[0].x"]

    @pytest.mark.parametrize("query", ["select 1 as x;", "select 1 as x -- the end", "select 1 as x /* the end */ ;"])
    def test_the_end_of_the_query_does_not_matter(self, postgres_url: str, query: str) -> None:
        """A cursor is opened around the query, which must not break on what follows it."""
        assert ask_postgres(postgres_url, query).value == [{"x": 1}]

    def test_a_query_without_rows_keeps_its_columns(self, postgres_url: str) -> None:
        """As on SQLite."""
        read = ask_postgres(postgres_url, "select 1 as a, 2 as b where false")
        assert (read.value, read.columns) == ([], ("a", "b"))

    def test_many_rows_come_whole_and_one_too_many_is_refused(self, postgres_url: str) -> None:
        """Rows arrive in several batches, and none is lost between them."""
        query = "select n from generate_series(1, 2001) as n"
        read = ask_postgres(postgres_url, query, max_rows=2001)
        assert [row["n"] for row in read.value] == list(range(1, 2002))
        with pytest.raises(CaptureRefused, match="more than 2000 rows"):
            ask_postgres(postgres_url, query, max_rows=2000)

    def test_a_function_that_writes_is_refused_by_the_session(self, postgres_url: str) -> None:
        """The second fence: the transaction is read only, so what hides in a function cannot write either."""
        with psycopg.connect(postgres_url, autocommit=True) as owner:
            owner.execute("create table t (a int)")
            owner.execute("create function sneak() returns int language sql as 'insert into t values (1) returning a'")
        with pytest.raises(SourceFailed, match="read-only transaction"):
            ask_postgres(postgres_url, "select sneak() as x")
        with psycopg.connect(postgres_url) as owner:
            assert owner.execute("select count(*) from t").fetchone() == (0,)

    def test_a_slow_query_is_cancelled_on_the_server(self, postgres_url: str) -> None:
        """When the time is up the server stops too: nothing of ours goes on there."""
        started = time.monotonic()
        with pytest.raises(SourceFailed, match=r"did not answer within 0\.5 s"):
            ask_postgres(postgres_url, ENDLESS, seconds=0.5)
        assert time.monotonic() - started < 5
        with psycopg.connect(postgres_url) as owner:
            count = "select count(*) from pg_stat_activity where query like '%recursive r(n)%' and state = 'active'"
            assert owner.execute(f"{count} and pid <> pg_backend_pid()").fetchone() == (0,)

    def test_a_query_that_is_slow_in_every_batch_is_cancelled_as_well(self, postgres_url: str) -> None:
        """The server counts its limit anew for each batch, so a clock of ours stands behind it."""
        with psycopg.connect(postgres_url, autocommit=True) as owner:
            owner.execute(
                "create function slowly(n int) returns int language sql volatile as 'select n from pg_sleep(0.001)'"
            )
        started = time.monotonic()
        with pytest.raises(SourceFailed, match="did not answer within 1 s"):
            ask_postgres(
                postgres_url, "select slowly(n) as n from generate_series(1, 50000) n", max_rows=50_000, seconds=1
            )
        assert time.monotonic() - started < 4

    def test_no_connection_stays_open(self, postgres_url: str) -> None:
        """A database that is asked once an hour should not hold a session of ours in between."""
        ask_postgres(postgres_url, "select 1 as x")
        with psycopg.connect(postgres_url) as owner:
            query = "select count(*) from pg_stat_activity where datname = current_database()"
            for _ in range(100):
                if owner.execute(query).fetchone() == (1,):
                    return
                owner.rollback()
                time.sleep(0.02)
        pytest.fail("a session is still open")


class TestUnreachable:
    def test_a_server_that_is_down_is_a_failed_source_without_the_credential(self) -> None:
        """The reason is told, the password and the user are not."""
        url = f"postgresql://canaryuser:canary%40pw@127.0.0.1:{closed_port()}/db"
        with pytest.raises(SourceFailed) as failure:
            ask_postgres(url, "select 1 as x", seconds=5)
        assert "refused" in str(failure.value)
        assert "canary" not in str(failure.value)

    def test_a_server_that_never_answers_is_left_in_time(self) -> None:
        """The limit counts from before the connecting."""
        started = time.monotonic()
        with silent() as port, pytest.raises(SourceFailed):
            ask_postgres(f"postgresql://u:canarypw@127.0.0.1:{port}/db", "select 1 as x", seconds=2)
        assert time.monotonic() - started < 6

    @pytest.mark.postgres
    def test_a_wrong_password_is_not_repeated(self, postgres_url: str) -> None:
        """The driver's own words name the user, and could name more."""
        url = postgres_url.replace("postgres:@", "canaryuser:canarypw@", 1)
        assert url != postgres_url
        with pytest.raises(SourceFailed) as failure:
            ask_postgres(url, "select 1 as x")
        assert "canary" not in str(failure.value)

    @pytest.mark.parametrize(
        ("url", "says"),
        [
            ("canary nonsense", "no database URL"),
            ("nosuchdb://canary:canary@h/d", "no database driver"),
            ("mysql+pymysql://canary:canary@h/d", "not installed"),
            ("postgresql://canary:canary@h:port/d", "no database URL|not complete"),
        ],
    )
    def test_a_connection_that_names_no_database_says_so(self, url: str, says: str) -> None:
        """The operator's mistake has its own words, and they do not repeat the URL."""
        with pytest.raises(SourceFailed, match=says) as failure:
            ask_postgres(url, "select 1 as x")
        assert "canary" not in str(failure.value)

    def test_the_query_is_checked_before_anything_is_asked(self) -> None:
        """What is not one SELECT never reaches a server, not even one that is down."""
        with pytest.raises(CaptureRefused, match="DROP"):
            ask_postgres(f"postgresql://u:p@127.0.0.1:{closed_port()}/db", "drop table t")

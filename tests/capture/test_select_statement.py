"""What is one SELECT, and what only looks like one."""

from __future__ import annotations

import pytest

from stillframe.capture.select_statement import LONGEST_QUERY_BYTES, check_select
from stillframe.errors import CaptureRefused

GOOD = [
    ("sqlite", "select 1"),
    ("sqlite", "SELECT id, title FROM hypotheses WHERE title GLOB 'a*' ORDER BY id LIMIT 10;"),
    ("sqlite", "with a as (select 1 as x), b as (select 2 as x) select * from a union all select * from b"),
    ("sqlite", "with recursive r(n) as (select 1 union all select n + 1 from r where n < 9) select n from r"),
    ("sqlite", "select value from json_each('[1, 2]')"),
    ("sqlite", "select glob('a*', 'abc') as found"),
    ("sqlite", "select 1 -- ; drop table t"),
    ("sqlite", "select replace(title, 'a', 'b') as title from t"),
    ("sqlite", 'select "update", [delete] from t'),
    ("sqlite", "select 'insert into t values (1)' as words"),
    ("postgresql", "select $$;$$ as semicolon"),
    ("postgresql", "(select 1 as x union select 2) order by x limit 1"),
    ("postgresql", "select * from a except select * from b"),
    ("postgresql", "select distinct on (x) x, y::text from t order by x, y desc"),
    ("postgresql", "select rank() over (partition by a order by b) as place from t"),
    ("postgresql", "select * from generate_series(1, 5) as n"),
    ("postgresql", "select count(*) filter (where ok) as fine, now() - interval '1 day' as since from t"),
    ("postgresql", "select a->>'b' as b from t, lateral (select 1) as l"),
    ("mysql", "select `id`, ifnull(score, 0) as score from t where name like 'a%'"),
    ("mariadb", "select 1 /* a plain comment */"),
    ("mssql", "select top 3 [id] from dbo.t order by score desc"),
    ("oracle", "select id from t fetch first 3 rows only"),
    ("duckdb", "select * from t qualify row_number() over (order by x) = 1"),
    ("somethingelse", "select a, b from t"),
]

BAD = [
    ("sqlite", "", "no statement"),
    ("sqlite", "  -- only a comment", "no statement"),
    ("sqlite", "select 1; select 2", "2 statement"),
    ("sqlite", "select 1; drop table t", "2 statement"),
    ("sqlite", "delete from t", "DELETE"),
    ("sqlite", "update t set a = 1", "UPDATE"),
    ("sqlite", "insert into t select 1", "INSERT"),
    ("sqlite", "replace into t values (1)", "only SELECT"),
    ("sqlite", "create table u as select 1", "CREATE"),
    ("sqlite", "drop table t", "DROP"),
    ("sqlite", "alter table t add column b", "ALTER"),
    ("sqlite", "pragma writable_schema = on", "PRAGMA"),
    ("sqlite", "attach database 'x.db' as x", "ATTACH"),
    ("sqlite", "vacuum into 'x.db'", "only SELECT"),
    ("sqlite", "explain select 1", "EXPLAIN"),
    ("sqlite", "begin", "TRANSACTION"),
    ("sqlite", "values (1)", "VALUES"),
    ("sqlite", "selec 1", "$.query"),
    ("sqlite", "select load_extension('x')", "load_extension"),
    ("sqlite", "select writefile('x', 'y')", "writefile"),
    ("sqlite", "select 1 /* /* */; drop table t; -- */ */", "comment inside a comment"),
    ("sqlite", "select 1\x00", "NUL"),
    ("sqlite", "select " + "(" * 300 + "1" + ")" * 300, "too deep"),
    ("sqlite", "select '" + "x" * LONGEST_QUERY_BYTES + "'", "64 KiB"),
    ("postgresql", "select 1 into t", "INTO writes"),
    ("postgresql", "select * into temp t from u", "INTO"),
    ("postgresql", "with gone as (delete from t returning *) select * from gone", "DELETE"),
    ("postgresql", "with made as (insert into t values (1) returning *) select * from made", "INSERT"),
    ("postgresql", "with made as (update t set a = 1 returning *) select * from made", "UPDATE"),
    ("postgresql", "select * from t for update", "FOR UPDATE"),
    ("postgresql", "select * from t where exists (select 1 from u for key share)", "FOR UPDATE"),
    ("postgresql", "copy (select 1) to '/x'", "COPY"),
    ("postgresql", "call f()", "CALL"),
    ("postgresql", "do $$ begin end $$", "only SELECT"),
    ("postgresql", "set role postgres", "SET"),
    ("postgresql", "select pg_read_file('/etc/passwd')", "pg_read_file"),
    ("postgresql", "select pg_catalog.pg_read_file('/etc/passwd')", "pg_read_file"),
    ("postgresql", "select \"pg_read_file\"('/etc/passwd')", "pg_read_file"),
    ("postgresql", "select * from pg_ls_dir('/')", "pg_ls_dir"),
    ("postgresql", "select 1 where (select count(*) from PG_LS_DIR('/')) > 0", "pg_ls_dir"),
    ("postgresql", "select query_to_xml('delete from t', true, true, '')", "query_to_xml"),
    ("postgresql", "select pg_terminate_backend(1)", "pg_terminate_backend"),
    ("postgresql", "select set_config('statement_timeout', '0', false)", "set_config"),
    ("postgresql", "select nextval('s')", "nextval"),
    ("postgresql", "select * from dblink('host=x', 'select 1') as t(a int)", "dblink"),
    ("mysql", "select 1 /*! into outfile '/x' */", "comments that this database runs"),
    ("mariadb", "select 1 /*M! into outfile '/x' */", "comments that this database runs"),
    ("mysql", "select 1 into outfile '/x'", "$.query"),
    ("mysql", "select 1 into @a", "INTO"),
    ("mysql", "select @a := 1", "$.query"),
    ("mysql", "select load_file('/etc/passwd')", "load_file"),
    ("mysql", "select * from t lock in share mode", "FOR UPDATE"),
    ("mssql", "select * from openrowset('a', 'b', 'c')", "openrowset"),
    ("mssql", "exec xp_cmdshell 'dir'", "only SELECT"),
    ("mssql", "select next value for s", "NEXTVALUEFOR"),
    ("oracle", "select utl_http.request('http://x') from dual", "utl_http"),
    ("duckdb", "select * from read_csv('/etc/passwd')", "read_csv"),
    ("duckdb", "select * from '/etc/passwd'", "file"),
    ("duckdb", "select * from glob('/*')", "glob"),
    ("clickhouse", "select * from url('http://x', CSV)", "url"),
]


@pytest.mark.parametrize(("database", "query"), GOOD)
def test_one_select_that_only_reads_passes(database: str, query: str) -> None:
    """Everything that reads and is one SELECT is taken, however it is dressed."""
    check_select(query, database=database)


@pytest.mark.parametrize(("database", "query", "says"), BAD)
def test_everything_else_is_refused_at_the_query_with_its_reason(database: str, query: str, says: str) -> None:
    """A refusal names the place and what is wrong, and comes before any database is asked."""
    with pytest.raises(CaptureRefused) as refusal:
        check_select(query, database=database)
    assert [fault.path for fault in refusal.value.faults] == ["$.query"]
    assert says.lower() in str(refusal.value).lower()


def test_what_cannot_be_read_says_where_and_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The reader of the language keeps quiet: the refusal is the only word, and it has no colours in it."""
    with pytest.raises(CaptureRefused, match="line 2") as refusal:
        check_select("select 1\nfrom from", database="sqlite")
    with pytest.raises(CaptureRefused):
        check_select("explain analyze select 1 as quiet", database="postgresql")
    assert "\x1b" not in str(refusal.value)
    assert caplog.records == []

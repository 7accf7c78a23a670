"""Whether a query is exactly one SELECT that only reads, in the words of the database that it goes to."""

from __future__ import annotations

import logging
import re
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError, TokenError

from stillframe.errors import CaptureRefused, Fault

LONGEST_QUERY_BYTES = 65_536
_PATH = "$.query"
_DIALECTS = {
    "awsathena": "athena", "bigquery": "bigquery", "clickhouse": "clickhouse", "clickhousedb": "clickhouse",
    "cockroachdb": "postgres", "databricks": "databricks", "duckdb": "duckdb", "hive": "hive", "mariadb": "mysql",
    "mssql": "tsql", "mysql": "mysql", "oracle": "oracle", "postgresql": "postgres", "presto": "presto",
    "redshift": "redshift", "snowflake": "snowflake", "sqlite": "sqlite", "trino": "trino",
}  # fmt: skip
"""By SQLAlchemy's name of a database, sqlglot's name of its language."""
_READS_FILES_AS_TABLES = frozenset({"duckdb"})
_RUNS_COMMENTS = frozenset({"mysql", "mariadb"})
_NEVER_INSIDE = (
    exp.Command, exp.Copy, exp.DDL, exp.DML, exp.Drop, exp.Execute, exp.Into, exp.Lock, exp.NextValueFor, exp.Pragma,
    exp.PropertyEQ, exp.Set, exp.Transaction,
)  # fmt: skip
_REFUSED_FUNCTIONS = re.compile(
    r"""
    # PostgreSQL: files, large objects, other servers, other sessions, SQL in text, settings, sequences
      pg_(?: read_\w+ | ls_\w+ | stat_file | file_\w+ | terminate_backend | cancel_backend | reload_conf
           | rotate_logfile | advisory_\w+ | try_advisory_\w+ | switch_wal | logical_\w+ | create_\w+ | drop_\w+
           | promote | sleep\w* | notify )
    | lo_\w+ | loread | lowrite | dblink\w* | set_config | nextval | setval
    | (?: query | cursor | table | schema | database )_to_xml\w*
    # SQLite
    | load_extension | readfile | writefile | edit | fts3_tokenizer
    # MySQL, MariaDB
    | load_file | sleep | benchmark | get_lock | release_\w*lock\w* | sys_exec | sys_eval
    # SQL Server
    | openrowset | opendatasource | openquery | openxml | xp_\w+ | sp_\w+ | fn_get_audit_file | fn_xe_file\w*
    # Oracle: packages that reach out
    | (?: utl_ | dbms_ ) \w+
    # DuckDB
    | getenv | read_\w+ | parquet_scan | sniff_csv
    """,
    re.VERBOSE | re.IGNORECASE,
)
_REFUSED_TABLES = re.compile(r"glob|file|url|s3\w*|remote\w*|executable\w*|hdfs\w*|input", re.IGNORECASE)
"""Functions of DuckDB and ClickHouse that reach out where they stand for a table; elsewhere the names are innocent."""

# sqlglot tells of what it cannot read on stderr as well; the refusal says it better.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


@lru_cache(maxsize=256)
def check_select(query: str, *, database: str) -> None:
    """
    Refuse a query that is not exactly one SELECT (common table expressions and set operations included).

    This is the first fence; the second is the session, which the database itself holds to reading.

    Shape   `database`: SQLAlchemy's name of it, such as `postgresql`.
    Errors  CaptureRefused at `$.query`.
    Source  docs/reference/semantics.md, "What is refused".
    """
    if len(query.encode("utf-8", "replace")) > LONGEST_QUERY_BYTES:
        raise _refused(f"at most {LONGEST_QUERY_BYTES >> 10} KiB are taken")
    _refuse_tricks(query, database)
    statements = [statement for statement in _parsed(query, database) if statement is not None]
    statements = [statement for statement in statements if not isinstance(statement, exp.Semicolon)]
    if len(statements) != 1:
        raise _refused(f"exactly one SELECT is needed, and this is {len(statements) or 'no'} statement(s)")
    statement = statements[0]
    if not isinstance(statement.unnest(), (exp.Select, exp.SetOperation)):
        raise _refused(f"only SELECT is taken, not {_word(statement)}")
    for node in statement.walk():
        _refuse_node(node)
        if database in _READS_FILES_AS_TABLES and isinstance(node, exp.Table) and set("./:*") & set(node.name):
            raise _refused("a file's name in place of a table is not taken")


def _parsed(query: str, database: str) -> list[exp.Expr | None]:
    try:
        return list(sqlglot.parse(query, read=_DIALECTS.get(database)))
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        where = f" at line {first['line']}, column {first['col']}" if first.get("line") else ""
        raise _refused(f"this is not SQL: {first.get('description', 'it cannot be read')}{where}") from None
    except TokenError as error:
        raise _refused(f"this is not SQL: {str(error).splitlines()[0][:200]}") from None
    except RecursionError:
        raise _refused("this is nested too deep") from None
    except SqlglotError:
        raise _refused("this is not SQL that can be read") from None


def _refuse_tricks(query: str, database: str) -> None:
    if "\x00" in query:
        raise _refused("a NUL character has no place in a query")
    if database in _RUNS_COMMENTS and re.search(r"/\*M?!", query, re.IGNORECASE):
        raise _refused("comments that this database runs (`/*!`) are not taken")
    if re.search(r"/\*(?:(?!\*/).)*/\*", query, re.DOTALL):
        raise _refused("a comment inside a comment is not taken: databases disagree on where it ends")


def _refuse_node(node: exp.Expr) -> None:
    if isinstance(node, exp.Into):
        raise _refused("SELECT … INTO writes; only reading is taken")
    if isinstance(node, exp.Lock):
        raise _refused("SELECT … FOR UPDATE (or SHARE) locks rows; only reading is taken")
    if isinstance(node, _NEVER_INSIDE):
        raise _refused(f"only reading is taken, and there is {_word(node)} in it")
    if isinstance(node, exp.Func):
        _refuse_function(node)


def _refuse_function(node: exp.Func) -> None:
    names = [node.name] if type(node) is exp.Anonymous else list(node.sql_names())
    called = [*names, *_package(node)]
    refused = [name for name in called if _REFUSED_FUNCTIONS.fullmatch(name)]
    if isinstance(node.parent, exp.Table):
        refused += [name for name in called if _REFUSED_TABLES.fullmatch(name)]
    if refused:
        raise _refused(f"the function {refused[0].lower()[:80]} is not taken")


def _package(node: exp.Func) -> list[str]:
    parent = node.parent
    return [part.name for part in parent.flatten() if part is not node] if isinstance(parent, exp.Dot) else []


def _word(node: exp.Expr) -> str:
    return str(node.this).upper()[:40] if isinstance(node, exp.Command) else type(node).__name__.upper()


def _refused(message: str) -> CaptureRefused:
    return CaptureRefused(faults=[Fault(path=_PATH, message=message)])

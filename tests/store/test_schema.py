"""The schema: as the queries see it, as people read it, and guarded against everybody."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from stillframe.store import Store
from stillframe.store.connect import SQLITE, open_engine
from stillframe.store.migrations import VERSIONS
from stillframe.store.tables import METADATA
from tests.store.cast import scene
from tests.store.kept import decision, keep, suppression


def _columns(engine: Engine, table: str) -> list[str]:
    return [column["name"] for column in inspect(engine).get_columns(table)]


def test_the_live_schema_is_what_the_queries_name(store: Store) -> None:
    """Tables are written twice, for the database and for the queries; this holds them together."""
    live = set(inspect(store._engine).get_table_names()) - {"alembic_version"}
    assert live == set(METADATA.tables)
    for name, table in METADATA.tables.items():
        assert set(_columns(store._engine, name)) == {column.name for column in table.columns}, name


def test_the_readable_form_of_subscriptions_is_the_live_table(sqlite_path: Path, repository: Path) -> None:
    """`migrations/dashboard_subscriptions.sql` makes exactly the table that is there."""
    readable = (repository / "migrations" / "dashboard_subscriptions.sql").read_text(encoding="utf8")
    made, live = SQLITE.connect(":memory:"), SQLITE.connect(str(sqlite_path))
    made.executescript(readable)
    for pragma in ("table_info", "foreign_key_list", "index_list"):
        wanted, found = (sorted(db.execute(f"PRAGMA {pragma}(dashboard_subscriptions)")) for db in (made, live))
        assert found == wanted, pragma
    words = (
        "SELECT name, sql FROM sqlite_schema WHERE tbl_name='dashboard_subscriptions' AND sql IS NOT NULL ORDER BY name"
    )
    squeezed = [[(name, re.sub(r"--[^\n]*|\s+", "", sql)) for name, sql in db.execute(words)] for db in (made, live)]
    assert squeezed[0] == squeezed[1]
    made.close()
    live.close()


def test_the_known_versions_are_the_files(repository: Path) -> None:
    """A version without its file, or a file nobody counts, would never be migrated to."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(repository / "src" / "stillframe" / "store" / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert tuple(found.revision for found in script.walk_revisions())[::-1] == VERSIONS


REFUSED = (
    "UPDATE snapshots SET reason='x'",
    "DELETE FROM snapshots",
    "UPDATE contents SET hash=hash",
    "DELETE FROM contents",
    "UPDATE payloads SET content=content+1",
    "DELETE FROM payloads",
    "DELETE FROM frames",
    "UPDATE frames SET bytes=substr(bytes,2)",
    "UPDATE frames SET segment=segment+1",
    "UPDATE reports SET size=size",
    "DELETE FROM reports",
    "UPDATE report_uses SET sequence=sequence+1",
    "DELETE FROM report_uses",
    "UPDATE gates SET decision='pass'",
    "DELETE FROM gates",
    "UPDATE suppressions SET expires_at='2999-01-01T00:00:00.000Z'",
    "UPDATE suppressions SET lifted_at=NULL",
    "DELETE FROM suppressions",
)


@pytest.mark.parametrize("statement", REFUSED)
def test_evidence_is_neither_changed_nor_removed(target: str, statement: str) -> None:
    """The database itself refuses, whoever asks."""
    store = Store.open(target, create=True)
    here = scene(store)
    keep(here, 1, b"report", retention_class="standard")
    with store.write() as unit:
        unit.gates.add(decision(here))
        unit.suppressions.add(suppression())
    store.close()
    engine = open_engine(target)
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize(
    "table", ["snapshots", "contents", "payloads", "frames", "reports", "report_uses", "gates", "suppressions"]
)
def test_evidence_is_not_truncated(postgres_url: str, table: str) -> None:
    """TRUNCATE fires no row trigger, so it has its own."""
    Store.open(postgres_url, create=True).close()
    engine = open_engine(postgres_url)
    with pytest.raises(DBAPIError, match="never truncated"), engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {table} CASCADE"))
    engine.dispose()


@pytest.mark.parametrize("key", ["id", "sequence", "slot"])
def test_a_record_is_not_replaced_by_any_of_its_keys(sqlite_path: Path, key: str) -> None:
    """REPLACE on a foreign connection, which has not even `recursive_triggers`, is refused."""
    store = Store.open(sqlite_path, create=False)
    scene(store).take(1, slot="s-1")
    store.close()
    foreign = SQLITE.connect(str(sqlite_path))
    row = dict(
        zip(
            [found[1] for found in foreign.execute("PRAGMA table_info(snapshots)")],
            *foreign.execute("SELECT * FROM snapshots"),
            strict=True,
        )
    )
    row |= {"id": "another", "sequence": 99, "slot": "s-99"} | {key: row[key], "reason": "forged"}
    marks = ",".join("?" * len(row))
    with pytest.raises(SQLITE.IntegrityError, match="never replaced"):
        foreign.execute(f"REPLACE INTO snapshots({','.join(row)}) VALUES({marks})", list(row.values()))
    foreign.close()


@pytest.mark.parametrize("table", ["contents", "payloads", "frames"])
def test_a_payload_is_not_replaced(sqlite_path: Path, table: str) -> None:
    """A hash keeps its bytes."""
    store = Store.open(sqlite_path, create=False)
    scene(store).take(1)
    store.close()
    foreign = SQLITE.connect(str(sqlite_path))
    with pytest.raises(SQLITE.IntegrityError, match="never replaced"):
        foreign.execute(f"REPLACE INTO {table} SELECT * FROM {table}")
    foreign.close()


@pytest.mark.parametrize(
    ("immutable", "horizon", "removed"),
    [(False, True, True), (True, True, False), (False, False, False), (False, None, False)],
)
def test_a_payload_goes_only_behind_its_horizon(
    target: str, immutable: bool, horizon: bool | None, removed: bool
) -> None:
    """Old enough by a horizon written in the same transaction, and used by nothing immutable."""
    store = Store.open(target, create=True)
    here = scene(store)
    record = here.take(1, immutable=immutable)
    store.close()
    engine = open_engine(target)
    moment = round(record.timestamp.timestamp() * 1_000)
    try:
        with engine.begin() as connection:
            if horizon is not None:
                before = moment + 1 if horizon else moment
                connection.execute(
                    text("INSERT INTO retention_horizon VALUES ('standard', :before)"), {"before": before}
                )
            connection.execute(text("DELETE FROM payloads"))
            connection.execute(text("DELETE FROM frames"))
            connection.execute(text("DELETE FROM retention_horizon"))
    except DBAPIError:
        assert not removed
    else:
        assert removed
    engine.dispose()
    again = Store.open(target, create=False)
    with again.read() as unit:
        found = unit.snapshots.record(record.id)
    again.close()
    assert found is not None
    assert found.payload == ("expired" if removed else "present")
    assert found.content_hash == record.content_hash


def test_a_new_file_has_no_holes(sqlite_path: Path) -> None:
    """What each version of the schema left behind is closed before the first row comes."""
    with closing(SQLITE.connect(str(sqlite_path))) as found:
        assert found.execute("PRAGMA freelist_count").fetchone() == (0,)

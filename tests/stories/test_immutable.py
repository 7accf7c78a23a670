"""The promise: SQL issued by hand, on a connection with default settings, cannot change or delete evidence."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from stillframe.store import packed_report
from stillframe.store.connect import SQLITE
from tests.store.cast import NOON, Scene, dashboard, user
from tests.store.kept import decision, suppression
from tests.stories.house import House, picture

PLAIN_SQLITE = (SQLITE, sqlite3) if sqlite3.sqlite_version_info >= (3, 35) else (SQLITE,)
"""The store's own library and Python's, opened as anybody would: no pragma is set on either."""
EVIDENCE = ("snapshots", "contents", "texts", "payloads", "frames")
DECIDED = ("reports", "report_uses", "gates", "suppressions")

CHANGES = (
    # the record
    "UPDATE snapshots SET reason='forged'",
    "UPDATE snapshots SET immutable=0",
    "UPDATE snapshots SET sequence=sequence+100",
    "UPDATE snapshots SET content=content+1 WHERE sequence=1",
    "DELETE FROM snapshots",
    # what the record is read through
    "UPDATE texts SET text='forged' WHERE text='alice'",
    "DELETE FROM texts",
    "UPDATE contents SET hash=hash",
    "DELETE FROM contents",
    "UPDATE dashboards SET id='forged'",
    "UPDATE dashboards SET key=key+100",
    "DELETE FROM dashboards",
    # the payload
    "UPDATE payloads SET chain=chain+1",
    "UPDATE payloads SET depth=0",
    "UPDATE payloads SET depth=NULL",
    "UPDATE payloads SET content=content+100",
    "DELETE FROM payloads",
    "DELETE FROM frames",
    "UPDATE frames SET segment=segment+1",
    "UPDATE frames SET chain=chain+1",
    # the reports that the record was read from
    "UPDATE reports SET report=report+1",
    "UPDATE reports SET place=place+1",
    "UPDATE reports SET size=0",
    "UPDATE reports SET bytes=bytes",
    "DELETE FROM reports",
    "UPDATE report_uses SET sequence=sequence+1",
    "UPDATE report_uses SET report=report+1",
    "DELETE FROM report_uses",
    # what was decided, and who answered for what
    "UPDATE gates SET decision='pass'",
    "UPDATE gates SET adopted=1",
    "UPDATE gates SET answer=answer",
    "DELETE FROM gates",
    "UPDATE suppressions SET reason='forged'",
    "UPDATE suppressions SET expires_at='2999-01-01T00:00:00.000Z'",
    "UPDATE suppressions SET ticket=NULL,lifted_at='2026-01-01T00:00:00.000Z'",
    "UPDATE suppressions SET lifted_at=NULL",
    "UPDATE suppressions SET lifted_by='mallory' WHERE lifted_at IS NOT NULL",
    "DELETE FROM suppressions",
)
"""In both databases."""
SQLITE_CHANGES = (
    "UPDATE payloads SET rowid=rowid+100",
    "UPDATE OR REPLACE payloads SET rowid=2 WHERE rowid=1",
    "UPDATE OR REPLACE payloads SET content=2 WHERE content=1",
    "UPDATE frames SET segment=NULL",
    "UPDATE frames SET bytes=x''",
    "UPDATE frames SET bytes=substr(bytes,2)",
    "UPDATE frames SET bytes=x'00'||bytes",
    "UPDATE OR REPLACE frames SET rowid=2 WHERE rowid=1",
    "UPDATE OR REPLACE frames SET segment=1 WHERE segment=0",
    "UPDATE OR IGNORE frames SET bytes=x''",
    "INSERT INTO frames(chain,segment,bytes) SELECT chain,-1,x'00' FROM frames",
    "INSERT INTO frames(chain,segment,bytes) SELECT chain,NULL,x'00' FROM frames",
    "REPLACE INTO frames(rowid,chain,segment,bytes) VALUES (1,900,0,x'00')",
    "REPLACE INTO frames(chain,segment,bytes) SELECT chain,segment,x'00' FROM frames",
    "INSERT INTO frames SELECT chain,segment,x'00' FROM frames WHERE true ON CONFLICT DO UPDATE SET bytes=x'00'",
    "REPLACE INTO payloads(content,chain,depth) SELECT content,chain,depth+1 FROM payloads",
    "INSERT INTO payloads SELECT content,900,0 FROM payloads WHERE true ON CONFLICT DO UPDATE SET chain=900",
    "REPLACE INTO contents(key,hash) SELECT key,zeroblob(32) FROM contents",
    "INSERT INTO contents(hash) SELECT hash FROM contents",
    "REPLACE INTO texts(key,text) SELECT key,'forged' FROM texts WHERE text='alice'",
    "REPLACE INTO texts(key,text) VALUES (900,'alice')",
    "UPDATE OR REPLACE texts SET key=900 WHERE text='alice'",
    "INSERT INTO texts(text) VALUES ('alice') ON CONFLICT(text) DO UPDATE SET text='forged'",
    "REPLACE INTO reports(report,place,size,bytes) SELECT report,place,size,x'00' FROM reports",
    "UPDATE OR REPLACE reports SET place=0",
    "INSERT INTO reports SELECT * FROM reports WHERE true ON CONFLICT DO UPDATE SET bytes=x'00'",
    "REPLACE INTO report_uses SELECT * FROM report_uses",
    "UPDATE OR IGNORE report_uses SET report=900",
    "REPLACE INTO gates SELECT * FROM gates",
    "INSERT INTO gates SELECT * FROM gates WHERE true ON CONFLICT DO UPDATE SET decision='pass'",
    "REPLACE INTO suppressions SELECT * FROM suppressions",
    "INSERT INTO suppressions SELECT * FROM suppressions WHERE true ON CONFLICT DO UPDATE SET reason='forged'",
    "UPDATE OR REPLACE suppressions SET id='forged',lifted_at='2026-01-01T00:00:00.000Z'",
)
POSTGRES_CHANGES = (
    "UPDATE frames SET bytes=''::bytea",
    "UPDATE frames SET bytes=bytes||'\\x00'::bytea",
    "INSERT INTO frames SELECT chain,-1,'\\x00'::bytea FROM frames",
    "INSERT INTO payloads SELECT content,900,0 FROM payloads ON CONFLICT (content) DO UPDATE SET chain=900",
    "INSERT INTO contents(key,hash) SELECT key,hash FROM contents ON CONFLICT (key) DO UPDATE SET hash=''::bytea",
    "INSERT INTO contents(hash) SELECT hash FROM contents ON CONFLICT (hash) DO UPDATE SET hash=''::bytea",
    "INSERT INTO texts(text) VALUES ('alice') ON CONFLICT (text) DO UPDATE SET text='forged'",
    "INSERT INTO reports SELECT * FROM reports ON CONFLICT (report,place) DO UPDATE SET bytes=''::bytea",
    "INSERT INTO gates SELECT * FROM gates ON CONFLICT (id) DO UPDATE SET decision='pass'",
    "INSERT INTO suppressions SELECT * FROM suppressions ON CONFLICT (project_name,id) DO UPDATE SET reason='forged'",
    *(f"TRUNCATE {table} CASCADE" for table in (*EVIDENCE, *DECIDED, "dashboards", "member_lists")),
)
UNIQUE_KEYS = {"id": "(id)", "sequence": "(dashboard,sequence)", "slot": "(dashboard,slot) WHERE slot IS NOT NULL"}


@pytest.fixture
def board(house: House) -> str:
    """Two immutable snapshots, the second encoded against the first."""
    board = house.board()
    for score in (1, 2):
        house.clock.move(minutes=61)
        body = {"data": picture(a=score, b=3), "immutable": True, "reason": "pre-hardening"}
        house.alice.post(f"/api/dashboard/{board}/snapshot", body)
    return board


@pytest.fixture
def decided(house: House, board: str) -> list[Any]:
    """A report that the first snapshot keeps, a decision and two suppressions, one of them lifted; as they read."""
    with house.services.store.write() as unit:
        record = unit.snapshots.list(board, limit=9).items[-1]
        report = packed_report(b'{"runs": []}')
        unit.reports.keep([report])
        unit.reports.link(replace(record, source_bundle=({"format": "sarif", "sha256": report.sha256},)))
        here = Scene(store=house.services.store, alice=user(), dashboard=dashboard(user(), id=board))
        unit.gates.add(decision(here, id="d-1"))
        for name in ("s-1", "s-2"):
            unit.suppressions.add(suppression(id=name))
        unit.suppressions.lift("s-2", by="rita", at=NOON)
    return evidence(house)


def evidence(house: House) -> list[Any]:
    """Return the reports, decisions and suppressions that can be read."""
    with house.services.store.read() as unit:
        kept = [unit.reports.get(name) for name in (packed_report(b'{"runs": []}').sha256,)]
        return [*kept, unit.gates.get("d-1"), unit.suppressions.list(["my-service"], limit=9).items]


def seen(house: House, board: str) -> list[Any]:
    """Return everything that the door says of the snapshots, payloads included."""
    listed = house.alice.get(f"/api/dashboard/{board}/snapshots")["items"]
    return [house.alice.get(f"/api/snapshot/{found['id']}") for found in listed]


@contextmanager
def by_hand(target: str, library: Any = SQLITE) -> Iterator[Any]:
    """Open a connection as anybody would, with none of our settings."""
    connection = psycopg.connect(target) if "://" in target else library.connect(target)
    try:
        yield connection
    finally:
        connection.close()


def refused(connection: Any, statement: str, values: Sequence[Any] = ()) -> bool:
    """Say whether a statement was refused; what was not is rolled back all the same."""
    try:
        connection.execute(statement, values)
    except (SQLITE.IntegrityError, sqlite3.IntegrityError, psycopg.errors.IntegrityError):
        return True
    finally:
        connection.rollback()
    return False


def test_no_statement_by_hand_changes_or_deletes_evidence(
    house: House, board: str, decided: list[Any], target: str
) -> None:
    """UPDATE, DELETE, UPDATE OR REPLACE, REPLACE and UPSERT are refused, and everything reads as before."""
    before = seen(house, board)
    own = POSTGRES_CHANGES if "://" in target else SQLITE_CHANGES
    for library in PLAIN_SQLITE if "://" not in target else PLAIN_SQLITE[:1]:
        with by_hand(target, library) as connection:
            passed = [statement for statement in (*CHANGES, *own) if not refused(connection, statement)]
        assert passed == []
    house.services.store.close()
    assert seen(house, board) == before
    assert evidence(house) == decided


@pytest.mark.parametrize("key", UNIQUE_KEYS)
def test_no_record_is_replaced_by_any_of_its_unique_keys(house: House, board: str, target: str, key: str) -> None:
    """REPLACE, UPDATE OR REPLACE and UPSERT by the id, by the place in the dashboard, and by the timer's slot."""
    before = seen(house, board)
    with by_hand(target) as connection:
        # The slot is written where it may be: into a record that is being made.
        cursor = connection.execute("SELECT * FROM snapshots ORDER BY sequence LIMIT 1")
        old = dict(zip([column[0] for column in cursor.description], cursor.fetchone(), strict=True))
        slotted = old | {"id": "h-slot", "sequence": 3, "slot": "2026-11-21T12:00:00.000Z"}
        mark = "%s" if "://" in target else "?"
        into = f"INTO snapshots({','.join(old)}) VALUES ({','.join([mark] * len(old))})"
        connection.execute(f"INSERT {into}", list(slotted.values()))
        connection.commit()
        kept = {name: slotted[name] for name in ("dashboard", "slot")} if key == "slot" else {key: old[key]}
        forged = list((old | {"id": "h-new", "sequence": 99, "slot": None, "reason": "forged"} | kept).values())
        upsert = f"INSERT {into} ON CONFLICT {UNIQUE_KEYS[key]} DO UPDATE SET reason='forged'"
        statements = [upsert] if "://" in target else [upsert, f"REPLACE {into}", f"INSERT OR REPLACE {into}"]
        passed = [statement for statement in statements if not refused(connection, statement, forged)]
        assert passed == []
    assert [found for found in seen(house, board) if found["id"] != "h-slot"] == before


def test_what_is_appended_by_hand_reaches_no_evidence(house: House, board: str, target: str) -> None:
    """A frame that somebody adds at the end of a chain stands before nothing, and no capture builds on it."""
    before = seen(house, board)
    with by_hand(target) as connection:
        if "://" in target:
            connection.execute(
                "INSERT INTO frames SELECT chain,max(segment)+7,'\\x00'::bytea FROM frames GROUP BY chain"
            )
        else:
            connection.execute("UPDATE frames SET bytes=CAST(bytes||x'00' AS BLOB)")
        connection.commit()
    house.services.store.close()
    assert seen(house, board) == before
    if "://" not in target:
        taken = house.push(board, a=9)
        assert house.alice.get(f"/api/snapshot/{taken['id']}")["materialized_data"]["board"]["rows"][0]["score"] == 9


def test_the_door_has_no_way_to_change_a_snapshot(house: House, board: str) -> None:
    """No PUT, PATCH or DELETE on a snapshot: 405, whoever asks."""
    (newest, *_) = house.alice.get(f"/api/dashboard/{board}/snapshots")["items"]
    for method in ("PUT", "PATCH", "DELETE"):
        assert house.alice.ask(method, f"/api/snapshot/{newest['id']}", {}).status_code == 405

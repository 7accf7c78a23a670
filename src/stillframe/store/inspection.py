"""Examines a database: the library, the file, the schema with its triggers, every record's place, every payload."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Generator, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from stillframe.errors import StoreError
from stillframe.model.canonical import canonical_bytes
from stillframe.model.examination import Level, Observation
from stillframe.store.connect import SQLITE, SQLITE_IS_BUNDLED, is_postgresql
from stillframe.store.expected import expected_objects, live_objects
from stillframe.store.inspected_chains import chain_findings
from stillframe.store.inspected_reports import gate_findings, report_findings
from stillframe.store.reading import opened_for_reading
from stillframe.store.schema import state_of
from stillframe.store.types import unpack_id

SAFE_SQLITE = (3, 51, 3)
"""Versions before it can corrupt a database when the WAL restarts."""
_LISTED = 5
Check: TypeAlias = Callable[[Connection], Iterator[Observation]]

_GAPS = """SELECT d.id,count(s.sequence) AS records,coalesce(min(s.sequence),0) AS first,
coalesce(max(s.sequence),0) AS last,h.last_sequence
FROM dashboards d LEFT JOIN snapshots s ON s.dashboard=d.key LEFT JOIN heads h ON h.dashboard=d.key
GROUP BY d.id,h.last_sequence
HAVING count(s.sequence)<>coalesce(max(s.sequence),0) OR h.last_sequence IS NULL
OR coalesce(max(s.sequence),0)<>h.last_sequence"""
_LOST = (
    ("a dashboard", "SELECT s.id FROM snapshots s LEFT JOIN dashboards d ON d.key=s.dashboard WHERE d.key IS NULL"),
    ("a content", "SELECT s.id FROM snapshots s LEFT JOIN contents c ON c.key=s.content WHERE c.key IS NULL"),
    (
        "a parent",
        """SELECT s.id FROM snapshots s LEFT JOIN snapshots p ON p.dashboard=s.dashboard AND p.sequence=s.parent
WHERE s.parent IS NOT NULL AND p.sequence IS NULL""",
    ),
    (
        "an interned word",
        """SELECT s.id FROM snapshots s WHERE NOT EXISTS(SELECT 1 FROM texts t WHERE t.key=s.initiator)
OR NOT EXISTS(SELECT 1 FROM texts t WHERE t.key=s.retention_class)
OR NOT EXISTS(SELECT 1 FROM texts t WHERE t.key=s.trigger_source)
OR NOT EXISTS(SELECT 1 FROM texts t WHERE t.key=s.view_spec_hash)""",
    ),
)
_MEMBERS = """SELECT l.key,l.digest,i.project FROM member_lists l
LEFT JOIN member_list_items i ON i.list=l.key ORDER BY l.key"""
_SEALED = """SELECT id,sealed_address,state FROM dashboard_subscriptions
WHERE sealed_address IS NOT NULL AND state<>'removed' ORDER BY id"""
_HEADS = """SELECT d.id FROM heads h JOIN dashboards d ON d.key=h.dashboard
LEFT JOIN snapshots l ON l.dashboard=h.dashboard AND l.sequence=h.last_sequence
LEFT JOIN snapshots s ON s.dashboard=h.dashboard AND s.sequence=h.head_sequence
LEFT JOIN contents c ON c.key=s.content LEFT JOIN payloads p ON p.content=s.content
WHERE (h.last_sequence>0 AND (l.id IS NULL OR l.id<>h.last_snapshot_id))
OR (h.head_sequence IS NOT NULL AND (s.id IS NULL OR s.id<>h.head_snapshot_id OR c.hash<>h.head_content_hash
OR p.content IS NULL))"""
_TIPS = """SELECT d.id FROM heads h JOIN dashboards d ON d.key=h.dashboard
LEFT JOIN payloads p ON p.content=h.tip LEFT JOIN frames f ON f.chain=h.chain AND f.segment=h.segment
WHERE h.chain IS NOT NULL AND (p.chain IS NULL OR p.chain<>h.chain OR p.depth<>h.depth OR f.chain IS NULL
OR length(f.bytes)<>h.segment_bytes OR EXISTS(SELECT 1 FROM frames g WHERE g.chain=h.chain AND g.segment>h.segment))"""


def inspected(target: str) -> Iterator[Observation]:
    """
    Examine a database without changing it, and say of every check how it went.

    What cannot be read is itself a finding, and the other checks go on.

    Shape   `target`: a path or a `postgresql://` URL.
    """
    if not is_postgresql(target):
        yield from _library()
        yield from _file(Path(target))
        if not Path(target).exists():
            return
    try:
        with opened_for_reading(target) as connection:
            yield from _checked(connection)
    except (DBAPIError, StoreError) as error:
        yield _finding("file", "broken", f"the database cannot be opened: {_words(error)}")


def sealed_addresses(target: str) -> list[tuple[str, bytes, bool]]:
    """
    Return every sealed address that may still be used: the subscription's id, the blob, and whether it is active.

    Nothing is returned of a database that cannot be read.
    """
    try:
        with opened_for_reading(target) as connection:
            rows = connection.execute(text(_SEALED)).all()
    except DBAPIError:
        return []
    return [(row.id, bytes(row.sealed_address), row.state == "active") for row in rows]


def _checked(connection: Connection) -> Iterator[Observation]:
    sqlite = connection.dialect.name == "sqlite"
    state = yield from _migrations(connection)
    checks: list[tuple[str, Check]] = [("pages", _pages), ("references", _foreign_keys)] if sqlite else []
    if state == "current":
        checks += [
            ("schema", _schema),
            ("records", _records),
            ("heads", _heads),
            ("members", _members),
            ("payloads", chain_findings),
            ("reports", report_findings),
            ("gates", gate_findings),
        ]
    for name, check in checks:
        try:
            yield from check(connection)
        except (DBAPIError, StoreError) as error:
            yield _finding(name, "broken", f"this could not be read to its end: {_words(error)}")


def _library() -> Iterator[Observation]:
    version = ".".join(map(str, SQLITE.sqlite_version_info))
    if SQLITE.sqlite_version_info < SAFE_SQLITE:
        wanted = ".".join(map(str, SAFE_SQLITE))
        message = f"SQLite {version} can corrupt a database when its WAL restarts; {wanted} and later cannot"
        yield _finding("library", "warning", message)
    elif not SQLITE_IS_BUNDLED:
        message = f"SQLite {version} is the one of Python's standard library: its updates are not Stillframe's"
        yield _finding("library", "warning", message)
    else:
        yield _finding("library", "ok", f"SQLite {version}")


def _file(path: Path) -> Iterator[Observation]:
    if not path.exists():
        yield _finding("file", "broken", f"there is no database at {path}")
    elif not os.access(path, os.W_OK):
        yield _finding("file", "warning", f"{path} cannot be written by this user")
    elif not os.access(path.parent, os.W_OK):
        yield _finding(
            "file", "warning", f"{path.parent} cannot be written by this user, and SQLite's WAL stands there"
        )
    else:
        yield _finding("file", "ok", f"{path} can be read and written")


def _migrations(connection: Connection) -> Generator[Observation, None, str]:
    try:
        state = state_of(connection)
    except DBAPIError as error:
        yield _finding("migrations", "broken", f"the schema's version cannot be read: {_words(error)}")
        return "unknown"
    sentences: dict[str, tuple[Level, str]] = {
        "current": ("ok", "the schema is the one of this program"),
        "behind": ("broken", "the schema is older than this program, so little was examined: run `stillframe migrate`"),
        "ahead": ("broken", "the schema is newer than this program, so little was examined: upgrade Stillframe"),
    }
    yield _finding("migrations", *sentences[state])
    return state


def _pages(connection: Connection) -> Iterator[Observation]:
    mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    if mode != "wal":
        yield _finding(
            "file", "warning", f"the journal mode is {mode}, not wal: readers and the writer wait for each other"
        )
    faults = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check(20)")]
    if faults == ["ok"]:
        yield _finding("pages", "ok", "every page and index of the file is in order")
    for fault in faults if faults != ["ok"] else ():
        yield _finding("pages", "broken", " ".join(str(fault).split()))


def _foreign_keys(connection: Connection) -> Iterator[Observation]:
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(_LISTED)
    for table, rowid, parent, _ in rows:
        where = "" if rowid is None else f" (row {rowid})"
        yield _finding("references", "broken", f"{table}{where} names a row of {parent} that is not there")
    if not rows:
        yield _finding("references", "ok", "every reference leads to a row")


def _schema(connection: Connection) -> Iterator[Observation]:
    wanted, live = expected_objects(connection.dialect.name), live_objects(connection)
    faults = [f"{name} is missing" for name in wanted.keys() - live.keys()]
    faults += [f"{name} is not as it was made" for name in wanted.keys() & live.keys() if wanted[name] != live[name]]
    yield from (_finding("schema", "broken", fault) for fault in sorted(faults))
    more = sorted(live.keys() - wanted.keys())
    yield from (_finding("schema", "warning", f"{name} is not of this program") for name in more)
    if not faults:
        triggers = sum(name.startswith("trigger ") for name in wanted)
        yield _finding("schema", "ok", f"{triggers} triggers guard evidence, as they were made")


def _records(connection: Connection) -> Iterator[Observation]:
    gaps = connection.execute(text(_GAPS)).fetchmany(_LISTED)
    for row in gaps:
        message = f"dashboard {row.id} has {row.records} records from {row.first} to {row.last}, and its head says "
        yield _finding("records", "broken", message + f"{row.last_sequence}")
    lost = 0
    for what, statement in _LOST:
        for row in connection.execute(text(statement)).fetchmany(_LISTED):
            lost += 1
            yield _finding("records", "broken", f"snapshot {unpack_id(row.id)} names {what} that is not there")
    if not gaps and not lost:
        total = connection.execute(text("SELECT count(*) FROM snapshots")).scalar_one()
        yield _finding("records", "ok", f"{total} records, in every dashboard numbered without a gap")


def _heads(connection: Connection) -> Iterator[Observation]:
    wrong = 0
    for statement, what in ((_HEADS, "is not at its snapshot"), (_TIPS, "is not at the end of its chain of frames")):
        for row in connection.execute(text(statement)).fetchmany(_LISTED):
            wrong += 1
            yield _finding("heads", "broken", f"the head of dashboard {row.id} {what}")
    if not wrong:
        yield _finding("heads", "ok", "every dashboard's head is where its last snapshots are")


def _members(connection: Connection) -> Iterator[Observation]:
    """A list is named by the digest of what is in it, so that nobody joins a snapshot's members afterwards unseen."""
    wrong = 0
    rows = connection.execute(text(_MEMBERS))
    for (key, digest), found in groupby(rows, key=lambda row: (row.key, bytes(row.digest))):
        names = sorted(row.project for row in found if row.project is not None)
        if hashlib.sha256(canonical_bytes(names)).digest() != digest:
            wrong += 1
            yield _finding("members", "broken", f"the member list {key} is not what its digest says")
    if not wrong:
        yield _finding("members", "ok", "every list of members is what its digest says")


def _finding(check: str, level: Level, message: str) -> Observation:
    return Observation(check=check, level=level, message=message)


def _words(error: Any) -> str:  # noqa: ANN401  # because an error of a driver and one of ours say it differently
    words = str(getattr(error, "orig", None) or error).splitlines()
    return words[0] if words else type(error).__name__

"""
The triggers of schema version 0004, which take the place of those of 0001: what no connection may do to evidence.

A record, and every row that a record is read through (interned words, contents, the identity of its dashboard, member
lists), is written once. A payload goes only when nothing immutable uses it and all its users are older than the horizon
of their retention class; it moves to another chain only while `recoding` names the chain that it leaves. Cleanup writes
both permits and takes them back in the transaction that needs them. Frames are added at the end of a chain, and go when
no payload stands on it.

Conditions compare with IS and IS NOT, because a comparison with NULL refuses nothing, and ask for the rowid, because
REPLACE and UPDATE OR REPLACE by a rowid remove another row without its DELETE trigger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

Rule: TypeAlias = tuple[str, str, str, str]
"""Table, event, the condition under which it is refused (empty: always), and what is said then."""
Gone: TypeAlias = tuple[str, str]
"""Of PostgreSQL: the condition under which the deletions of a statement are refused, and what is said then."""

_NEVER_CHANGED = ("snapshots", "contents", "texts", "member_lists", "member_list_items")
_NEVER_REMOVED = (*_NEVER_CHANGED, "dashboards")
_NEVER_TRUNCATED = (*_NEVER_REMOVED, "payloads", "frames")

_MUST_BE_KEPT, _STOOD_UPON = "this payload must be kept", "payloads stand on this frame"
_USED = """EXISTS(SELECT 1 FROM snapshots s JOIN texts t ON t.key=s.retention_class
LEFT JOIN retention_horizon h ON h.class=t.text
WHERE s.content=OLD.content AND (s.immutable=1 OR h.before IS NULL OR s.timestamp>=h.before))"""
_STANDING = "EXISTS(SELECT 1 FROM payloads WHERE chain=OLD.chain)"
_POSTGRES_GONE: Mapping[str, Gone] = MappingProxyType(
    {
        "payloads": (
            """EXISTS(SELECT 1 FROM gone g JOIN snapshots s ON s.content=g.content
JOIN texts t ON t.key=s.retention_class
LEFT JOIN retention_horizon h ON h.class=t.text WHERE s.immutable=1 OR h.before IS NULL OR s.timestamp>=h.before)""",
            _MUST_BE_KEPT,
        ),
        "frames": ("EXISTS(SELECT 1 FROM gone g JOIN payloads p ON p.chain=g.chain)", _STOOD_UPON),
    }
)
"""In PostgreSQL a statement's deletions are asked about together: row by row, cleanup takes several times as long."""
_NOT_RECODED = "NOT EXISTS(SELECT 1 FROM recoding WHERE chain=OLD.chain)"
_NOT_LAST = "EXISTS(SELECT 1 FROM frames WHERE chain=NEW.chain AND segment>=NEW.segment)"

_TAKEN: Mapping[str, str] = MappingProxyType(
    {
        "snapshots": """EXISTS(SELECT 1 FROM snapshots WHERE id=NEW.id OR (dashboard=NEW.dashboard AND
sequence=NEW.sequence) OR (dashboard=NEW.dashboard AND slot=NEW.slot))""",
        "contents": """EXISTS(SELECT 1 FROM contents WHERE key=NEW.key)
OR EXISTS(SELECT 1 FROM contents WHERE substr(hash,1,4)=substr(NEW.hash,1,4) AND hash=NEW.hash)""",
        "payloads": "EXISTS(SELECT 1 FROM payloads WHERE content=NEW.content)",
        "texts": "EXISTS(SELECT 1 FROM texts WHERE key=NEW.key OR text=NEW.text)",
        "dashboards": "EXISTS(SELECT 1 FROM dashboards WHERE key=NEW.key OR id=NEW.id OR slug=NEW.slug)",
        "member_lists": "EXISTS(SELECT 1 FROM member_lists WHERE key=NEW.key OR digest=NEW.digest)",
        "member_list_items": "EXISTS(SELECT 1 FROM member_list_items WHERE list=NEW.list AND project=NEW.project)",
    }
)
"""In SQLite, where REPLACE removes what is in its way; PostgreSQL has no such word, and its unique keys refuse."""

_SQLITE_FRAME_IN_PLACE = """NEW.chain IS NULL OR NEW.segment IS NULL
OR EXISTS(SELECT 1 FROM frames WHERE chain=NEW.chain AND segment>=NEW.segment)
OR (NEW.rowid<>-1 AND EXISTS(SELECT 1 FROM frames WHERE rowid=NEW.rowid))"""
"""In a BEFORE INSERT trigger the rowid is -1 where none was given."""
_SQLITE_NOT_GROWN = """NEW.chain IS NOT OLD.chain OR NEW.segment IS NOT OLD.segment OR NEW.rowid IS NOT OLD.rowid
OR length(NEW.bytes)<length(OLD.bytes) OR substr(NEW.bytes,1,length(OLD.bytes)) IS NOT OLD.bytes
OR EXISTS(SELECT 1 FROM frames WHERE chain=OLD.chain AND segment>OLD.segment)"""


def trigger_statements(dialect: str) -> list[str]:
    """Return the statements that make the triggers, in the words of one database."""
    if dialect == "sqlite":
        return list(sqlite_triggers(_sqlite_rules()))
    return list(postgresql_triggers(_postgresql_rules(), gone=_POSTGRES_GONE, never_truncated=_NEVER_TRUNCATED))


def drop_first_statements(dialect: str) -> list[str]:
    """Return the statements that take away the triggers of version 0001."""
    names = [
        *((table, event) for table in ("snapshots", "contents") for event in ("update", "delete", "insert")),
        *((table, event) for table in ("payloads", "frames") for event in ("update", "delete", "insert")),
    ]
    if dialect == "sqlite":
        return [f"DROP TRIGGER {table}_{event}" for table, event in names]
    truncating = [
        f"DROP TRIGGER {table}_truncate ON {table}" for table in ("snapshots", "contents", "payloads", "frames")
    ]
    # The triggers go with their functions.
    return [*truncating, *(f"DROP FUNCTION {table}_{event}() CASCADE" for table, event in names)]


def _shared_rules() -> Iterator[Rule]:
    for table in _NEVER_CHANGED:
        yield table, "UPDATE", "", f"{table} are never changed"
    for table in _NEVER_REMOVED:
        yield table, "DELETE", "", f"{table} are never removed"


def _sqlite_rules() -> Iterator[Rule]:
    yield from _shared_rules()
    yield "payloads", "DELETE", _USED, _MUST_BE_KEPT
    yield "frames", "DELETE", _STANDING, _STOOD_UPON
    for table, taken in _TAKEN.items():
        yield table, "INSERT", taken, f"{table} are never replaced"
    yield "dashboards", "UPDATE", "NEW.key IS NOT OLD.key OR NEW.id IS NOT OLD.id", "a dashboard keeps its id"
    moved = f"NEW.content IS NOT OLD.content OR {_NOT_RECODED}"
    yield "payloads", "UPDATE", moved, "a payload keeps its place"
    yield "frames", "INSERT", _SQLITE_FRAME_IN_PLACE, "frames are added at the end of a chain, and never replaced"
    yield "frames", "UPDATE", _SQLITE_NOT_GROWN, "frames only grow, and only the last of a chain"


def _postgresql_rules() -> Iterator[Rule]:
    yield from _shared_rules()
    yield (
        "dashboards",
        "UPDATE",
        "NEW.key IS DISTINCT FROM OLD.key OR NEW.id IS DISTINCT FROM OLD.id",
        "a dashboard keeps its id",
    )
    moved = f"NEW.content IS DISTINCT FROM OLD.content OR {_NOT_RECODED}"
    yield "payloads", "UPDATE", moved, "a payload keeps its place"
    yield "frames", "INSERT", _NOT_LAST, "frames are added at the end of a chain"
    yield "frames", "UPDATE", "", "frames are never changed"


def sqlite_triggers(rules: Iterable[Rule]) -> Iterator[str]:
    """Yield the statements that make the triggers of some rules in SQLite."""
    for table, event, condition, message in rules:
        when = f" WHEN {condition}" if condition else ""
        name = f"{table}_{event.lower()}"
        yield f"CREATE TRIGGER {name} BEFORE {event} ON {table}{when} BEGIN SELECT RAISE(ABORT,'{message}'); END"


def postgresql_triggers(
    rules: Iterable[Rule], *, gone: Mapping[str, Gone], never_truncated: Iterable[str]
) -> Iterator[str]:
    """Yield the statements that make the triggers of some rules, and of deletions by table, in PostgreSQL."""
    for table, event, condition, message in rules:
        name = f"{table}_{event.lower()}"
        given_back = "OLD" if event == "DELETE" else "NEW"
        yield f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF {condition or "TRUE"} THEN RAISE EXCEPTION '{message}' USING ERRCODE='integrity_constraint_violation'; END IF;
RETURN {given_back}; END $$"""
        yield f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    for table, (condition, message) in gone.items():
        yield f"""CREATE FUNCTION {table}_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF {condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE='integrity_constraint_violation'; END IF;
RETURN NULL; END $$"""
        yield (
            f"CREATE TRIGGER {table}_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_delete()"
        )
    for table in never_truncated:
        when = f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
        yield f"CREATE TRIGGER {table}_truncate {when} EXECUTE FUNCTION evidence_truncate()"

"""
The triggers of schema version 0001, which guard evidence against every connection and not only ours.

A record is never changed or removed. A payload goes only when no immutable snapshot uses it and all its users are
older than the horizon of their retention class, which cleanup writes into `retention_horizon` in the same transaction.
How a payload is encoded may change; what is encoded may not, so frames only grow while a payload stands on them.
"""

from __future__ import annotations

from collections.abc import Iterator

_NEVER_CHANGED = ("snapshots", "contents")
_NEVER_TRUNCATED = ("snapshots", "contents", "payloads", "frames")

_USED = """SELECT 1 FROM snapshots s JOIN texts t ON t.key=s.retention_class
LEFT JOIN retention_horizon h ON h.class=t.text
WHERE s.content=OLD.content AND (s.immutable=1 OR h.before IS NULL OR s.timestamp>=h.before)"""
_TAKEN = {
    "snapshots": """SELECT 1 FROM snapshots WHERE id=NEW.id OR (dashboard=NEW.dashboard AND sequence=NEW.sequence)
OR (dashboard=NEW.dashboard AND slot=NEW.slot)""",
    "contents": "SELECT 1 FROM contents WHERE key=NEW.key",
    "payloads": "SELECT 1 FROM payloads WHERE content=NEW.content",
    "frames": "SELECT 1 FROM frames WHERE chain=NEW.chain AND segment=NEW.segment",
}
_CUT = """NEW.chain<>OLD.chain OR NEW.segment<>OLD.segment
OR length(NEW.bytes)<length(OLD.bytes) OR substr(NEW.bytes,1,length(OLD.bytes))<>OLD.bytes"""
_STANDING = "SELECT 1 FROM payloads WHERE content>=OLD.chain AND chain=OLD.chain"


def trigger_statements(dialect: str) -> list[str]:
    """Return the statements that make the triggers, in the words of one database."""
    return list(_sqlite() if dialect == "sqlite" else _postgresql())


def _rules() -> Iterator[tuple[str, str, str | None, str]]:
    """Yield table, event, the condition under which it is refused (None: always), and what is said then."""
    for table in _NEVER_CHANGED:
        yield table, "UPDATE", None, f"{table} are never changed"
        yield table, "DELETE", None, f"{table} are never removed"
    for table, taken in _TAKEN.items():
        yield table, "INSERT", f"EXISTS({taken})", f"{table} are never replaced"
    yield "payloads", "UPDATE OF content", None, "a payload keeps its content"
    yield "payloads", "DELETE", f"EXISTS({_USED})", "this payload must be kept"
    yield "frames", "UPDATE", _CUT, "frames only grow"
    yield "frames", "DELETE", f"EXISTS({_STANDING})", "payloads stand on this frame"


def _sqlite() -> Iterator[str]:
    for table, event, condition, message in _rules():
        when = f" WHEN {condition}" if condition else ""
        name = f"{table}_{event.split(maxsplit=1)[0].lower()}"
        yield f"CREATE TRIGGER {name} BEFORE {event} ON {table}{when} BEGIN SELECT RAISE(ABORT,'{message}'); END"


def _postgresql() -> Iterator[str]:
    for table, event, condition, message in _rules():
        name = f"{table}_{event.split(maxsplit=1)[0].lower()}"
        given_back = "OLD" if event == "DELETE" else "NEW"
        yield f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF {condition or "TRUE"} THEN RAISE EXCEPTION '{message}' USING ERRCODE='integrity_constraint_violation'; END IF;
RETURN {given_back}; END $$"""
        yield f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    yield """CREATE FUNCTION evidence_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'evidence is never truncated' USING ERRCODE='integrity_constraint_violation'; END $$"""
    for table in _NEVER_TRUNCATED:
        when = f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
        yield f"CREATE TRIGGER {table}_truncate {when} EXECUTE FUNCTION evidence_truncate()"

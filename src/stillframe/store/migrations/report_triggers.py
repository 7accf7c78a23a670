"""
The triggers of schema version 0005: raw reports, release decisions and suppressions are guarded as payloads are.

A report goes only when no immutable snapshot keeps it and every snapshot that does is older than the horizon of its
retention class. That a snapshot keeps it is never taken back. A decision is written once. A suppression is lifted once,
and is otherwise what it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from stillframe.store.migrations.governance_triggers import Gone, Rule, postgresql_triggers, sqlite_triggers

_NEVER_CHANGED = ("reports", "report_uses", "gates")
_NEVER_REMOVED = ("report_uses", "gates", "suppressions")
_NEVER_TRUNCATED = ("reports", *_NEVER_REMOVED)

_MUST_BE_KEPT = "this report must be kept"
_USED = """EXISTS(SELECT 1 FROM report_uses u JOIN snapshots s ON s.dashboard=u.dashboard AND s.sequence=u.sequence
JOIN texts t ON t.key=s.retention_class LEFT JOIN retention_horizon h ON h.class=t.text
WHERE u.report=OLD.report AND (s.immutable=1 OR h.before IS NULL OR s.timestamp>=h.before))"""
_GONE: Mapping[str, Gone] = MappingProxyType(
    {
        "reports": (
            """EXISTS(SELECT 1 FROM gone g JOIN report_uses u ON u.report=g.report
JOIN snapshots s ON s.dashboard=u.dashboard AND s.sequence=u.sequence
JOIN texts t ON t.key=s.retention_class
LEFT JOIN retention_horizon h ON h.class=t.text WHERE s.immutable=1 OR h.before IS NULL OR s.timestamp>=h.before)""",
            _MUST_BE_KEPT,
        )
    }
)
_TAKEN: Mapping[str, str] = MappingProxyType(
    {
        "reports": "EXISTS(SELECT 1 FROM reports WHERE report=NEW.report AND place=NEW.place)",
        "report_uses": """EXISTS(SELECT 1 FROM report_uses WHERE report=NEW.report AND dashboard=NEW.dashboard
AND sequence=NEW.sequence)""",
        "gates": "EXISTS(SELECT 1 FROM gates WHERE id=NEW.id)",
        "suppressions": "EXISTS(SELECT 1 FROM suppressions WHERE project_name=NEW.project_name AND id=NEW.id)",
    }
)
"""In SQLite, where REPLACE removes what is in its way."""
_CONTENT = ("project_name", "id", "finding_id", "reason", "ticket", "created_by", "created_at", "expires_at")


def trigger_statements(dialect: str) -> list[str]:
    """Return the statements that make the triggers, in the words of one database."""
    if dialect == "sqlite":
        return list(sqlite_triggers(_sqlite_rules()))
    return list(postgresql_triggers(_rules("IS DISTINCT FROM"), gone=_GONE, never_truncated=_NEVER_TRUNCATED))


def _rules(differs: str) -> Iterator[Rule]:
    for table in _NEVER_CHANGED:
        yield table, "UPDATE", "", f"{table} are never changed"
    for table in _NEVER_REMOVED:
        yield table, "DELETE", "", f"{table} are never removed"
    old, new = (",".join(f"{row}.{name}" for name in _CONTENT) for row in ("OLD", "NEW"))
    changed = f"OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL OR ({new}) {differs} ({old})"
    yield "suppressions", "UPDATE", changed, "suppressions are lifted once and never changed"


def _sqlite_rules() -> Iterator[Rule]:
    yield from _rules("IS NOT")
    yield "reports", "DELETE", _USED, _MUST_BE_KEPT
    for table, taken in _TAKEN.items():
        yield table, "INSERT", taken, f"{table} are never replaced"

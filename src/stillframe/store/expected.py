"""What the migrations make, to be held against what is there: tables, indexes and triggers, word for word."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from sqlalchemy import Connection, text

from stillframe.store import schema
from stillframe.store.connect import open_engine
from stillframe.store.migrations import governance_triggers, report_triggers

_SQLITE_OBJECTS = text(
    "SELECT type,name,sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
)
_POSTGRES_TRIGGERS = text(
    """SELECT t.tgname,t.tgenabled::text AS enabled,pg_get_triggerdef(t.oid) AS definition,p.proname,p.prosrc
FROM pg_trigger t JOIN pg_class c ON c.oid=t.tgrelid JOIN pg_proc p ON p.oid=t.tgfoid
WHERE NOT t.tgisinternal AND c.relnamespace=current_schema()::regnamespace"""
)
_FUNCTION = re.compile(r"CREATE FUNCTION (\w+)\(\) RETURNS trigger LANGUAGE plpgsql AS \$\$(.*)\$\$", re.DOTALL)
_TRIGGER = re.compile(r"CREATE TRIGGER (\w+) ")
_FIRES_ALWAYS = ("O", "A")


def expected_objects(dialect: str) -> dict[str, str]:
    """
    Return the words that each object of the schema was made with, by `KIND NAME`.

    In SQLite these are all objects, taken from an empty database made for it; in PostgreSQL the triggers, whose words
    include those of their functions.
    """
    if dialect != "sqlite":
        made = (governance_triggers.trigger_statements(dialect), report_triggers.trigger_statements(dialect))
        return _expected_triggers(chain.from_iterable(made))
    with tempfile.TemporaryDirectory(prefix="stillframe-") as folder:
        engine = open_engine(str(Path(folder) / "expected.db"))
        try:
            schema.migrate(engine)
            with engine.connect() as connection:
                return live_objects(connection)
        finally:
            engine.dispose()


def live_objects(connection: Connection) -> dict[str, str]:
    """Return the same of a database; a trigger that is switched off says so in its words."""
    if connection.dialect.name == "sqlite":
        return {f"{row.type} {row.name}": row.sql for row in connection.execute(_SQLITE_OBJECTS)}
    found = {}
    for row in connection.execute(_POSTGRES_TRIGGERS):
        words = _words(row.definition, "" if row.proname == _TRUNCATE else row.prosrc)
        found[f"trigger {row.tgname}"] = words if row.enabled in _FIRES_ALWAYS else f"switched off: {words}"
    return found


_TRUNCATE = "evidence_truncate"
"""One function for several triggers, made by version 0001."""


def _expected_triggers(statements: Iterable[str]) -> dict[str, str]:
    bodies: dict[str, str] = {}
    found: dict[str, str] = {}
    for statement in statements:
        if made := _FUNCTION.match(statement):
            bodies[made[1]] = made[2]
        elif named := _TRIGGER.match(statement):
            found[f"trigger {named[1]}"] = _words(statement, bodies.get(named[1], ""))
    return found


def _words(definition: str, body: str) -> str:
    return " ".join(re.sub(r"( ON |FUNCTION )\w+\.", r"\1", definition).split()) + " " + " ".join(body.split())

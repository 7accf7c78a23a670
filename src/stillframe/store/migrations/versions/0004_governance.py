"""What cleanup needs to find and to move payloads, and what no connection may do to evidence any more."""

from __future__ import annotations

from alembic import op

from stillframe.store.migrations.first_tables import in_words_of
from stillframe.store.migrations.governance_triggers import drop_first_statements, trigger_statements

revision = "0004"
down_revision = "0003"

_TABLES = """
CREATE INDEX payloads_chain ON payloads(chain);
CREATE TABLE recoding(chain @int PRIMARY KEY);
"""


def upgrade() -> None:
    """Make an index and the table of permits, and put new triggers in the place of the first ones."""
    dialect = op.get_bind().dialect.name
    for statement in (
        *in_words_of(dialect, _TABLES),
        *drop_first_statements(dialect),
        *trigger_statements(dialect),
    ):
        op.execute(statement)

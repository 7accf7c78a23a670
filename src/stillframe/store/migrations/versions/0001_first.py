"""The first schema: everything that a live dashboard, its evidence and its promises need."""

from __future__ import annotations

from alembic import op

from stillframe.store.migrations.first_tables import table_statements
from stillframe.store.migrations.first_triggers import trigger_statements

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make tables, indexes and the triggers that guard evidence."""
    dialect = op.get_bind().dialect.name
    for statement in (*table_statements(dialect), *trigger_statements(dialect)):
        op.execute(statement)

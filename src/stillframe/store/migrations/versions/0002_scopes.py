"""Groups, projects and what they own; member lists of group and portfolio snapshots; the audit log."""

from __future__ import annotations

from alembic import op

from stillframe.store.migrations.scope_tables import scope_statements

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables; what was there before belongs to no group."""
    for statement in scope_statements(op.get_bind().dialect.name):
        op.execute(statement)

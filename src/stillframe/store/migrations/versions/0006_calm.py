"""Calm: cooldown, pending, snooze, quiet hours, digests; where subscriptions stand; endpoints; tests; verdicts."""

from __future__ import annotations

from alembic import op

from stillframe.store.migrations.calm_tables import calm_statements

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables and columns; subscriptions that were there before ask for no calm, and are told as they were."""
    for statement in calm_statements(op.get_bind().dialect.name):
        op.execute(statement)

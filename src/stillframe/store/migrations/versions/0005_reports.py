"""Raw reports and who keeps them, what release gates decided, suppressions, and who asked to be told of decisions."""

from __future__ import annotations

from alembic import op

from stillframe.store.migrations.report_tables import report_statements
from stillframe.store.migrations.report_triggers import trigger_statements

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables and their triggers; subscriptions that were there before are told of changes, as they were."""
    dialect = op.get_bind().dialect.name
    for statement in (*report_statements(dialect), *trigger_statements(dialect)):
        op.execute(statement)

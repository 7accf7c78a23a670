"""Series packed by snapshot, and the order of lists over many dashboards."""

from __future__ import annotations

from alembic import op

from stillframe.store.migrations.series_tables import move_values, table_statements

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables and the index, and move the values that were kept one by one."""
    connection = op.get_bind()
    for statement in table_statements(connection.dialect.name):
        op.execute(statement)
    move_values(connection)

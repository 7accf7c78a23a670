"""Runs the migrations on the connection that `store.schema` hands over; there is no other way in."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,
    transaction_per_migration=False,
    version_table_pk=False,
)
with context.begin_transaction():
    context.run_migrations()

"""Run by Alembic: the steps go over the connection, and in the transaction, that `migrate` passes."""

from __future__ import annotations

from alembic import context

from bot.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()

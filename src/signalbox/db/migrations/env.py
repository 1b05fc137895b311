"""How does Alembic reach the database? By the connection, already in a transaction, that `db/migration.py` gives it."""

from __future__ import annotations

from alembic import context

# SQLite cannot alter most of a table in place: batch mode copies it
context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()

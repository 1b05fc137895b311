"""Standings and spells; what a batch holds, and what of it was missed; pauses.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables and columns."""
    _standings()
    _spells()
    with op.batch_alter_table("monitors") as monitors:
        monitors.add_column(sa.Column("paused_at", sa.BigInteger(), nullable=True))
    installation = sa.table("installation", sa.column("key", sa.Text()), sa.column("value", sa.Text()))
    op.bulk_insert(installation, [{"key": "changes", "value": "0"}])
    op.add_column("ledger", sa.Column("missed", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("ledger", sa.Column("monitors", sa.Text(), nullable=True))


def _standings() -> None:
    op.create_table(
        "standings",
        sa.Column("monitor", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("known", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("trouble", sa.BigInteger(), nullable=True),
        sa.Column("flapping", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("restless", sa.Boolean(), nullable=False),
        sa.Column("flips", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("monitor", name="standings_pkey"),
    )
    restless = sa.text("restless")
    op.create_index(
        "standings_restless_idx", "standings", ["monitor"], postgresql_where=restless, sqlite_where=restless
    )


def _spells() -> None:
    op.create_table(
        "spells",
        sa.Column("id", _SERIAL, nullable=False, autoincrement=True),
        sa.Column("monitor", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=True),
        sa.Column("confirmed", sa.BigInteger(), nullable=False),
        sa.Column("trouble", sa.BigInteger(), nullable=True),
        sa.Column("flapping", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="spells_pkey"),
    )
    op.create_index("spells_monitor_start_idx", "spells", ["monitor", "start"])
    is_open = sa.text('"end" IS NULL')
    op.create_index(
        "spells_open_idx", "spells", ["monitor"], unique=True, postgresql_where=is_open, sqlite_where=is_open
    )

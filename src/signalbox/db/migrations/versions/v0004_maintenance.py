"""Work announced beforehand.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _maintenance()
    op.create_table(
        "maintenance_versions",
        sa.Column("id", _SERIAL, nullable=False, autoincrement=True),
        sa.Column("maintenance", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="maintenance_versions_pkey"),
    )
    op.create_index("maintenance_versions_maintenance_idx", "maintenance_versions", ["maintenance"])
    op.create_table(
        "maintenance_overrides",
        sa.Column("maintenance", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("maintenance", "start", name="maintenance_overrides_pkey"),
    )


def _maintenance() -> None:
    op.create_table(
        "maintenance",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="maintenance_pkey"),
    )
    active = sa.text("archived_at IS NULL")
    op.create_index(
        "maintenance_active_idx", "maintenance", ["id"], unique=True, postgresql_where=active, sqlite_where=active
    )

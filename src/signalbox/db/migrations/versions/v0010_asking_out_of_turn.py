"""Who is to be asked out of turn, and until when who is paused.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Make the table and the column."""
    op.create_table(
        "wanted",
        sa.Column("monitor", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("monitor", name="wanted_pkey"),
    )
    op.add_column("monitors", sa.Column("paused_until", sa.BigInteger(), nullable=True))

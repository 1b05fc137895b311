"""What showed why a check failed.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "evidence",
        sa.Column("monitor", sa.Text(), nullable=False),
        sa.Column("moment", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("monitor", "moment", "location", name="evidence_pkey"),
    )
    op.create_index("evidence_moment_idx", "evidence", ["moment"])

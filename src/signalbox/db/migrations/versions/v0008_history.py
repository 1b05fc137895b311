"""What the days amounted to.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "history",
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("monitor", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("up", "degraded", "down", "unknown", "timed")),
        sa.Column("latency_sum", sa.Float(), nullable=False),
        *(
            sa.Column(name, sa.Float(), nullable=True)
            for name in ("latency_max", "p50", "p95", "p99", "dns", "connect", "tls", "ttfb")
        ),
        sa.Column("histogram", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", "monitor", name="history_pkey"),
    )
    op.create_index("history_monitor_idx", "history", ["monitor", "day"])
    op.create_index("history_slow_idx", "history", ["day", "monitor", "p95"])
    op.create_table(
        "history_days",
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("monitors", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="history_days_pkey"),
    )

"""Incidents, their updates and templates.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _incidents()
    _updates()
    _edits()
    _troubles()
    _templates()


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", _SERIAL, nullable=False, autoincrement=True),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("owned", sa.Boolean(), nullable=False),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("notify", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("detected_at", sa.BigInteger(), nullable=True),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("next_update_by", sa.BigInteger(), nullable=True),
        sa.Column("postmortem", sa.Text(), nullable=True),
        sa.Column("postmortem_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="incidents_pkey"),
    )
    op.create_index("incidents_public_idx", "incidents", ["public"], unique=True)
    op.create_index("incidents_started_at_idx", "incidents", ["started_at", "id"])
    op.create_index("incidents_resolved_at_idx", "incidents", ["resolved_at"])
    unresolved = sa.text("resolved_at IS NULL")
    op.create_index(
        "incidents_unresolved_idx", "incidents", ["id"], postgresql_where=unresolved, sqlite_where=unresolved
    )


def _updates() -> None:
    op.create_table(
        "incident_updates",
        sa.Column("id", _SERIAL, nullable=False, autoincrement=True),
        sa.Column("incident", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("monitors", sa.JSON(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("notify", sa.Boolean(), nullable=False),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("next_update_by", sa.BigInteger(), nullable=True),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="incident_updates_pkey"),
    )
    op.create_index("incident_updates_number_idx", "incident_updates", ["incident", "number"], unique=True)


def _edits() -> None:
    op.create_table(
        "incident_edits",
        sa.Column("id", _SERIAL, nullable=False, autoincrement=True),
        sa.Column("incident", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("earlier", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="incident_edits_pkey"),
    )
    op.create_index("incident_edits_incident_idx", "incident_edits", ["incident"])


def _troubles() -> None:
    op.create_table(
        "incident_troubles",
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("incident", sa.BigInteger(), nullable=False),
        sa.Column("monitor", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("thread", name="incident_troubles_pkey"),
    )
    op.create_index("incident_troubles_incident_idx", "incident_troubles", ["incident"])


def _templates() -> None:
    op.create_table(
        "incident_templates",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("when", sa.Text(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="incident_templates_pkey"),
    )
    active = sa.text("archived_at IS NULL")
    op.create_index(
        "incident_templates_active_idx",
        "incident_templates",
        ["id"],
        unique=True,
        postgresql_where=active,
        sqlite_where=active,
    )

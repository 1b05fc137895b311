"""Where are incidents kept, with what was said of them, what was said before, and the troubles that opened them?

Times are UTC microseconds since 1970; monitors are named by their keys.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from signalbox.db.base import Base
from signalbox.db.configured import ConfiguredRow, unique_while_active

_SERIAL = BigInteger().with_variant(Integer, "sqlite")
_UNRESOLVED = text("resolved_at IS NULL")


class IncidentRow(Base):
    """One incident, or the draft of one."""

    __tablename__ = "incidents"
    __table_args__ = (
        Index("incidents_public_idx", "public", unique=True),
        Index("incidents_started_at_idx", "started_at", "id"),
        Index("incidents_resolved_at_idx", "resolved_at"),
        Index("incidents_unresolved_idx", "id", postgresql_where=_UNRESOLVED, sqlite_where=_UNRESOLVED),
    )

    id: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    public: Mapped[str] = mapped_column(Text)  # its name in URLs: tells nobody how many there are
    title: Mapped[str] = mapped_column(Text)
    impact: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)  # of its newest published update
    origin: Mapped[str] = mapped_column(Text)  # auto, person
    owned: Mapped[bool] = mapped_column(Boolean)  # a person has written in it: only people resolve it
    group: Mapped[str | None] = mapped_column(Text)  # of the monitors that opened it
    pages: Mapped[list[str]] = mapped_column(JSON)  # slugs; empty: all
    draft: Mapped[bool] = mapped_column(Boolean)
    notify: Mapped[bool] = mapped_column(Boolean)
    started_at: Mapped[int] = mapped_column(BigInteger)
    detected_at: Mapped[int | None] = mapped_column(BigInteger)
    resolved_at: Mapped[int | None] = mapped_column(BigInteger)
    next_update_by: Mapped[int | None] = mapped_column(BigInteger)
    postmortem: Mapped[str | None] = mapped_column(Text)  # markdown
    postmortem_at: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[int] = mapped_column(BigInteger)
    edited_at: Mapped[int | None] = mapped_column(BigInteger)


class UpdateRow(Base):
    """One thing said of an incident. Numbers count from 1 within it; one that was published is never used again."""

    __tablename__ = "incident_updates"
    __table_args__ = (Index("incident_updates_number_idx", "incident", "number", unique=True),)

    id: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    incident: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)  # markdown
    monitors: Mapped[dict[str, str]] = mapped_column(JSON)  # state by key
    by: Mapped[str] = mapped_column(Text)  # who, as in the audit log; no page shows it
    notify: Mapped[bool] = mapped_column(Boolean)
    draft: Mapped[bool] = mapped_column(Boolean)
    next_update_by: Mapped[int | None] = mapped_column(BigInteger)
    happened_at: Mapped[int] = mapped_column(BigInteger)  # as shown; may be backdated
    created_at: Mapped[int] = mapped_column(BigInteger)
    edited_at: Mapped[int | None] = mapped_column(BigInteger)


class EditRow(Base):
    """A text as it was published before somebody changed it."""

    __tablename__ = "incident_edits"
    __table_args__ = (Index("incident_edits_incident_idx", "incident"),)

    id: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    incident: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int | None] = mapped_column(Integer)  # of the update; None: the incident itself
    field: Mapped[str] = mapped_column(Text)  # title, body, postmortem
    earlier: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[int] = mapped_column(BigInteger)


class TroubleRow(Base):
    """A monitor's trouble that opened an incident, or joined one. Its thread makes that happen once."""

    __tablename__ = "incident_troubles"
    __table_args__ = (Index("incident_troubles_incident_idx", "incident"),)

    thread: Mapped[str] = mapped_column(Text, primary_key=True)  # KEY@BEGIN, as in notices
    incident: Mapped[int] = mapped_column(BigInteger)
    monitor: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)  # of the monitor, then
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[int] = mapped_column(BigInteger)  # its first failed slot
    ended_at: Mapped[int | None] = mapped_column(BigInteger)  # its first good slot


class TemplateRow(ConfiguredRow):
    """Words kept for later."""

    __tablename__ = "incident_templates"
    __table_args__ = (unique_while_active("incident_templates", "id"),)

    when: Mapped[str] = mapped_column(Text)  # opened, update, resolved
    automatic: Mapped[bool] = mapped_column(Boolean)

"""Where are monitors kept, how do they stand, and how did they stand before?

Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from signalbox.db.base import Base
from signalbox.db.configured import ConfiguredRow, unique_while_active

_SERIAL = BigInteger().with_variant(Integer, "sqlite")
_RESTLESS = text("restless")
_OPEN = text('"end" IS NULL')


class MonitorRow(ConfiguredRow):
    """One monitor. `key` is its name in the signal store; `id` is the one in URLs and in the manifest."""

    __tablename__ = "monitors"
    __table_args__ = (unique_while_active("monitors", "id"),)

    name: Mapped[str] = mapped_column(Text)
    group: Mapped[str | None] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(JSON)
    kind: Mapped[str] = mapped_column(Text)
    target: Mapped[str] = mapped_column(Text)  # as people may see it
    paused_at: Mapped[int | None] = mapped_column(BigInteger)  # paused by somebody, whatever the spec says
    paused_until: Mapped[int | None] = mapped_column(BigInteger)  # when that ends by itself


class StandingRow(Base):
    """How one monitor stands (`judge.Standing`). Written when it changes, never for a healthy check."""

    __tablename__ = "standings"
    __table_args__ = (Index("standings_restless_idx", "monitor", postgresql_where=_RESTLESS, sqlite_where=_RESTLESS),)

    monitor: Mapped[str] = mapped_column(Text, primary_key=True)  # its key
    verdict: Mapped[str] = mapped_column(Text)
    known: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    since: Mapped[int] = mapped_column(BigInteger)
    trouble: Mapped[int | None] = mapped_column(BigInteger)
    flapping: Mapped[bool] = mapped_column(Boolean)
    paused: Mapped[bool] = mapped_column(Boolean)
    restless: Mapped[bool] = mapped_column(Boolean)  # the next healthy signal may change it
    flips: Mapped[list[int]] = mapped_column(JSON)
    places: Mapped[dict[str, list[object]]] = mapped_column(JSON)


class SpellRow(Base):
    """The time from one change to the next: half open, `start` ≤ t < `end`; without an end it is the present one.

    A monitor's spells follow one another without a gap from its first signal on.
    """

    __tablename__ = "spells"
    __table_args__ = (
        Index("spells_monitor_start_idx", "monitor", "start"),
        Index("spells_open_idx", "monitor", unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    monitor: Mapped[str] = mapped_column(Text)  # its key
    verdict: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    start: Mapped[int] = mapped_column(BigInteger)
    end: Mapped[int | None] = mapped_column(BigInteger)
    confirmed: Mapped[int] = mapped_column(BigInteger)  # when we were sure
    trouble: Mapped[int | None] = mapped_column(BigInteger)  # when the trouble began that it belongs to
    flapping: Mapped[bool] = mapped_column(Boolean)
    paused: Mapped[bool] = mapped_column(Boolean)


class WantedRow(Base):
    """A monitor that somebody wants to be asked now, out of turn. Taken by whoever hands out what is due."""

    __tablename__ = "wanted"

    monitor: Mapped[str] = mapped_column(Text, primary_key=True)  # its key
    at: Mapped[int] = mapped_column(BigInteger)


class EvidenceRow(Base):
    """What showed why one check failed. Kept for checks that made their monitor suspect or changed how it stands."""

    __tablename__ = "evidence"
    __table_args__ = (Index("evidence_moment_idx", "moment"),)

    monitor: Mapped[str] = mapped_column(Text, primary_key=True)  # its key
    moment: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    location: Mapped[str] = mapped_column(Text, primary_key=True)
    verdict: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    entries: Mapped[list[list[str]]] = mapped_column(JSON)  # name and text each, bounded

"""Where are channels and routes kept, what was to be told, and how far has each telling come?

Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from signalbox.db.base import Base
from signalbox.db.configured import ConfiguredRow, unique_while_active

_SERIAL = BigInteger().with_variant(Integer, "sqlite")
_HELD = text("held IS NOT NULL")
_UNCLOSED = text("closed_at IS NULL")
_WAITING = text("state = 'waiting'")
_OPEN = text("state = 'open'")


class State(StrEnum):
    """How far one notice has come on its way to one channel."""

    HELD = "held"  # nobody is told as long as the reason holds
    WAITING = "waiting"  # for its time, for company, for an earlier one
    SENDING = "sending"  # in a letter that is tried until it arrives or is given up
    SENT = "sent"
    DEAD = "dead"  # given up
    WITHDRAWN = "withdrawn"  # need not be told any more


class Stage(StrEnum):
    """How far a letter has come."""

    OPEN = "open"
    SENT = "sent"
    DEAD = "dead"
    SPLIT = "split"  # refused for good; each half got a letter of its own


class ChannelRow(ConfiguredRow):
    """One way to tell somebody."""

    __tablename__ = "channels"
    __table_args__ = (unique_while_active("channels", "id"),)

    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)


class RouteRow(ConfiguredRow):
    """One rule of who hears of what."""

    __tablename__ = "routes"
    __table_args__ = (unique_while_active("routes", "id"),)


class ThreadRow(Base):
    """What belongs together: a trouble from its beginning to its end, an incident, a location off the network."""

    __tablename__ = "threads"
    __table_args__ = (Index("threads_open_idx", "opened_at", postgresql_where=_UNCLOSED, sqlite_where=_UNCLOSED),)

    thread: Mapped[str] = mapped_column(Text, primary_key=True)
    monitor: Mapped[str | None] = mapped_column(Text)  # its key
    opened_at: Mapped[int] = mapped_column(BigInteger)  # when the first notice of it was written
    closed_at: Mapped[int | None] = mapped_column(BigInteger)
    acknowledged_at: Mapped[int | None] = mapped_column(BigInteger)
    acknowledged_by: Mapped[str | None] = mapped_column(Text)


class NoticeRow(Base):
    """One thing to tell (`notices.Notice`). Its key makes it happen once."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("notices_key_idx", "key", unique=True),
        Index("notices_thread_idx", "thread"),
        Index("notices_held_idx", "thread", "held", postgresql_where=_HELD, sqlite_where=_HELD),
    )

    id: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(Text)
    thread: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(Text)
    happened: Mapped[int] = mapped_column(BigInteger)
    confirmed: Mapped[int] = mapped_column(BigInteger)
    monitor: Mapped[str | None] = mapped_column(Text)  # its key
    group: Mapped[str | None] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(JSON)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    written_at: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[str | None] = mapped_column(Text)  # why nobody is told yet


class LetterRow(Base):
    """What leaves for one channel at once. Which deliveries are in it is fixed when it is made."""

    __tablename__ = "letters"
    __table_args__ = (
        Index("letters_open_idx", "channel", "next_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("letters_channel_ended_idx", "channel", "ended_at"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    channel: Mapped[str] = mapped_column(Text)  # its key
    state: Mapped[str] = mapped_column(Text)
    composed_at: Mapped[int] = mapped_column(BigInteger)
    next_at: Mapped[int] = mapped_column(BigInteger)  # when to try
    not_before: Mapped[int | None] = mapped_column(BigInteger)  # the other side asked for so long a pause
    attempts: Mapped[int] = mapped_column(Integer)
    refusals: Mapped[int] = mapped_column(Integer)  # those attempts that were refused for good
    claimed_by: Mapped[str | None] = mapped_column(Text)
    claimed_until: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    detail: Mapped[str] = mapped_column(Text)  # what the last attempt was answered


class DeliveryRow(Base):
    """One notice for one channel. Told again (`round`) it is a row of its own."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("deliveries_once_idx", "notice", "channel", "round", unique=True),
        Index("deliveries_thread_idx", "thread", "channel"),
        Index("deliveries_channel_idx", "channel", "id"),
        Index("deliveries_letter_idx", "letter"),
        Index("deliveries_waiting_idx", "channel", "due_at", postgresql_where=_WAITING, sqlite_where=_WAITING),
    )

    id: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    notice: Mapped[int] = mapped_column(BigInteger)
    thread: Mapped[str] = mapped_column(Text)
    happened: Mapped[int] = mapped_column(BigInteger)  # the notice's, to keep the order
    channel: Mapped[str] = mapped_column(Text)  # its key
    round: Mapped[int] = mapped_column(Integer)  # 0: the first time; then reminders
    step: Mapped[int] = mapped_column(Integer)  # 0: told by `to`; then the steps of an escalation
    repeat: Mapped[int | None] = mapped_column(BigInteger)  # microseconds from one reminder to the next
    state: Mapped[str] = mapped_column(Text)
    why: Mapped[str | None] = mapped_column(Text)  # it is held or withdrawn
    due_at: Mapped[int] = mapped_column(BigInteger)
    written_at: Mapped[int] = mapped_column(BigInteger)
    letter: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[int | None] = mapped_column(BigInteger)

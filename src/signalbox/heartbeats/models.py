"""Where is kept what was told: each ping for a while, and of each monitor the newest. Times are UTC microseconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from signalbox.db.base import Base


class PingRow(Base):
    """One thing that was told. Only the newest of a monitor are kept."""

    __tablename__ = "pings"
    __table_args__ = (
        Index("pings_monitor_id_idx", "monitor", "id"),
        Index("pings_at_idx", "at"),
        {"sqlite_autoincrement": True},  # numbers are followed, so none may come twice
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    monitor: Mapped[str] = mapped_column(Text)  # its key
    at: Mapped[int] = mapped_column(BigInteger)
    sort: Mapped[str] = mapped_column(Text)
    status: Mapped[int | None] = mapped_column(Integer)  # of the process, where it told it
    run: Mapped[str | None] = mapped_column(Text)  # which run it belongs to, where it said so
    took: Mapped[float | None] = mapped_column(Float)  # milliseconds
    method: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    agent: Mapped[str] = mapped_column(Text)
    said: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)


class ToldRow(Base):
    """What of a monitor's pings decides how it stands. Written with each ping, in the same transaction."""

    __tablename__ = "told"

    monitor: Mapped[str] = mapped_column(Text, primary_key=True)  # its key
    at: Mapped[int] = mapped_column(BigInteger)
    verdict: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    took: Mapped[float | None] = mapped_column(Float)
    heard: Mapped[int | None] = mapped_column(BigInteger)  # when the last good one came
    started: Mapped[int | None] = mapped_column(BigInteger)  # when a run began that has not ended
    run: Mapped[str | None] = mapped_column(Text)  # that one's name

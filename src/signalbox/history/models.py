"""Which days are rolled up, and what did they amount to? Small rows that outlive the signals they were counted from.

Days are days in UTC, numbered since 1970; other times are UTC microseconds since 1970.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from signalbox.db.base import Base


class DayRow(Base):
    """One monitor's signals of one day, counted. Latencies are milliseconds, as in `stores.base.Bucket`.

    The histogram comes last: a query that leaves it out need not read the pages that it lies on.
    """

    __tablename__ = "history"
    __table_args__ = (
        Index("history_monitor_idx", "monitor", "day"),
        Index("history_slow_idx", "day", "monitor", "p95"),  # a page's 90 days of all monitors are read from it alone
    )

    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    monitor: Mapped[str] = mapped_column(Text, primary_key=True)  # its key
    up: Mapped[int] = mapped_column(Integer)
    degraded: Mapped[int] = mapped_column(Integer)
    down: Mapped[int] = mapped_column(Integer)
    unknown: Mapped[int] = mapped_column(Integer)
    timed: Mapped[int] = mapped_column(Integer)
    latency_sum: Mapped[float] = mapped_column(Float)
    latency_max: Mapped[float | None] = mapped_column(Float)
    p50: Mapped[float | None] = mapped_column(Float)
    p95: Mapped[float | None] = mapped_column(Float)
    p99: Mapped[float | None] = mapped_column(Float)
    dns: Mapped[float | None] = mapped_column(Float)  # means of the phases
    connect: Mapped[float | None] = mapped_column(Float)
    tls: Mapped[float | None] = mapped_column(Float)
    ttfb: Mapped[float | None] = mapped_column(Float)
    histogram: Mapped[bytes] = mapped_column(LargeBinary)  # `stores.histogram`, packed


class RolledRow(Base):
    """A day that was rolled up, also when there was nothing."""

    __tablename__ = "history_days"

    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[int] = mapped_column(BigInteger)  # when it was rolled up last
    monitors: Mapped[int] = mapped_column(Integer)  # that had signals

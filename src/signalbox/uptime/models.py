"""What do people say of a time that the record does not know? Annotations: they change the sum, never the record.

Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from signalbox.db.base import Base


class AnnotationRow(Base):
    """What somebody says of one monitor at `start` ≤ t < `end`. Withdrawn, it stays to be read and counts no more."""

    __tablename__ = "annotations"
    __table_args__ = (Index("annotations_monitor_start_idx", "monitor", "start"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    monitor: Mapped[str] = mapped_column(Text)  # its key
    start: Mapped[int] = mapped_column(BigInteger)
    end: Mapped[int] = mapped_column(BigInteger)
    what: Mapped[str] = mapped_column(Text)  # a `pieces.Saying`
    note: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(BigInteger)
    withdrawn_at: Mapped[int | None] = mapped_column(BigInteger)

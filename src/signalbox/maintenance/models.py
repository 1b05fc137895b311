"""Where is maintenance kept? What was announced, what was said before that, and windows that went otherwise.

Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from signalbox.db.base import Base
from signalbox.db.configured import ConfiguredRow, unique_while_active

_SERIAL = BigInteger().with_variant(Integer, "sqlite")


class MaintenanceRow(ConfiguredRow):
    """One piece of maintenance, once or again and again."""

    __tablename__ = "maintenance"
    __table_args__ = (unique_while_active("maintenance", "id"),)

    title: Mapped[str] = mapped_column(Text)


class VersionRow(Base):
    """What was announced up to some moment, before it was changed: windows of the past stay as they were."""

    __tablename__ = "maintenance_versions"
    __table_args__ = (Index("maintenance_versions_maintenance_idx", "maintenance"),)

    id: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    maintenance: Mapped[str] = mapped_column(Text)  # its key
    spec: Mapped[str] = mapped_column(Text)  # sealed JSON
    until: Mapped[int] = mapped_column(BigInteger)


class OverrideRow(Base):
    """One window that ended at another time than announced."""

    __tablename__ = "maintenance_overrides"

    maintenance: Mapped[str] = mapped_column(Text, primary_key=True)  # its key
    start: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)  # of the window
    end: Mapped[int] = mapped_column(BigInteger)

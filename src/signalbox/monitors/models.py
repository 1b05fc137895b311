"""Where are monitors kept? One row each, archived ones included."""

from __future__ import annotations

from sqlalchemy import JSON, Text
from sqlalchemy.orm import Mapped, mapped_column

from signalbox.db.configured import ConfiguredRow, unique_while_active


class MonitorRow(ConfiguredRow):
    """One monitor. `key` is its name in the signal store; `id` is the one in URLs and in the manifest."""

    __tablename__ = "monitors"
    __table_args__ = (unique_while_active("monitors", "id"),)

    name: Mapped[str] = mapped_column(Text)
    group: Mapped[str | None] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(JSON)
    kind: Mapped[str] = mapped_column(Text)
    target: Mapped[str] = mapped_column(Text)  # as people may see it

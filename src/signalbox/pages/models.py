"""Where are status pages kept? One row each, archived ones included."""

from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from signalbox.db.configured import ConfiguredRow, unique_while_active


class PageRow(ConfiguredRow):
    """One page. Its id is the slug in its URL."""

    __tablename__ = "pages"
    __table_args__ = (unique_while_active("pages", "slug"),)

    id: Mapped[str] = mapped_column("slug", Text)
    title: Mapped[str] = mapped_column(Text)
    timezone: Mapped[str] = mapped_column(Text)

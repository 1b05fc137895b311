"""Which status pages are there? Verbs that take a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from signalbox.db.configured import Origin
from signalbox.pages.models import PageRow
from signalbox.pages.specs import PageSpec


@dataclass(frozen=True, slots=True)
class Page:
    """A public status page."""

    slug: str
    title: str
    timezone: str  # IANA name
    position: int
    origin: Origin


def active_pages(session: Session) -> list[Page]:
    """All pages that are not archived, in their order; the first is the one served at `/`."""
    query = select(PageRow).where(PageRow.archived_at.is_(None)).order_by(PageRow.position, PageRow.key)
    return [Page(row.id, row.title, row.timezone, row.position, Origin(row.origin)) for row in session.scalars(query)]


def columns(spec: PageSpec) -> Mapping[str, Any]:
    """What a page's row says in the clear, for queries."""
    return {"id": spec.slug, "title": spec.title, "timezone": spec.timezone}

"""Which status pages are there? Verbs that take a session."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from signalbox.db.configured import Origin
from signalbox.db.vault import Vault
from signalbox.pages.document import Zoom
from signalbox.pages.language import Language, language
from signalbox.pages.models import PageRow
from signalbox.pages.specs import Evidence, PageSpec


@dataclass(frozen=True, slots=True)
class Page:
    """A public status page."""

    slug: str
    title: str
    timezone: str  # IANA name
    position: int = 0
    origin: Origin = Origin.MANIFEST
    zoom: Zoom = Zoom.HOUR  # what the bars show at first
    language: str | None = None  # of readers who ask for none that there is
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)  # the owner's, by language and key
    evidence: Evidence = Evidence.REASON  # how much of a failure readers are told

    def spoken(self, code: str) -> Language:
        """A language as this page speaks it: with its owner's words."""
        return language(code).with_words(self.words.get(code, {}))


def active_pages(session: Session) -> list[Page]:
    """All pages that are not archived, in their order; the first is the one served at `/`."""
    query = select(PageRow).where(PageRow.archived_at.is_(None)).order_by(PageRow.position, PageRow.key)
    vault = Vault.of(session)
    return [_page(row, json.loads(vault.open(row.spec))) for row in session.scalars(query)]


def _page(row: PageRow, spec: Mapping[str, Any]) -> Page:
    """Settings that an older version did not write are as if they were not set."""
    zoom, words = Zoom(spec.get("zoom", Zoom.HOUR)), spec.get("words", {})
    evidence = Evidence(spec.get("evidence", Evidence.REASON))
    return Page(
        row.id, row.title, row.timezone, row.position, Origin(row.origin), zoom, spec.get("language"), words, evidence
    )


def columns(spec: PageSpec) -> Mapping[str, Any]:
    """What a page's row says in the clear, for queries."""
    return {"id": spec.slug, "title": spec.title, "timezone": spec.timezone}

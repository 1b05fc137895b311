"""`GET /api/page`: what the page shows, as data. `GET /api/words`: what its scripts say."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from signalbox.api.deps import OfSite
from signalbox.api.ready import Ready, settled
from signalbox.pages.document import PageDocument, Zoom
from signalbox.pages.language import named

router = APIRouter(prefix="/api", tags=["page"])


@router.get("/page", response_model=PageDocument, summary="A status page as data")
async def page(
    site: OfSite,
    slug: Annotated[str | None, Query(max_length=80, description="Which page; without it, the first one.")] = None,
    z: Annotated[Zoom | None, Query(description="How much of the past; without it, what the page opens with.")] = None,
) -> Ready:
    """States, uptime and past of everything on the page, and the words of its banner as a code."""
    view = site.publication.view(slug)
    if view is None:
        raise HTTPException(404)
    (body,) = await settled(site.publication.document(view, z))
    return Ready(body)


@router.get("/words", include_in_schema=False)  # of the page's own scripts, and of no use to others
async def words(
    site: OfSite,
    slug: Annotated[str | None, Query(max_length=80)] = None,
    lang: Annotated[str, Query(max_length=40)] = "",
    v: Annotated[str, Query(max_length=40)] = "",
) -> Ready:
    """The words of that page and language; kept for ever where `v` is their name. A page that was written before they
    changed gets those that there are."""
    view = site.publication.view(slug)
    if view is None:
        raise HTTPException(404)
    for_ever, stray = await settled(site.publication.words(view, site.publication.language(view, lang=lang)))
    return Ready(for_ever if v == named(for_ever.content) else stray)

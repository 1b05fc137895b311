"""`GET /api/page`: what the page shows, as data."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from signalbox.api.deps import OfSite
from signalbox.api.ready import Ready, settled
from signalbox.pages.document import PageDocument, Zoom

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

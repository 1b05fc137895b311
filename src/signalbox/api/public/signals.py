"""`GET /signals`: the contract with the clients of the tutorial that this product grew out of."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from signalbox.api.clients import client
from signalbox.api.deps import OfSite
from signalbox.api.ready import Ready, settled
from signalbox.pages.records import UrlSignals

router = APIRouter(tags=["signals"])


@router.get("/signals", response_model=list[UrlSignals], summary="Newest signals of every monitored URL")
async def signals(
    site: OfSite,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=10_000, description="Records of each URL at most.")] = 60,
    url: Annotated[str | None, Query(max_length=4_096, description="Only this URL.")] = None,
) -> Ready:
    """For every monitored URL its newest records, oldest first, in the order of the manifest.

    A URL without a record is left out; monitors of the same URL share one list. One answer holds at most 300 000
    records: beyond that, ask for fewer or for one URL. Up to 60 records come from memory, more from the signal store.
    """
    (body,) = await settled(site.publication.signals(limit, url, client(request.scope)))
    return Ready(body)

"""`GET /api/events`: described here for the API's documents. `api/events.py` answers it, before any router is asked."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from starlette.responses import Response

router = APIRouter(prefix="/api", tags=["page"])

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A stream that goes on until somebody leaves.",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": "event: change\nid: 5f0c3b9a1d2e-29399041\n"
                'data: {"essence": "5f0c3b9a1d2e", "changed": 1763942460123, "at": 1763942461000}\n\n',
            }
        },
    }
}


@router.get(
    "/events", response_class=Response, responses=_STREAM, summary="When is there something new on a status page?"
)
async def events(
    slug: Annotated[str | None, Query(max_length=80, description="Which page; without it, the first one.")] = None,
) -> Response:
    """Server-sent events: `hello` to who has just come, `change` when something essential changed, `minute` when only
    time passed. `essence` begins the ETag of `/api/page` that has it; `changed` says since when it is so, `at` what
    the clock here says, both in milliseconds since 1970. 503 when too many follow: ask for the page now and then.
    """
    raise HTTPException(404)  # answered before

"""`/healthz` and `/readyz`: does this process live, and does what it stands on answer?"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, PlainTextResponse, Response

from signalbox.api.deps import OfSite
from signalbox.api.errors import Detail, problem
from signalbox.api.site import Check, Site

log = structlog.get_logger(__name__)
router = APIRouter(tags=["health"])

PATIENCE = 5.0  # seconds that a part has to answer


class Readiness(BaseModel):
    """Every part answers."""

    ready: bool
    parts: list[str] = Field(description="What was asked: store, database, broker.")


@router.get("/healthz", response_class=PlainTextResponse, summary="Does this process live?")
async def healthz() -> Response:
    """`ok`. Asks nothing else, so that a database that is away never gets this process restarted."""
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


@router.get("/readyz", response_model=Readiness, summary="Do store, database and broker answer?")
async def readyz(site: OfSite) -> Response:
    """200 if all of them answer within five seconds; else 503 with the names of those that do not."""
    names = list(site.readiness)
    failures = await asyncio.gather(*(_ask(site, name) for name in names))
    away = [Detail(where=name, message=why) for name, why in zip(names, failures, strict=True) if why]
    headers = {"Cache-Control": "no-store"}
    if away:
        said = "; ".join(f"{one.where} {one.message}" for one in away)
        return problem(503, said, away, {**headers, "Retry-After": "5"})
    return JSONResponse({"ready": True, "parts": names}, headers=headers)


async def _ask(site: Site, name: str) -> str | None:
    """Why a part is not ready, in words that give nothing away; None if it is. The log says more."""
    asked = _asked(site, name)
    try:
        await asyncio.wait_for(asyncio.shield(asked), PATIENCE)
    except TimeoutError:
        return "did not answer within 5 seconds"
    except Exception as error:
        log.warning("readiness.away", part=name, error=str(error))
        return "does not answer"
    return None


_running: dict[Check, asyncio.Task[Any]] = {}


def _asked(site: Site, name: str) -> asyncio.Task[Any]:
    """The question under way, or a new one: a part that hangs holds one thread, however often it is asked."""
    check = site.readiness[name]
    task = _running.get(check)
    if task is None or task.done():
        task = _running[check] = asyncio.create_task(asyncio.to_thread(check))
        task.add_done_callback(lambda done: _running.pop(check, None) and (done.cancelled() or done.exception()))
    return task

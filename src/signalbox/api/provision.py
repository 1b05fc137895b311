"""How does a push monitor come to be that nobody wrote? By its first heartbeat, where the ping key allows it."""

from __future__ import annotations

import secrets

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from signalbox import clock
from signalbox.db import Database
from signalbox.errors import Conflict, Unavailable
from signalbox.monitors import editing
from signalbox.monitors.specs import MonitorSpec
from signalbox.slugs import slug as slugged

BY = "ping-key"
"""Who makes it, for the audit log."""


async def provided(database: Database | None, slug: str) -> str | None:
    """Make a push monitor of that name, once a day with an hour of grace. None: no monitor can be called so."""
    if database is None:
        raise Unavailable("this process has no database")
    return await run_in_threadpool(_provided, database, slug)


def _provided(database: Database, slug: str) -> str | None:
    check = {"kind": "push", "token": secrets.token_urlsafe(24), "slug": slug, "interval": "1d", "grace": "1h"}
    try:
        spec = MonitorSpec.model_validate({"id": slugged(slug), "name": slug, "check": check})
    except ValidationError:
        return None
    try:
        with database.begin() as session:
            return editing.create(session, spec, by=BY, now=clock.now()).id
    except Conflict:  # somebody was quicker, or another monitor has the id
        return spec.id

"""The closed part of the API, below `/api/v1`. A room is one line in `ROOMS`."""

from __future__ import annotations

from fastapi import APIRouter

from signalbox.api.admin import (
    acks,
    audit,
    channels,
    checks,
    incidents,
    maintenance,
    monitors,
    pings,
    standings,
    tokens,
    uptime,
)
from signalbox.api.paths import CLOSED

ROOMS = (monitors, pings, checks, standings, incidents, maintenance, channels, acks, uptime, audit, tokens)

router = APIRouter(prefix=CLOSED)
for room in ROOMS:
    router.include_router(room.router)

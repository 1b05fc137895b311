"""What does a person write to have a status page? One class for YAML, API and importers."""

from __future__ import annotations

import difflib
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from signalbox.slugs import PATTERN

RESERVED = frozenset(
    {
        "admin", "api", "app", "assets", "badge", "badges", "calendar", "confirm", "day", "docs", "embed", "events",
        "favicon", "feed", "feeds", "fonts", "healthz", "history", "how-we-measure", "icons", "incident", "incidents",
        "login", "logout", "maintenance", "metrics", "og", "openapi", "ping", "push", "readyz", "redoc", "setup",
        "signals", "static", "subscribe", "unsubscribe", "wall", "webhooks",
    }
)  # fmt: skip
"""First path segments that are ours, or will be."""


def _free(slug: str) -> str:
    if slug in RESERVED:
        raise ValueError(f'the path /{slug} is used by Signalbox itself: choose another, such as "{slug}-page"')
    return slug


def _existing(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, KeyError):
        # a folder of the zone database, a path out of it, or a name it does not have
        close = difflib.get_close_matches(zone, available_timezones(), 1)
        advice = f'did you mean "{close[0]}"?' if close else "write an IANA name such as Europe/Budapest or UTC"
        raise ValueError(f"no such time zone; {advice}") from None
    return zone


class PageSpec(BaseModel):
    """A public status page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: Annotated[str, Field(pattern=PATTERN), AfterValidator(_free)] = Field(
        description="The page's path, /SLUG/. The first page is served at / too."
    )
    title: str = Field(min_length=1, max_length=200, description="Heading of the page.")
    timezone: Annotated[str, AfterValidator(_existing)] = Field(
        "UTC", description="IANA name, such as Europe/Budapest; decides where days begin."
    )

"""What does a person write to have a status page? One class for YAML, API and importers."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from signalbox.pages.document import Zoom
from signalbox.pages.wording import Code, Wording
from signalbox.slugs import PATTERN
from signalbox.zones import Zone

RESERVED = frozenset(
    {
        "ack", "admin", "api", "app", "assets", "badge", "badges", "calendar", "confirm", "day", "docs", "embed",
        "endpoints", "events", "favicon", "feed", "feeds", "fonts", "group", "groups", "healthz", "history",
        "how-we-measure", "icons", "incident", "incidents", "login", "logout", "maintenance", "metrics", "monitor",
        "monitors", "og", "openapi", "ping", "push", "readyz", "redoc", "setup", "signals", "static", "status",
        "subscribe", "subscribers", "unsubscribe", "wall", "was-it-me", "webhook", "webhooks",
    }
)  # fmt: skip
"""First path segments that are ours, or will be."""


def _free(slug: str) -> str:
    if slug in RESERVED:
        raise ValueError(f'the path /{slug} is used by Signalbox itself: choose another, such as "{slug}-page"')
    return slug


class Evidence(StrEnum):
    """How much of a failure readers of a page are told."""

    REASON = "reason"
    MESSAGE = "message"
    FULL = "full"


class PageSpec(BaseModel):
    """A public status page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: Annotated[str, Field(pattern=PATTERN), AfterValidator(_free)] = Field(
        description="The page's path, /SLUG/. The first page is served at / too."
    )
    title: str = Field(min_length=1, max_length=200, description="Heading of the page.")
    timezone: Zone = Field("UTC", description="IANA name, such as Europe/Budapest; decides where days begin.")
    zoom: Zoom = Field(Zoom.HOUR, description="What the bars show at first: 60m, 24h or 90d.")
    language: Code | None = Field(
        None,
        description="What readers get whose browser asks for no language that there is, such as de or pt-BR; English.",
    )
    words: Wording = Field(
        default_factory=dict,
        description="Texts of your own instead of the page's, by language and by the text's key: "
        "{en: {banner.operational: All good}}.",
    )
    evidence: Evidence = Field(
        Evidence.REASON,
        description="How much readers are told of a failure: reason, a word such as timeout; message, what the check "
        "itself said, which may name hosts and addresses; or full, all that it saw, also what a server answered.",
    )

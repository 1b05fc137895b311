"""What does a reader's browser need to draw the page? One document, public by construction: nothing is added to it
that is not listed here."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class State(StrEnum):
    """A monitor's, a group's or the whole page's state as people see it, from best to worst."""

    OPERATIONAL = "operational"
    NO_DATA = "no-data"
    MAINTENANCE = "maintenance"
    DEGRADED = "degraded"
    PARTIAL = "partial"
    MAJOR = "major"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PageHead(_Part):
    """What the page is called and how it opens."""

    slug: str
    title: str
    timezone: str = Field(description="IANA name; decides where days begin.")


class Headline(_Part):
    """The banner's code; the reader's side words it."""

    code: Literal["stale", "waiting", "empty", "major-all", "major", "partial", "degraded", "operational"]
    state: State
    affected: int = Field(description="Services in the state that the code names.")
    total: int = Field(description="Services on the page.")
    no_data: int = Field(description="Services without data while the rest is fine.")
    names: list[str] = Field(description="Names of the affected services, at most five.")


class Item(_Part):
    """One monitor on the page, with its past 60 minutes."""

    id: str
    name: str
    state: State
    interval_s: float
    checked_at: str | None = Field(description="When its newest signal was due, RFC 3339 UTC.")
    signals: int = Field(description="Signals in the past 60 minutes.")
    uptime: str | None = Field(
        description="Available ÷ all signals of the hour with a known verdict, in percent, cut to two places."
    )
    minutes: str = Field(
        pattern=r"^[ugpx.]{60}$",
        description="A character a minute, oldest first: u up, g degraded, p up and down, x down, . no data.",
    )
    latency: list[int | None] = Field(description="Mean milliseconds of each minute's answers, oldest first.")


class Group(_Part):
    """Monitors under one heading; those without come in one group whose name is None."""

    name: str | None
    state: State
    items: list[Item]


class PageDocument(_Part):
    """The page as of `generated_at`. The last minute of each bar is the one that `generated_at` lies in."""

    page: PageHead
    generated_at: str
    newest_result_at: str | None = Field(description="Slot of the newest signal on the page.")
    stale_after_s: int = Field(description="Age of the newest signal from which nothing is confirmed any more.")
    headline: Headline
    groups: list[Group]

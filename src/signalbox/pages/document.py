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
    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)


class PageHead(_Part):
    """What the page is called and how it opens."""

    slug: str
    title: str
    timezone: str = Field(description="IANA name; decides where days begin.")


class Recent(_Part):
    """What was down in the last 24 hours and is up again."""

    down: int = Field(description="Services that were; 0 says that for all that is known none was.")
    names: list[str] = Field(description="Their names, at most five, last recovered first.")
    recovered_at: str | None = Field(description="When the last of them recovered.")


class Headline(_Part):
    """The banner's code; the reader's side words it."""

    code: Literal[
        "empty", "paused", "waiting", "stale", "major-all", "major", "partial", "degraded", "incident", "maintenance",
        "operational",
    ]  # fmt: skip
    state: State
    affected: int = Field(description="Services in the state that the code names.")
    total: int = Field(description="Services on the page.")
    no_data: int = Field(description="Services without data.")
    names: list[str] = Field(description="Names of the affected services, at most five; for `incident` their titles.")
    recent: Recent | None = Field(None, description="With `operational` only; none where the day is not known.")


class Item(_Part):
    """One monitor on the page, with its past 60 minutes."""

    id: str
    name: str
    state: State
    paused: bool = Field(False, description="Nobody asks it at present, because somebody said so.")
    checking: bool = Field(
        False, description="Its newest check says worse than its state, which one check is not enough for."
    )
    quiet: bool = Field(
        False, description="Its newest signal is too old to be believed; `checked_at` tells from when it is."
    )
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


class AffectedService(_Part):
    """A service that an incident touches, as its newest update has it."""

    name: str
    state: State


class Update(_Part):
    """One thing said of an incident."""

    number: int = Field(description="Counts from 1 within the incident; `#incident-ID-u-NUMBER` is its anchor.")
    status: str = Field(description="investigating, identified, monitoring or resolved.")
    at: str
    edited_at: str | None
    html: str = Field(description="What was written, as HTML that is safe to show.")


class Incident(_Part):
    """What people are told about trouble."""

    id: str
    title: str
    impact: str = Field(description="none, minor, major or critical.")
    state: State = Field(description="How it is marked: the worst that it does to a service, or what its impact says.")
    status: str
    started_at: str
    detected_at: str | None
    resolved_at: str | None
    next_update_by: str | None = Field(description="When the next update was promised for; overdue once that is past.")
    affected: list[AffectedService]
    updates: list[Update] = Field(description="Newest first.")
    postmortem: str | None = Field(None, description="Safe HTML.")


class Maintenance(_Part):
    """A window of work that was announced: now, or within seven days."""

    id: str
    title: str
    html: str = Field(description="What was written about it, as HTML that is safe to show.")
    starts_at: str
    ends_at: str
    planned_end_at: str = Field(description="When it was announced to end; work that goes on after that overran.")
    expected: str = Field(description="none, brief or down: what readers should expect meanwhile.")
    affected: list[str]


class PastDay(_Part):
    """A day of the page's time zone on which incidents were resolved."""

    day: str = Field(description="As in 2026-11-24.")
    incidents: list[Incident] = Field(description="Last resolved first.")


class Past(_Part):
    """The last days."""

    days: int = Field(description="How many days these are, today included.")
    calm: int = Field(description="On how many of them no incident was open.")
    listed: list[PastDay] = Field(description="Days on which something was resolved, newest first.")
    more: int = Field(description="Incidents of these days that are left out.")


class PageDocument(_Part):
    """The page as of `generated_at`. The last minute of each bar is the one that `generated_at` lies in."""

    page: PageHead
    generated_at: str
    newest_result_at: str | None = Field(description="Slot of the newest signal on the page.")
    stale_after_s: int = Field(description="Age of the newest signal from which nothing is confirmed any more.")
    headline: Headline
    incidents: list[Incident] = Field(default_factory=list, description="Open ones, newest first.")
    maintenance: list[Maintenance] = Field(default_factory=list, description="In progress, then those to come.")
    groups: list[Group]
    past: Past | None = Field(None, description="None where incidents are not kept.")

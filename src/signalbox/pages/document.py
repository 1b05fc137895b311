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


class Zoom(StrEnum):
    """How much of the past the bars of a page show."""

    HOUR = "60m"  # 60 minutes, from signals
    DAY = "24h"  # 72 cells of 20 minutes, from confirmed spells
    DAYS = "90d"  # 90 days of the page's zone, the last one today, from confirmed spells


class PageHead(_Part):
    """What the page is called and how it opens."""

    slug: str
    title: str
    timezone: str = Field(description="IANA name; decides where days begin.")
    zoom: Zoom = Field(Zoom.HOUR, description="What the page opens with.")
    language: str | None = Field(None, description="Language of a reader who asks for none that there is; None: en.")


class Scale(_Part):
    """What a cell of the bars is."""

    zoom: Zoom
    cells: int
    first: str = Field(description="When the first cell starts: a day as in 2026-08-27 where cells are days, else UTC.")
    step_s: int | None = Field(description="Seconds of a cell; None: a day, of 23 to 25 hours.")


class Span(_Part):
    """A stretch of one verdict or of work that was announced."""

    start: str
    end: str | None = Field(description="None: it goes on.")
    what: Literal["down", "degraded", "maintenance"]
    reason: str = Field(description="Why, from the closed list of reasons; empty for maintenance.")


class Mark(_Part):
    """A cell of which more is to be told than that all was up, or that nothing is known."""

    at: int = Field(description="Which cell, from 0.")
    down_s: int = 0
    degraded_s: int = 0
    maintenance_s: int = 0
    unknown_s: int = 0
    spans: list[Span] = Field(default_factory=list, description="The longest three, in the order of time.")
    more: int = Field(0, description="Further ones.")
    incidents: list[str] = Field(default_factory=list, description="Ids of written incidents that touch the cell.")


class Sum(_Part):
    """How many seconds of the window were what: the sum behind `uptime`."""

    known_s: int
    down_s: int
    degraded_s: int
    maintenance_s: int
    unknown_s: int = Field(description="Nobody could look, or nobody did.")
    paused_s: int
    unwatched_s: int = Field(description="Before the service was watched, or still to come.")


class Spark(_Part):
    """Answer times of the past 24 hours, one value an hour, oldest first; None: no answer."""

    p50: list[int | None]
    p95: list[int | None]


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
    """One monitor on the page, with its past."""

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
        description="In percent of the window's known time, cut, never rounded up; of 60 minutes counted in signals."
    )
    coverage: str | None = Field(None, description="Observed ÷ expected time in percent; None for 60 minutes.")
    sum: Sum | None = Field(None, description="What `uptime` comes from; None for 60 minutes.")
    minutes: str | None = Field(
        None,
        pattern=r"^[ugpx.]{60}$",
        description="The past 60 minutes: a character a minute, oldest first: u up, g degraded, p up and down, x down, "
        ". no data. Beside other windows only where the service is not operational.",
    )
    latency: list[int | None] = Field(
        default_factory=list,
        description="Mean milliseconds of each minute's answers, two digits of them; beside `minutes`.",
    )
    bar: str | None = Field(
        None,
        pattern=r"^[ugpxmz.]+$",
        description="Other windows: a character a cell, its worst kind; m maintenance, z paused, else as in `minutes`.",
    )
    marks: list[Mark] = Field(default_factory=list, description="Of `bar`.")
    slow: list[int | None] = Field(
        default_factory=list, description="p95 in milliseconds of each cell of `bar`, two digits of it."
    )
    spark: Spark | None = None
    since: str | None = Field(None, description="The first moment that anything is known of.")


class Group(_Part):
    """Monitors under one heading; those without come in one group whose name is None."""

    name: str | None
    state: State
    items: list[Item]
    uptime: str | None = Field(None, description="All members' known time together; None for 60 minutes.")


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
    scale: Scale | None = Field(None, description="Of `bar`; None: the past 60 minutes.")
    incidents: list[Incident] = Field(default_factory=list, description="Open ones, newest first.")
    maintenance: list[Maintenance] = Field(default_factory=list, description="In progress, then those to come.")
    groups: list[Group]
    past: Past | None = Field(None, description="None where incidents are not kept.")

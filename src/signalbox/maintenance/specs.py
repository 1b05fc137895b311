"""What does a person write to announce work? One class for YAML, API and importers."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Protocol, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from signalbox.clock import MICROS
from signalbox.durations import Duration
from signalbox.maintenance import rules
from signalbox.maintenance.windows import Schedule, instant, next_windows
from signalbox.slugs import PATTERN, slug
from signalbox.zones import Zone

DAY = 86_400  # seconds
LONGEST, LONGEST_AGAIN = 366 * DAY, 31 * DAY
_FIRST_YEAR, _LAST_YEAR = 2000, 2199
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII | re.IGNORECASE)
_AS_IN = "write a day and a time such as 2026-12-24 22:00"


def _moment(text: str) -> str:
    """In one spelling, so that two spellings of one moment are no change."""
    found = _MOMENT.fullmatch(text.strip())
    try:
        moment = datetime.fromisoformat(f"{found[1]}T{found[2]}{(found[3] or '').upper()}") if found else None
    except ValueError:
        moment = None  # such as the 31st of February
    if moment is None:
        raise ValueError(f"{_AS_IN}, with +01:00 or Z behind it where it is not local time")
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"write a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    return moment.isoformat()


def _rule(text: str) -> str:
    rules.read(text)
    return text.upper().replace(" ", "").removeprefix("RRULE:").rstrip(";")


def bounded(seconds: float) -> float:
    """A length that work may have. ValueError with what to write instead."""
    if not 1 <= seconds <= LONGEST:
        raise ValueError("work lasts at least 1s and at most 366d: write a duration such as 30m")
    return seconds


def _ahead(seconds: float) -> float:
    if not 0 < seconds <= 90 * DAY:
        raise ValueError("work is announced at most 90d before: write a duration such as 24h")
    return seconds


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("write one line of text, without control characters")
    return text


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("the character U+0000 may not stand here")
    return text


Moment = Annotated[str, AfterValidator(_moment)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Expected(StrEnum):
    """What people should expect while the work lasts."""

    NONE = "none"
    BRIEF = "brief"
    DOWN = "down"


class Watched(Protocol):
    """What work may touch: a monitor, or whatever has its id, group and tags."""

    @property
    def id(self) -> str: ...
    @property
    def group(self) -> str | None: ...
    @property
    def tags(self) -> Sequence[str]: ...


class What(BaseModel):
    """What the work touches."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)

    monitors: tuple[Name, ...] = Field((), description="Ids of monitors.")
    groups: tuple[Name, ...] = Field((), description="Groups: every monitor in them.")
    tags: tuple[Name, ...] = Field((), description="Tags: every monitor that has one of them.")
    pages: tuple[Name, ...] = Field((), description="Slugs of pages: every monitor shown there.")
    all: bool = Field(False, description="Everything that is watched.")

    @model_validator(mode="after")
    def _something(self) -> Self:
        named = self.monitors or self.groups or self.tags or self.pages
        if not named and not self.all:
            raise ValueError(
                "does not say what the work touches: add `monitors: [ID]`, `groups:`, `tags:`, `pages:` or `all: true`"
            )
        if named and self.all:
            raise ValueError("`all: true` is everything: leave it out, or monitors, groups, tags and pages")
        return self

    def covers(self, monitor: Watched, pages: Collection[str] | None = None) -> bool:
        """Does the work touch that monitor? `pages`: slugs of those that show it; None: all of them do."""
        return (
            self.all
            or monitor.id in self.monitors
            or monitor.group in self.groups
            or not set(self.tags).isdisjoint(monitor.tags)
            or (bool(self.pages) if pages is None else not set(self.pages).isdisjoint(pages))
        )


class MaintenanceSpec(What):
    """Work announced beforehand: once, from `start` to `end` or `for` some time; or again and again, by `rrule`."""

    id: str = Field(pattern=PATTERN, description="Short, lasting name in URLs. Default: slug of the title.")
    title: Annotated[str, AfterValidator(_one_line)] = Field(
        min_length=1, max_length=200, description="What readers see."
    )
    text: Annotated[str, AfterValidator(_without_nul)] = Field(
        "", max_length=20_000, description="More about it, in Markdown."
    )
    start: Moment = Field(
        description="When it begins, such as 2026-12-24 22:00: local time in `timezone`, unless an offset is written. "
        "With `rrule`: when the first window may begin."
    )
    end: Moment | None = Field(None, description="When it ends. Or write `for`.")
    length: Annotated[Duration, AfterValidator(bounded)] | None = Field(
        None, alias="for", description="How long it lasts: time that passes, whatever clocks do meanwhile."
    )
    rrule: Annotated[str, Field(max_length=500), AfterValidator(_rule)] | None = Field(
        None, description="When it comes again: a rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=SU."
    )
    timezone: Zone = Field("UTC", description="IANA name, such as Europe/Budapest: where `start` and `rrule` are told.")
    expected: Expected = Field(
        Expected.NONE,
        description="What readers should expect: none (all keeps working), brief (short gaps), down (not available).",
    )
    announce: tuple[Annotated[Duration, AfterValidator(_ahead)], ...] = Field(
        (72 * 3_600.0, 24 * 3_600.0), max_length=10, description="How long before each window it is announced."
    )

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        if isinstance(data, dict) and "id" not in data and isinstance(data.get("title"), str):
            name = slug(data["title"])
            return {**data, "id": name} if name else data
        return data

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.rrule is None:
            self._refuse_odd_end()
        else:
            self._refuse_odd_rule()
        return self

    def _refuse_odd_end(self) -> None:
        if self.end is None and self.length is None:
            raise ValueError(f"does not say when it ends: add `for: 1h`, or `end:` and {_AS_IN.removeprefix('write ')}")
        if self.end is not None and self.length is not None:
            raise ValueError("`end` and `for` both say when it ends: leave one out")
        length = self.schedule.length
        if length <= 0:
            raise ValueError(f"`end` is not after `start` in {self.timezone}: write a later end, or `for: 1h` instead")
        if length > LONGEST * MICROS:
            raise ValueError("`end` is more than 366 days after `start`: write an earlier one")

    def _refuse_odd_rule(self) -> None:
        if self.end is not None:
            raise ValueError("`end` is for work that comes once: with `rrule`, write how long a window is, `for: 1h`")
        if self.length is None:
            raise ValueError("does not say how long a window is: add `for: 1h` beside `rrule`")
        if self.length > LONGEST_AGAIN:
            raise ValueError("`for`: work that comes again lasts at most 31d")
        if datetime.fromisoformat(self.start).tzinfo is not None:
            raise ValueError("`start`: with `rrule`, write local time without an offset, and its zone in `timezone`")
        if not next_windows(self.schedule, instant(self.schedule.start, self.timezone), 1):
            raise ValueError("`rrule`: this never happens; look at its days and months, and at UNTIL")

    @property
    def schedule(self) -> Schedule:
        """When the work is."""
        start = datetime.fromisoformat(self.start)
        if self.length is not None:
            length = round(self.length * MICROS)
        else:
            assert self.end is not None
            end = datetime.fromisoformat(self.end)
            length = instant(end, self.timezone) - instant(start, self.timezone)
        return Schedule(start, length, self.timezone, rules.read(self.rrule) if self.rrule else None)

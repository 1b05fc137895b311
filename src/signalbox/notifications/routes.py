"""What does a person write to decide who hears of what, and when? One class for YAML, API and importers."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from signalbox.durations import Duration
from signalbox.notifications.notices import Severity
from signalbox.slugs import PATTERN
from signalbox.zones import Zone

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MINUTE, _WEEK = 60.0, 7 * 86_400.0
_HOURS = re.compile(r"(?:(?P<days>[a-z,-]+)\s+)?(?P<start>\d{1,2}:\d{2})-(?P<end>\d{1,2}:\d{2})")
_EXAMPLE = 'write days and times such as "mon-fri 09:00-17:00", "sat,sun 00:00-24:00" or "22:00-06:00"'

Id = Annotated[str, Field(pattern=PATTERN)]


def parse_hours(text: str) -> tuple[frozenset[int], int, int]:
    """Days of the week (Monday is 0) on which the time begins, and its start and end in minutes of the day.

    An end at or before the start is one of the next day. ValueError with an example for anything else.
    """
    found = _HOURS.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(_EXAMPLE)
    start, end = _minutes(found["start"]), _minutes(found["end"])
    if start in (end, 1_440):
        raise ValueError(f"that is no time at all: {_EXAMPLE}")
    return _days(found["days"]), start, end


def _minutes(text: str) -> int:
    hours, minutes = (int(part) for part in text.split(":"))
    if minutes > 59 or hours * 60 + minutes > 1_440:
        raise ValueError(f"{text} is no time of day: {_EXAMPLE}")
    return hours * 60 + minutes


def _days(text: str | None) -> frozenset[int]:
    if text is None:
        return frozenset(range(7))
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last or first) not in _DAYS:
            raise ValueError(f'"{part}" is no day of the week: {_EXAMPLE}')
        day, final = _DAYS.index(first), _DAYS.index(last or first)
        found.update((day + ahead) % 7 for ahead in range((final - day) % 7 + 1))
    return frozenset(found)


def _readable(hours: str | None) -> str | None:
    if hours is not None:
        parse_hours(hours)
    return hours


def _within_a_week(seconds: float) -> float:
    if not 0 <= seconds <= _WEEK:
        raise ValueError("nobody waits longer than a week for a notice: write 0s to 7d")
    return seconds


def _seldom(seconds: float | None) -> float | None:
    if seconds is not None and not _MINUTE <= seconds <= _WEEK:
        raise ValueError("a reminder comes at most once a minute and at least once a week: write 1m to 7d")
    return seconds


Wait = Annotated[Duration, AfterValidator(_within_a_week)]


class Match(BaseModel):
    """Which notices a route is for. What is left out matches all; of what is given, each line must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tags: tuple[str, ...] = Field((), description="Monitors with one of these tags.")
    groups: tuple[str, ...] = Field((), description="Monitors of one of these groups.")
    monitors: tuple[Id, ...] = Field((), description="Ids of monitors.")
    severities: tuple[Severity, ...] = Field(
        (), description="How bad: down, degraded, or info, which is for operators."
    )
    hours: Annotated[str | None, AfterValidator(_readable)] = Field(
        None, description="Days and times of day, such as mon-fri 09:00-17:00; may go past midnight."
    )
    timezone: Zone = Field("UTC", description="IANA name of the zone that `hours` are meant in.")


class Step(BaseModel):
    """Who else hears of it when it lasts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: Wait = Field(description="Time from the first telling on.")
    to: tuple[Id, ...] = Field(min_length=1, description="Ids of channels.")


class RouteSpec(BaseModel):
    """Who hears of what, when, and how often."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=PATTERN, description="Short, lasting name. Default: made of its channels.")
    match: Match = Field(Match(), description="Which notices it is for; all, when left out.")
    to: tuple[Id, ...] = Field(min_length=1, description="Ids of the channels that are told.")
    delay: Wait = Field(0.0, description="Tell only what lasts that long.")
    steps: tuple[Step, ...] = Field((), description="Who else is told while nobody acknowledges and it lasts.")
    repeat: Annotated[Duration | None, AfterValidator(_seldom)] = Field(
        None, description="Tell again after each such time while it is down and nobody acknowledged."
    )
    stop: bool = Field(False, description="What matches here goes on to no later route.")
    was: str | None = Field(None, pattern=PATTERN, description="The id it had before.")
